"""Points and which of them are neighbours, and the clusters of those beyond a threshold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True, eq=False)
class Graph:
    """Points that are neighbours or not; each pair once, the lower point first."""

    n: int
    first: np.ndarray
    second: np.ndarray

    @cached_property
    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Neighbours of every point, as the ``indptr`` and ``indices`` of a CSR matrix."""
        # A CSR matrix holds every edge from both its ends.
        ends = np.concatenate([self.first, self.second]), np.concatenate([self.second, self.first])
        ones = np.ones(2 * len(self.first), dtype=np.int8)
        matrix = sparse.csr_array((ones, ends), shape=(self.n, self.n))
        return matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32)

    def take(self, keep: np.ndarray) -> "Graph":
        """The part of some points, a boolean for each, in their order."""
        both = keep[self.first] & keep[self.second]
        place = np.cumsum(keep) - 1
        return Graph(int(keep.sum()), place[self.first[both]], place[self.second[both]])


def graph_of(adjacency: Any) -> Graph:
    """The graph of a symmetric sparse matrix; its diagonal tells nothing."""
    upper = sparse.coo_array(sparse.triu(adjacency, 1))
    there = upper.data != 0
    return Graph(adjacency.shape[0], upper.row[there], upper.col[there])


def with_chains(graph: Graph, lengths: Sequence[int]) -> Graph:
    """Every point at every time: neighbours in space at one time, and one point at two times.

    Parameters
    ----------
    graph : Graph
        Over units; one unit without neighbours for a time course alone.
    lengths : sequence of int
        How many times there are along each axis of time.

    Returns
    -------
    Graph
        Over points in C order of (unit, time, ...).
    """
    for length in lengths:
        # A point at a time has the number point * length + time.
        times = np.arange(length)
        points = np.arange(graph.n)[:, None] * length + times
        first = [(graph.first[:, None] * length + times).ravel(), points[:, :-1].ravel()]
        second = [(graph.second[:, None] * length + times).ravel(), points[:, 1:].ravel()]
        graph = Graph(graph.n * length, np.concatenate(first), np.concatenate(second))
    return graph


def sides(t: np.ndarray, threshold: float, tail: int) -> np.ndarray:
    """1 above the threshold, -1 below its negative, else 0: int8 of the shape of ``t``."""
    found = np.zeros(t.shape, dtype=np.int8)
    if tail >= 0:
        found[t > threshold] = 1
    if tail <= 0:
        found[t < -threshold] = -1
    return found


def clusters_of(side: np.ndarray, graph: Graph) -> tuple[np.ndarray, int]:
    """Neighbouring points on the same side, those above first.

    Parameters
    ----------
    side : integer array, shape (n_rows, n_points)
        Of -1, 0 and 1; points of different rows are no neighbours.
    graph : Graph

    Returns
    -------
    which : integer array, shape (n_inside,)
        The cluster, from 0, of each point that is not 0, in C order.
    n_clusters : int
    """
    # Only points inside clusters are numbered, mostly few of them.
    flat = side.ravel()
    inside = np.flatnonzero(flat)
    one, two = side[:, graph.first], side[:, graph.second]
    row, edge = np.nonzero((one == two) & (one != 0))
    place = np.empty(flat.size, dtype=np.int32)
    place[inside] = np.arange(len(inside), dtype=np.int32)
    ends = [place[row * graph.n + end[edge]] for end in (graph.first, graph.second)]
    shape = (len(inside), len(inside))
    links = sparse.coo_array((np.ones(len(edge), dtype=np.int8), tuple(ends)), shape=shape)
    n, which = connected_components(links.tocsr(), directed=False)
    return which, int(n)


SUMMED: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "mass": lambda size, _threshold: size,
    "excess": lambda size, threshold: size - threshold,
    "size": lambda size, _threshold: np.ones_like(size),
}
"""What a cluster adds up over its points, of the size of t: each of one point."""


def largest_sum(
    t: np.ndarray, graph: Graph, threshold: float, tail: int, statistic: str
) -> np.ndarray:
    """The greatest cluster statistic of each row.

    Parameters
    ----------
    t : array, shape (n_rows, n_points)
    graph : Graph
    threshold : float
        Above 0.
    tail : {-1, 0, 1}
    statistic : {"mass", "excess", "size"}

    Returns
    -------
    array, shape (n_rows,)
        Zero where no point is beyond the threshold.
    """
    most = np.zeros(len(t))
    side = sides(t, threshold, tail)
    which, n = clusters_of(side, graph)
    row, point = np.nonzero(side)
    if n:
        values = SUMMED[statistic](np.abs(t[row, point]), threshold)
        owner = np.empty(n, dtype=np.intp)
        owner[which] = row
        np.maximum.at(most, owner, np.bincount(which, weights=values, minlength=n))
    return most
