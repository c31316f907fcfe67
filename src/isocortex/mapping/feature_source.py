"""What the features look like from a fold: the Gram matrix, or the features themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from isocortex.arrays import as_numpy, column_blocks
from isocortex.data.gram import Gram
from isocortex.data.responses import Responses
from isocortex.errors import InputError
from isocortex.mapping.checked_folds import Fold
from isocortex.numerics.arrays.centre import without_mean
from isocortex.numerics.arrays.constant import is_rounding
from isocortex.numerics.arrays.gram import centre_on
from isocortex.numerics.arrays.products import Products, entry_size, entry_sizes
from isocortex.numerics.linear.small_folds import Part
from isocortex.store.grams import products_of

Sides = tuple[np.ndarray, np.ndarray, float]
"""Training and test stimuli, centred on the training stimuli, and the largest entry (of features,
the largest number) before, by whose rounding ranks are judged."""


@dataclass(frozen=True, eq=False)
class Source:
    """The features of one layer or region, and which of its rows each joint row is."""

    noun: Responses | Gram
    rows: np.ndarray
    """Shape (n_rows,): joint row to row of the noun; a row may come more than once."""

    @property
    def n_features(self) -> int:
        """The number of features, one for each column."""
        return self.noun.n_units

    @property
    def has_values(self) -> bool:
        """Whether the features themselves are there, not only their Gram."""
        return isinstance(self.noun, Responses)

    @cached_property
    def _products(self) -> Products:
        return products_of(self.noun)

    @property
    def gram(self) -> np.ndarray:
        """Inner products of the noun's rows less what they have in common, float64.

        Models see features less their training mean, so that this changes nothing but the
        digits that are left.

        Raises
        ------
        UndefinedError
            If the squares are beyond what floating-point numbers can hold.
        """
        known = self._products
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

    def read_once(self, solver: str, ddof: int | None) -> bool:
        """Read or compute what all folds share; whether none of them reads anything by itself."""
        if solver == "dual" and ddof is not None:
            return isinstance(_values_of(self.noun), np.ndarray)
        return (self._products if solver == "dual" else self._in_memory) is not None

    def forget(self) -> None:
        """Let go of what was read or computed, so that layers follow each other in memory."""
        for name in ("_products", "_in_memory"):
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

    def products(self, train: np.ndarray, test: np.ndarray, ddof: int | None) -> Sides:
        """Inner products, shapes (n_train, n_train) and (n_test, n_train).

        With ``ddof``, of features z-scored on the training stimuli.
        """
        if ddof is None:
            rows = self.rows[train]
            matrix, unit = self.gram, self._products.unit
            size = entry_size(self._products, rows) * unit * unit
            return *centre_on(matrix, rows, self.rows[test]), size
        # Z-scored columns do not follow from a Gram of raw ones: summed up by blocks of columns.
        within = np.zeros((len(train), len(train)))
        across = np.zeros((len(test), len(train)))
        both = np.concatenate([train, test])
        here, there = np.arange(len(train)), np.arange(len(train), len(both))
        for _, block in self.blocks(both):
            x, z, _ = _centred(block, here, there, ddof)
            within += x @ x.T
            across += z @ x.T
        return within, across, 0.0

    def together(self, folds: Sequence[Fold]) -> Part:
        """What :meth:`products` are made of for all folds at once, through the Gram matrix."""
        matrix, unit = self.gram, self._products.unit
        rows = [(self.rows[train], self.rows[test]) for train, test in folds]
        sizes = entry_sizes(self._products) * unit * unit
        return Part(matrix, rows, [float(sizes[train].max(initial=0.0)) for train, _ in rows])

    def features(self, train: np.ndarray, test: np.ndarray, ddof: int | None) -> Sides:
        """The features, shapes (n_train, n_features) and (n_test, n_features).

        With ``ddof``, z-scored on the training stimuli.
        """
        return _centred(self._in_memory, self.rows[train], self.rows[test], ddof)


@dataclass(frozen=True, eq=False)
class Bands:
    """Several layers side by side, each with a penalty of its own (a band)."""

    sources: Sequence[Source]

    @property
    def noun(self) -> Responses:
        """What carries the labels of all bands, joined."""
        labels: dict[str, Any] = {}
        for key in self.sources[0].noun.labels:
            values = [str(source.noun.labels.get(key, "")) for source in self.sources]
            labels[key] = " + ".join(dict.fromkeys(values))
        return Responses(np.empty((0, 0)), (), labels=labels)

    @property
    def n_features(self) -> int:
        """The number of columns of all bands."""
        return sum(source.n_features for source in self.sources)

    @property
    def has_values(self) -> bool:
        """Whether the features of all bands are there."""
        return all(source.has_values for source in self.sources)

    def check_values(self, who: str) -> None:
        """The features of all bands must be there.

        Raises
        ------
        InputError
        """
        for source in self.sources:
            source.check_values(who)

    def forget(self) -> None:
        """Let go of what was computed."""
        for source in self.sources:
            source.forget()


def _centred(values: np.ndarray, train: np.ndarray, test: np.ndarray, ddof: int | None) -> Sides:
    """Columns less their training mean, and by their deviation where that is asked for."""
    x, z = values[train], values[test]
    mean = x.mean(0)
    x, z = x - mean, z - mean
    # What is rounded is what columns share; of the rest, ranks know by themselves.
    largest = np.abs(mean)
    if ddof is not None:
        scale = _deviation(x, largest, ddof)
        x /= scale
        z /= scale
        largest = largest / scale
    return x, z, float(largest.max(initial=0.0))


def standard_deviation(x: np.ndarray, ddof: int) -> np.ndarray:
    """Of each column; 1 for a constant one, which has no scale (as in scikit-learn)."""
    return _deviation(without_mean(x), np.abs(x).max(0), ddof)


def _deviation(x: np.ndarray, largest: np.ndarray, ddof: int) -> np.ndarray:
    """The same of centred columns, given the largest numbers before."""
    n = len(x)
    variance = np.einsum("ij,ij->j", x, x) / n
    constant = is_rounding(np.sqrt(variance), largest)
    return np.where(constant, 1.0, np.sqrt(variance * n / max(n - ddof, 1)))


def _values_of(noun: Any) -> Any:
    if isinstance(noun, Gram):
        raise InputError(
            "features z-scored within each fold do not follow from a Gram: give the Responses."
        )
    return noun.values
