r"""Threshold-free cluster enhancement, exact.

.. math:: T(p) = \int_0^{h_p} e_p(h)^E \, h^H \, dh

with :math:`e_p(h)` the size of the component of points of height at least h that holds p. Between
two neighbouring heights components do not change, so the integral is a sum over the components
that hold p; no step is chosen.

References
----------
Smith & Nichols (2009), Threshold-free cluster enhancement, NeuroImage 44:83,
https://doi.org/10.1016/j.neuroimage.2008.03.061
"""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from isocortex.numerics.chance.compiled import kernels
from isocortex.numerics.chance.graph import Graph, sides
from isocortex.numerics.chance.sign_flips import LARGEST_T


def enhanced(t: np.ndarray, graph: Graph, extent: float, height: float, tail: int) -> np.ndarray:
    """The enhanced value of every point; below zero where t is.

    Parameters
    ----------
    t : array, shape (n_points,)
    graph : Graph
    extent, height : float
        The exponents E and H, both above or at 0.
    tail : {-1, 0, 1}
        Points on the other side are 0.

    Returns
    -------
    array, shape (n_points,)
    """
    side, level = _raised(t, height, tail)
    compiled = kernels()
    if compiled is None:
        return side * by_spanning_tree(side, level, graph, extent)
    return side * compiled[0](*_falling(side, level), *graph.rows, _power(graph.n, extent))


def largest_enhanced(
    t: np.ndarray, graph: Graph, extent: float, height: float, tail: int
) -> np.ndarray:
    """The greatest enhanced size of each row of t, shape (n_rows, n_points): (n_rows,)."""
    compiled = kernels()
    power, most = _power(graph.n, extent), np.zeros(len(t))
    for i, row in enumerate(t):
        side, level = _raised(row, height, tail)
        if compiled is None:
            most[i] = by_spanning_tree(side, level, graph, extent).max(initial=0.0)
        else:
            most[i] = compiled[1](*_falling(side, level), *graph.rows, power)
    return most


def by_spanning_tree(
    side: np.ndarray, level: np.ndarray, graph: Graph, extent: float
) -> np.ndarray:
    """The same by SciPy and scikit-learn: components merge along a maximum spanning tree.

    Parameters
    ----------
    side, level : array, shape (n_points,)
        As in :func:`isocortex.numerics.chance.compiled.enhanced_map`.
    graph : Graph
    extent : float

    Returns
    -------
    array, shape (n_points,)
        Not signed.
    """
    answer = np.zeros(graph.n)
    inside = np.flatnonzero(side)
    n = len(inside)
    if n < 2:
        answer[inside] = level[inside]
        return answer
    order = np.argsort(-level[inside], kind="stable")
    rank = np.empty(graph.n, dtype=np.int64)
    rank[inside[order]] = np.arange(n)
    merges, at = _merges(side, rank, graph, n)
    heights = np.concatenate([level[inside[order]], np.append(level[inside[order]], 0.0)[at]])
    sizes = np.concatenate([np.ones(n), merges[:, 3]])
    parent = np.arange(2 * n - 1)
    parent[merges[:, :2].astype(np.intp)] = np.arange(n, 2 * n - 1)[:, None]
    above = np.where(parent == np.arange(2 * n - 1), 0.0, heights[parent])
    answer[inside[order]] = _to_the_root(sizes**extent * (heights - above), parent)[:n]
    return answer


def _raised(t: np.ndarray, height: float, tail: int) -> tuple[np.ndarray, np.ndarray]:
    """The side of each point, and the integral of h ** H up to its height."""
    size = np.minimum(np.abs(t), LARGEST_T)
    return sides(t, 0.0, tail), size ** (height + 1) / (height + 1)


def _falling(side: np.ndarray, level: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    order = np.argsort(-level)
    return side, level, order[side[order] != 0].astype(np.int32)


def _power(n: int, extent: float) -> np.ndarray:
    return np.arange(n + 1, dtype=np.float64) ** extent


def _merges(
    side: np.ndarray, rank: np.ndarray, graph: Graph, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Which two components become one, and the rank of the point where they do; n for never."""
    # scikit-learn compiles the union-find of single linkage, but keeps its name private.
    from sklearn.cluster._hierarchical_fast import _single_linkage_label

    one, two = side[graph.first], side[graph.second]
    both = (one == two) & (one != 0)
    u, v = rank[graph.first[both]], rank[graph.second[both]]
    # Ranks are weights without rounding, and from 1, since 0 is no edge.
    links = sparse.coo_array((np.maximum(u, v) + 1.0, (u, v)), shape=(n, n)).tocsr()
    tree = minimum_spanning_tree(links).tocoo()
    _, which = connected_components(tree, directed=False)
    apart = np.unique(which, return_index=True)[1]
    first = np.concatenate([tree.row, apart[:-1]])
    second = np.concatenate([tree.col, apart[1:]])
    weight = np.concatenate([tree.data, np.full(len(apart) - 1, n + 1.0)])
    rising = np.argsort(weight, kind="stable")
    edges = np.column_stack([first, second, weight]).astype(np.float64)[rising]
    return _single_linkage_label(edges), edges[:, 2].astype(np.intp) - 1


def _to_the_root(own: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """Sums from each node up to its root, by doubling the steps."""
    total = np.where(parent == np.arange(len(parent)), 0.0, own)
    roots = own - total
    while True:
        further = parent[parent]
        total = total + np.where(parent == np.arange(len(parent)), 0.0, total[parent])
        if (further == parent).all():
            return total + np.where(roots != 0, roots, roots[parent])
        parent = further
