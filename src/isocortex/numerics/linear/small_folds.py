"""Axes of many small folds at once, and the losses of every penalty on them.

A factorization of twenty stimuli takes less time than the calls around it: folds of one size
stand in one stack, for which each step is one call. The numbers are those of the folds one by one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from isocortex.numerics.arrays.rank import least_variance
from isocortex.numerics.linear.basis import Basis

Rows = tuple[np.ndarray, np.ndarray]
"""Of training and held-out stimuli."""
InnerFold = tuple[np.ndarray, np.ndarray, Basis]
"""Training and held-out rows, and the axes of that training set."""
SMALL = 64
"""Stimuli below which calls cost more than a factorization, which has one thread in any case."""
_TOGETHER = 2**17
"""Values of the matrices that are factorized at once (1 MB)."""
_LOSSES = 2**20
"""Values of the predictions that stand side by side at most (8 MB)."""
_TARGETS = 512
"""Targets above which the calls around a fold are nothing."""


@dataclass(frozen=True, eq=False)
class Stack:
    """Folds of one size and one rank."""

    places: np.ndarray
    """Shape (n_folds,): which folds they are."""
    rows: np.ndarray
    """Shape (n_folds, n_train)."""
    others: np.ndarray
    """Shape (n_folds, n_test)."""
    axes: Basis
    """Shapes (n_folds, n_axes), (n_folds, n_train, n_axes) and (n_folds, n_test, n_axes)."""

    def some(self, of: slice, first: int) -> "Stack":
        """Some of them; their places from ``first`` on."""
        axes = (each[of] for each in (self.axes.variances, self.axes.train, self.axes.test))
        return Stack(self.places[of] - first, self.rows[of], self.others[of], Basis(*axes))

    def losses(self, y: np.ndarray, alphas: np.ndarray) -> np.ndarray:
        """Mean squared error of held-out stimuli, shape (n_folds, n_alphas, n_targets)."""
        inside, variances = y[self.rows], self.axes.variances
        mean = inside.sum(1, keepdims=True) / inside.shape[1]
        projected = self.axes.train.transpose(0, 2, 1) @ (inside - mean)
        filters = np.sqrt(variances)[:, None] / (variances[:, None] + alphas[:, None])
        # A row for each penalty and held-out stimulus: (n_folds, n_alphas, n_test, n_axes).
        smoothers = filters[:, :, None] * self.axes.test[:, None]
        n_folds, n_alphas, n_test, n_axes = smoothers.shape
        wrong = smoothers.reshape(n_folds, n_alphas * n_test, n_axes) @ projected
        wrong = wrong.reshape(n_folds, n_alphas, n_test, -1)
        wrong -= (y[self.others] - mean)[:, None]
        return np.einsum("faet,faet->fat", wrong, wrong) / n_test


@dataclass(frozen=True, eq=False)
class SmallFolds(Sequence[InnerFold]):
    """Folds of few stimuli with their axes, as stacks; each can be had by itself."""

    stacks: Sequence[Stack]

    def __len__(self) -> int:
        return sum(len(stack.places) for stack in self.stacks)

    def __getitem__(self, place: Any) -> Any:
        return self._alone[place]

    @cached_property
    def _alone(self) -> list[InnerFold]:
        found: dict[int, InnerFold] = {}
        for stack in self.stacks:
            axes = (stack.axes.variances, stack.axes.train, stack.axes.test)
            for i, place in enumerate(stack.places):
                found[int(place)] = stack.rows[i], stack.others[i], Basis(*(a[i] for a in axes))
        return [found[place] for place in range(len(found))]

    def at_once(self, n_targets: int, n_alphas: int) -> bool:
        """Whether so many predictions are so few that their losses take one call a stack."""
        most = max((stack.others.size for stack in self.stacks), default=0)
        return n_targets <= _TARGETS and most * n_alphas * n_targets <= _LOSSES


@dataclass(frozen=True, eq=False)
class Part:
    """A Gram matrix that is not centred, and its folds."""

    matrix: np.ndarray
    """Shape (n_stimuli, n_stimuli)."""
    folds: Sequence[Rows]
    size: float | Sequence[float] = 0.0
    """Of the matrix from which this one was made by centring, if it is larger; of each fold, or
    of all."""


@dataclass(frozen=True, eq=False)
class Centred:
    """Folds of one size, of one matrix or of several, centred on their training stimuli."""

    places: np.ndarray
    """Shape (n_folds,): which folds they are, counted through all matrices; rising."""
    rows: np.ndarray
    others: np.ndarray
    within: np.ndarray
    """Shape (n_folds, n_train, n_train)."""
    across: np.ndarray
    """Shape (n_folds, n_test, n_train)."""
    sizes: np.ndarray
    """Shape (n_folds,): the largest entry before centring, whose rounding is in what is left."""

    def stacks(self) -> Iterator[Stack]:
        """Their axes, those of each rank together."""
        variances, train = np.linalg.eigh(np.asarray_chkfinite(self.within))
        # Largest first, which with their axes are at most one fewer than stimuli.
        n = self.rows.shape[1]
        variances, train = variances[:, ::-1], train[:, :, ::-1]
        least = [least_variance(v[0], n, k) for v, k in zip(variances, self.sizes, strict=True)]
        ranks = np.minimum((variances > np.array(least)[:, None]).sum(1), max(n - 1, 0))
        for rank in sorted(set(ranks.tolist())):
            of_rank = slice(None) if (ranks == rank).all() else np.flatnonzero(ranks == rank)
            axes = variances[of_rank, :rank], train[of_rank, :, :rank]
            test = self.across[of_rank] @ axes[1] / np.sqrt(axes[0])[:, None]
            folds = self.places[of_rank], self.rows[of_rank], self.others[of_rank]
            yield Stack(*folds, Basis(*axes, test))


def one_by_one(stacks: Sequence[Centred]) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """Both matrices of each fold, and their size before centring."""
    found = {}
    for stack in stacks:
        for place, *sides, size in zip(
            stack.places.tolist(), stack.within, stack.across, stack.sizes.tolist(), strict=True
        ):
            found[place] = (*sides, size)
    return [found[place] for place in range(len(found))]


def from_gram(matrix: np.ndarray, folds: Sequence[Rows], size: float = 0.0) -> SmallFolds:
    """Axes of each fold, as :func:`isocortex.numerics.linear.basis.from_gram` has them.

    Parameters
    ----------
    matrix : array, shape (n_stimuli, n_stimuli)
        Inner products, not centred.
    folds : sequence of (train, test)
        Rows.
    size : float, default=0
        Of the matrix from which this one was made by centring, if it is larger.
    """
    return from_grams([Part(matrix, folds, size)])[0]


def from_grams(parts: Sequence[Part]) -> list[SmallFolds]:
    """The same of several matrices, folds of one size together whichever they are of."""
    counts = [len(part.folds) for part in parts]
    owners, first = np.repeat(np.arange(len(parts)), counts), np.cumsum([0, *counts])
    found: list[list[Stack]] = [[] for _ in parts]
    for stack in (stack for some in centred(parts) for stack in some.stacks()):
        of_part = owners[stack.places]
        for owner in sorted(set(of_part.tolist())):
            of = slice(*np.searchsorted(of_part, [owner, owner + 1]))
            found[owner].append(stack.some(of, int(first[owner])))
    return [SmallFolds(stacks) for stacks in found]


def centred(parts: Sequence[Part]) -> Iterator[Centred]:
    """Folds in stacks of one size, centred on their training stimuli."""
    folds = [fold for part in parts for fold in part.folds]
    counts = [len(part.folds) for part in parts]
    # All matrices one after the other: an entry is where its matrix begins and its row does.
    entries = np.concatenate([part.matrix.ravel() for part in parts])
    begin = np.cumsum([0, *(part.matrix.size for part in parts)])[:-1].repeat(counts)
    width = np.repeat([len(part.matrix) for part in parts], counts)
    size = np.concatenate([np.broadcast_to(part.size, len(part.folds)) for part in parts])
    for places in _of_one_size(folds):
        rows, others = (np.array([folds[i][side] for i in places]) for side in (0, 1))
        across = begin[places, None] + others * width[places, None]
        within = begin[places, None] + rows * width[places, None]
        sizes = np.maximum(size[places], entries[within + rows].max(1, initial=0.0))
        sides = (entries[each[:, :, None] + rows[:, None]] for each in (within, across))
        yield Centred(places, rows, others, *_centred_in_place(*sides), sizes)


def _of_one_size(folds: Sequence[Rows]) -> Iterator[np.ndarray]:
    """Places of folds that have as many rows, as many as are factorized at once."""
    known: dict[tuple[int, int], list[int]] = {}
    for place, (train, test) in enumerate(folds):
        known.setdefault((len(train), len(test)), []).append(place)
    for (n, _), places in known.items():
        step = max(1, _TOGETHER // max(1, n * n))
        yield from (np.array(places[at : at + step]) for at in range(0, len(places), step))


def _centred_in_place(within: np.ndarray, across: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """:func:`isocortex.numerics.arrays.gram.centre_on` of each fold, in the same steps."""
    n = within.shape[1]
    mean = within.sum(2) / n
    common = mean[:, None] - (mean.sum(1) / n)[:, None, None]
    within -= mean[:, :, None]
    within -= common
    left = within.sum(2) / n
    largest = within.diagonal(axis1=1, axis2=2).max(1, initial=0.0)
    rounded = np.abs(left).max(1, initial=0.0) > np.finfo(np.float64).eps * largest
    if rounded.any():
        left[~rounded] = 0.0
        within -= left[:, :, None]
        within -= left[:, None]
    across -= (across.sum(2) / n)[:, :, None]
    across -= common
    return within, across
