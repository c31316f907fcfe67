"""What the features look like from a fold: the Gram matrix, or the features themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from isocortex.arrays import as_numpy, column_blocks
from isocortex.data.gram import Gram
from isocortex.data.responses import Responses
from isocortex.errors import InputError
from isocortex.numerics import basis
from isocortex.numerics.basis import Basis
from isocortex.numerics.gram import center_on
from isocortex.store.grams import gram


@dataclass(frozen=True, eq=False)
class GramView:
    """Training and test stimuli by their inner products, centred on the training stimuli."""

    within: np.ndarray
    """Shape (n_train, n_train)."""
    across: np.ndarray
    """Shape (n_test, n_train)."""
    size: float = 0.0
    """The largest entry before centring, by which ranks are judged."""

    def basis(self, n_axes: int | None = None) -> Basis:
        """The principal axes of the training stimuli."""
        return basis.from_centred(self.within, self.across, n_axes, self.size)

    def inner(self, train: np.ndarray, test: np.ndarray) -> Basis:
        """The axes of a part of the training stimuli, for the choice of a penalty."""
        return basis.from_gram(self.within, train, test, size=self.size)

    def kernels(self) -> tuple[np.ndarray, np.ndarray]:
        """The Gram of the training stimuli, and of test with training stimuli."""
        return self.within, self.across


@dataclass(frozen=True, eq=False)
class FeatureView:
    """Training and test stimuli by their features, centred on the training stimuli."""

    train: np.ndarray
    """Shape (n_train, n_features)."""
    test: np.ndarray
    """Shape (n_test, n_features)."""

    def basis(self, n_axes: int | None = None) -> Basis:
        """The principal axes of the training stimuli."""
        return basis.from_features(self.train, self.test, n_axes)

    def inner(self, train: np.ndarray, test: np.ndarray) -> Basis:
        """The axes of a part of the training stimuli, for the choice of a penalty."""
        return basis.from_features(self.train[train], self.train[test])

    def kernels(self) -> tuple[np.ndarray, np.ndarray]:
        """The Gram of the training stimuli, and of test with training stimuli."""
        return self.train @ self.train.T, self.test @ self.train.T


View = GramView | FeatureView


@dataclass(frozen=True, eq=False)
class Source:
    """The features of one layer or region, and which of its rows each joint row is."""

    noun: Responses | Gram
    rows: np.ndarray
    """Shape (n_rows,): joint row to row of the noun; a row may come more than once."""

    @property
    def n_features(self) -> int:
        """The number of columns."""
        return self.noun.n_units

    @property
    def has_values(self) -> bool:
        """Whether the features themselves are there, not only their Gram."""
        return isinstance(self.noun, Responses)

    @cached_property
    def gram(self) -> np.ndarray:
        """Inner products of the noun's rows less what they have in common, float64.

        Models see features less their training mean, so that this changes nothing but the
        digits that are left.

        Raises
        ------
        UndefinedError
            If the squares are beyond what floating-point numbers can hold.
        """
        known = gram(self.noun).products
        return known.in_own_unit(known.shifted, "inner products")

    def check_values(self, who: str) -> None:
        """The features themselves must be there.

        Raises
        ------
        InputError
        """
        if not self.has_values:
            raise InputError(
                f"{who} needs the features themselves (weights and predictions of new stimuli do "
                "not follow from inner products), but only their Gram was given. Give the "
                "Responses."
            )

    def forget(self) -> None:
        """Let go of what was read or computed, so that layers follow each other in memory."""
        for name in ("gram", "_in_memory"):
            self.__dict__.pop(name, None)

    def values(self, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Features of joint rows in memory, float64."""
        return self._in_memory[self.rows[rows]]

    @cached_property
    def _in_memory(self) -> np.ndarray:
        if isinstance(self.noun, Gram):
            raise InputError("the features themselves are needed, but only their Gram was given.")
        values = self.noun.values
        whole = values if isinstance(values, np.ndarray) else values[:]
        return as_numpy(whole).astype(np.float64, copy=False)

    def blocks(self, rows: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
        """Columns of joint rows in float64, a block at a time."""
        for columns, block in column_blocks(_values_of(self.noun)):
            yield columns, as_numpy(block).astype(np.float64, copy=False)[self.rows[rows]]

    def gram_view(self, train: np.ndarray, test: np.ndarray, ddof: int | None) -> GramView:
        """Through inner products; with ``ddof``, of features z-scored on the training stimuli."""
        if ddof is None:
            rows = self.rows[train]
            size = float(self.gram.diagonal()[rows].max(initial=0.0))
            return GramView(*center_on(self.gram, rows, self.rows[test]), size)
        within = np.zeros((len(train), len(train)))
        across = np.zeros((len(test), len(train)))
        both = np.concatenate([train, test])
        here, there = np.arange(len(train)), np.arange(len(train), len(both))
        for _, block in self.blocks(both):
            x, z = _centred(block, here, there, ddof)
            within += x @ x.T
            across += z @ x.T
        return GramView(within, across)

    def feature_view(self, train: np.ndarray, test: np.ndarray, ddof: int | None) -> FeatureView:
        """Through the features; with ``ddof``, z-scored on the training stimuli."""
        whole = self._in_memory
        return FeatureView(*_centred(whole, self.rows[train], self.rows[test], ddof))


def standard_deviation(x: np.ndarray, ddof: int) -> np.ndarray:
    """Of each column; 1 for a constant one, which has no scale (as in scikit-learn)."""
    n, mean = len(x), x.mean(0)
    variance = x.var(0, ddof=0)
    eps = np.finfo(float).eps
    constant = variance <= n * eps * variance + (n * mean * eps) ** 2
    return np.where(constant, 1.0, np.sqrt(variance * n / max(n - ddof, 1)))


def _centred(
    values: np.ndarray, train: np.ndarray, test: np.ndarray, ddof: int | None
) -> tuple[np.ndarray, np.ndarray]:
    x, z = values[train], values[test]
    mean = x.mean(0)
    if ddof is None:
        return x - mean, z - mean
    scale = standard_deviation(x, ddof)
    return (x - mean) / scale, (z - mean) / scale


def _values_of(noun: Any) -> Any:
    if isinstance(noun, Gram):
        raise InputError(
            "features z-scored within each fold do not follow from a Gram: give the Responses."
        )
    return noun.values
