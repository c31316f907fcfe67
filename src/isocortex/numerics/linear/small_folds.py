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


def from_gram(
    matrix: np.ndarray, folds: Sequence[tuple[np.ndarray, np.ndarray]], size: float = 0.0
) -> SmallFolds:
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
    diagonal = matrix.diagonal()
    stacks: list[Stack] = []
    for places in _of_one_size(folds):
        rows, others = (np.stack([folds[i][side] for i in places]) for side in (0, 1))
        within, across = _centred_on(matrix, rows, others)
        sizes = np.maximum(size, diagonal[rows].max(1, initial=0.0))
        variances, train = np.linalg.eigh(np.asarray_chkfinite(within))
        # Largest first, which with their axes are at most one fewer than stimuli.
        n = rows.shape[1]
        variances, train = variances[:, ::-1], train[:, :, ::-1]
        least = [least_variance(v[0], n, k) for v, k in zip(variances, sizes, strict=True)]
        ranks = np.minimum((variances > np.array(least)[:, None]).sum(1), max(n - 1, 0))
        for rank in sorted(set(ranks.tolist())):
            of_rank = slice(None) if (ranks == rank).all() else np.flatnonzero(ranks == rank)
            axes = variances[of_rank, :rank], train[of_rank, :, :rank]
            test = across[of_rank] @ axes[1] / np.sqrt(axes[0])[:, None]
            kept = Basis(*axes, test)
            stacks.append(Stack(places[of_rank], rows[of_rank], others[of_rank], kept))
    return SmallFolds(stacks)


def _of_one_size(folds: Sequence[tuple[np.ndarray, np.ndarray]]) -> Iterator[np.ndarray]:
    """Places of folds that have as many rows, as many as are factorized at once."""
    known: dict[tuple[int, int], list[int]] = {}
    for place, (train, test) in enumerate(folds):
        known.setdefault((len(train), len(test)), []).append(place)
    for (n, _), places in known.items():
        step = max(1, _TOGETHER // max(1, n * n))
        yield from (np.array(places[at : at + step]) for at in range(0, len(places), step))


def _centred_on(
    matrix: np.ndarray, rows: np.ndarray, others: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """:func:`isocortex.numerics.arrays.gram.centre_on` of each fold, in the same steps."""
    within = matrix[rows[:, :, None], rows[:, None]]
    across = matrix[others[:, :, None], rows[:, None]]
    n = rows.shape[1]
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
