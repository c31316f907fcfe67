"""What a model sees of a fold: training and test stimuli of one layer, or of several as bands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.feature_source import Bands, Sides, Source, standard_deviation
from isocortex.mapping.folds import inner_folds
from isocortex.mapping.run_folds import SeriesRows
from isocortex.numerics.arrays.parallel import shared, side_by_side
from isocortex.numerics.arrays.reduction import n_components_of_share
from isocortex.numerics.linear import basis, small_folds
from isocortex.numerics.linear.basis import Basis


@dataclass(frozen=True, eq=False)
class View:
    """One layer as a model sees it, and one fold of it, as ``prepare`` gets it.

    Nothing is read until it is asked for.

    What comes from here is the same whether it was computed from the Gram matrix or from the
    features, and is always relative to the mean of the training stimuli, but for ``features``.
    """

    source: Source | Bands
    fold: Fold
    """Rows of training and of test stimuli; all and none, before folds are made."""
    solver: str
    """``"dual"``, ``"primal"`` or ``"plain"``."""
    ddof: int | None = None
    """Where features are z-scored on the training stimuli: the divisor is n_train - ddof."""
    groups: np.ndarray | None = None
    """Of the joint rows (runs, say), integers, for what is split inside the training stimuli."""
    whole: bool = False
    """Whether the outer folds keep groups whole."""
    name: str = "the model"
    """Of the model, for messages."""
    series: SeriesRows | None = None
    """Where joint rows are a series: their runs and places."""
    components: int | float | None = None
    """Where a model sees the first principal components alone: how many, or their share."""

    def on(self, train: np.ndarray, test: np.ndarray) -> "View":
        """Another fold of the same layer."""
        fold = (train, test)
        return View(
            self.source,
            fold,
            self.solver,
            self.ddof,
            self.groups,
            self.whole,
            self.name,
            self.series,
            self.components,
        )

    def read_once(self) -> bool:
        """Read what all folds share; whether none of them has then anything left to read."""
        return all(each.read_once(self.solver, self.ddof) for each in self.sources)

    @property
    def n_train(self) -> int:
        """The number of training stimuli."""
        return len(self.fold[0])

    @property
    def n_features(self) -> int:
        """The number of features, of all bands together."""
        return self.source.n_features

    @property
    def train_groups(self) -> np.ndarray | None:
        """The group (run) of each training stimulus, integers, or None."""
        return None if self.groups is None else self.groups[self.fold[0]]

    @cached_property
    def _seen(self) -> Sides:
        source: Any = self.source
        through = source.products if self.solver == "dual" else source.features
        return through(*self.fold, self.ddof)

    def _axes(self, n_axes: int | None = None) -> Basis:
        train, test, size = self._seen
        make = basis.from_centred if self.solver == "dual" else basis.from_features
        return make(train, test, n_axes, size)

    def _inner_axes(self, rows: np.ndarray, others: np.ndarray) -> Basis:
        """Of a part of the training stimuli, with the rest to test."""
        train, _, size = self._seen
        if self.solver == "dual":
            return basis.from_gram(train, rows, others, size=size)
        return basis.from_features(train[rows], train[others], size=size)

    def basis(self, n_components: int | float | None = None) -> Basis:
        """Principal axes of the training stimuli, and the test stimuli on them.

        Parameters
        ----------
        n_components : int or float, optional
            How many, or (between 0 and 1) the share of variance that they must hold; all that
            are not zero by default.
        """
        wanted = self.components if n_components is None else n_components
        if isinstance(wanted, float):
            whole = self._axes()
            return whole.first(n_components_of_share(whole.variances, wanted))
        return self._axes(wanted)

    def kernels(self) -> tuple[np.ndarray, np.ndarray]:
        """Inner products, shapes (n_train, n_train) and (n_test, n_train)."""
        train, test, _ = self._seen
        return (train, test) if self.solver == "dual" else (train @ train.T, test @ train.T)

    def features(self) -> tuple[np.ndarray, np.ndarray]:
        """The features as they are, shapes (n_train, n_features) and (n_test, n_features)."""
        source: Any = self.source
        train, test = self.fold
        return source.values(train), source.values(test)

    def bands(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Inner products (as ``kernels``) of each band; one band where there is one layer."""
        return [source.products(*self.fold, self.ddof)[:2] for source in self.sources]

    @property
    def sources(self) -> Sequence[Source]:
        """The layers that are seen together."""
        source: Any = self.source
        return getattr(source, "sources", (source,))

    def inner_folds(self, inner: Any) -> list[Fold]:
        """Folds of the training stimuli, by which something is chosen.

        Parameters
        ----------
        inner : int or scikit-learn splitter
            An int keeps groups whole where the outer folds do; of series it gives blocks of
            neighbouring rows, or whole runs.

        Raises
        ------
        InputError
            If they do not fit.
        """
        if self.series is not None and not hasattr(inner, "split"):
            return self.series.inner(int(inner), self.fold[0], self.whole)
        return inner_folds(inner, self.n_train, self.train_groups, self.whole)

    def inner_bases(self, inner: Any) -> Sequence[small_folds.InnerFold]:
        """Training rows, test rows and principal axes of each inner fold."""
        folds, (train, _, size) = self.inner_folds(inner), self._seen
        n, width = train.shape
        if self.solver == "dual" and n < small_folds.SMALL:
            return small_folds.from_gram(train, folds, size)
        found = shared(
            lambda fold: (*fold, self._inner_axes(*fold)),
            folds,
            bytes_each=8 * n * 5 * max(n, width),
            alone=not side_by_side(len(folds), n, width),
        )
        return list(found)

    def leading(self, components: int | float) -> "View":
        """The same through the first principal components alone."""
        return replace(self, components=components)

    def on_features(self, dual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weights on features from weights on training stimuli, and the mean of the features.

        Parameters
        ----------
        dual : array, shape (n_train, n_targets)

        Returns
        -------
        weights : array, shape (n_features, n_targets)
            In units of the features as they are given.
        mean : array, shape (n_features,)
        """
        source: Any = self.source
        weights = np.empty((self.n_features, dual.shape[1]))
        means = np.empty(self.n_features)
        for columns, x in source.blocks(self.fold[0]):
            mean = means[columns] = x.mean(0)
            weights[columns] = (x - mean).T @ dual
            if self.ddof is not None:
                # Once for the features that the Gram was made of, once back to raw units.
                weights[columns] /= standard_deviation(x, self.ddof)[:, None] ** 2
        return weights, means
