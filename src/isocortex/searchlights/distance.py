"""Which points lie within a distance, or nearest: compressed rows of positions.

Distances that are equal but for the rounding of a few operations are equal here: a point at the
radius itself is inside, and of points equally far the first in the table comes first.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy.spatial import KDTree

EQUAL = 1e-9
"""The relative difference below which two distances are the same."""

_AT_ONCE = 4096

Rows = tuple[np.ndarray, np.ndarray]
"""``indptr`` and ``indices``."""


def within(points: np.ndarray, radius: float, groups: np.ndarray | None = None) -> Rows:
    r"""All points at most ``radius`` away from each, :math:`\|x - y\| \le r (1 + 10^{-9})`.

    Parameters
    ----------
    points : array, shape (n, n_dimensions)
    radius : float
    groups : integer array, shape (n,), optional
        Points of other groups are infinitely far.
    """

    def found(tree: KDTree, some: np.ndarray) -> Iterator[np.ndarray]:
        for near in tree.query_ball_point(some, radius * (1 + EQUAL)):
            yield np.array(near, dtype=np.int64)

    return _by_group(points, groups, found)


def nearest(points: np.ndarray, n: int, groups: np.ndarray | None = None) -> Rows:
    """The ``n`` points nearest to each, itself among them; see :func:`within`."""

    def found(tree: KDTree, some: np.ndarray) -> Iterator[np.ndarray]:
        away: Any = tree.query(some, n)[0]
        farthest = away[:, -1]
        # All that are as far as the farthest: a tree breaks ties by how it was built.
        near = tree.query_ball_point(some, farthest * (1 + EQUAL))
        for point, each in zip(some, near, strict=True):
            each = np.sort(np.array(each, dtype=np.int64))
            away = np.linalg.norm(tree.data[each] - point, axis=1)
            yield each[first_of(away, n)]

    return _by_group(points, groups, found)


def first_of(distances: np.ndarray, n: int) -> np.ndarray:
    """Positions of the ``n`` smallest; of equal ones (relative 1e-9) those that come first."""
    if len(distances) <= n:
        return np.arange(len(distances))
    limit = np.partition(distances, n - 1)[n - 1]
    surely = distances < limit * (1 - EQUAL)
    tied = np.nonzero(~surely & (distances <= limit * (1 + EQUAL)))[0]
    return np.sort(np.concatenate([np.nonzero(surely)[0], tied[: n - int(surely.sum())]]))


def as_rows(parts: list[np.ndarray]) -> Rows:
    """Compressed rows of lists of positions, ascending in each."""
    counts = np.array([len(part) for part in parts], dtype=np.int64)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    indices = np.empty(int(indptr[-1]), dtype=np.int32)
    for start, part in zip(indptr[:-1], parts, strict=True):
        indices[start : start + len(part)] = np.sort(part)
    # 32 bits where they suffice halve the largest table of a searchlight.
    kind = np.int32 if indptr[-1] < np.iinfo(np.int32).max else np.int64
    return indptr.astype(kind), indices


def _by_group(
    points: np.ndarray,
    groups: np.ndarray | None,
    found: Callable[[KDTree, np.ndarray], Iterator[np.ndarray]],
) -> Rows:
    groups = np.zeros(len(points), dtype=int) if groups is None else groups
    parts: list[np.ndarray] = [np.empty(0, dtype=np.int32)] * len(points)
    for group in np.unique(groups):
        own = np.nonzero(groups == group)[0]
        tree = KDTree(points[own])
        # In blocks, since the tree answers with lists of Python integers.
        for start in range(0, len(own), _AT_ONCE):
            some = own[start : start + _AT_ONCE]
            for centre, near in zip(some, found(tree, points[some]), strict=True):
                parts[centre] = own[near].astype(np.int32)
    return as_rows(parts)
