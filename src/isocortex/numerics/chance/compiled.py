"""Threshold-free enhancement by union-find, compiled by numba where it is installed.

numba is imported when the kernels are first asked for. The functions below are plain Python,
and give the same numbers uncompiled.
"""

from collections.abc import Callable
from functools import cache

import numpy as np


@cache
def kernels() -> tuple[Callable, Callable] | None:
    """:func:`enhanced_map` and :func:`enhanced_most`, compiled; None without numba."""
    try:
        import numba
    except ImportError:
        return None
    try:
        compiled = numba.njit(cache=True, nogil=True)
        return compiled(enhanced_map), compiled(enhanced_most)
    except RuntimeError:  # There is no folder that could keep what is compiled.
        compiled = numba.njit(nogil=True)
        return compiled(enhanced_map), compiled(enhanced_most)


def enhanced_map(  # noqa: C901
    side: np.ndarray,
    level: np.ndarray,
    order: np.ndarray,
    starts: np.ndarray,
    near: np.ndarray,
    power: np.ndarray,
) -> np.ndarray:
    """The enhanced value of every point.

    Points are taken from the highest down. The root of a component holds what the component has
    gathered so far; a child holds its difference to its root, so that sums along a path are kept.

    Parameters
    ----------
    side : int8 array, shape (n_points,)
        Points of side 0 are left out; points of different sides are no neighbours.
    level : array, shape (n_points,)
        The height to the power H + 1, over H + 1.
    order : integer array
        Points with a side, from the highest down.
    starts, near : integer arrays
        ``indptr`` and ``indices`` of the neighbours.
    power : array, shape (n_points + 1,)
        Each size to the power E.

    Returns
    -------
    array, shape (n_points,)
    """
    n = len(side)
    parent = np.full(n, -1, dtype=np.int32)
    gathered = np.zeros(n)
    size = np.ones(n, dtype=np.int32)
    since = np.zeros(n)
    for k in range(len(order)):
        v = order[k]
        parent[v] = v
        since[v] = level[v]
        root = v
        for e in range(starts[v], starts[v + 1]):
            u = near[e]
            if parent[u] < 0 or side[u] != side[v]:
                continue
            # Compress the path, adding up what lies along it.
            top = u
            total = 0.0
            while parent[top] != top:
                total += gathered[top]
                top = parent[top]
            while parent[u] != top and u != top:
                up = parent[u]
                own = gathered[u]
                gathered[u] = total
                parent[u] = top
                total -= own
                u = up
            if top == root:
                continue
            gathered[top] += power[size[top]] * (since[top] - level[v])
            since[top] = level[v]
            small, large = (top, root) if size[top] <= size[root] else (root, top)
            parent[small] = large
            gathered[small] -= gathered[large]
            size[large] += size[small]
            since[large] = level[v]
            root = large
    enhanced = np.zeros(n)
    for k in range(len(order)):
        v = order[k]
        if parent[v] == v:
            gathered[v] += power[size[v]] * since[v]
    for k in range(len(order)):
        v = order[k]
        u = v
        while parent[u] != u:
            enhanced[v] += gathered[u]
            u = parent[u]
        enhanced[v] += gathered[u]
    return enhanced


def enhanced_most(
    side: np.ndarray,
    level: np.ndarray,
    order: np.ndarray,
    starts: np.ndarray,
    near: np.ndarray,
    power: np.ndarray,
) -> float:
    """The greatest enhanced value: of each component only its greatest so far is kept.

    Parameters
    ----------
    side, level, order, starts, near, power
        As in :func:`enhanced_map`.

    Returns
    -------
    float
    """
    n = len(side)
    most = 0.0
    parent = np.full(n, -1, dtype=np.int32)
    best = np.zeros(n)
    size = np.ones(n, dtype=np.int32)
    since = np.zeros(n)
    for k in range(len(order)):
        v = order[k]
        parent[v] = v
        since[v] = level[v]
        root = v
        for e in range(starts[v], starts[v + 1]):
            top = near[e]
            if parent[top] < 0 or side[top] != side[v]:
                continue
            while parent[top] != top:
                parent[top] = parent[parent[top]]
                top = parent[top]
            if top == root:
                continue
            gathered = best[top] + power[size[top]] * (since[top] - level[v])
            small, large = (top, root) if size[top] <= size[root] else (root, top)
            best[large] = max(gathered, best[root])
            parent[small] = large
            size[large] += size[small]
            since[large] = level[v]
            root = large
    for k in range(len(order)):
        v = order[k]
        if parent[v] == v:
            most = max(most, float(best[v] + power[size[v]] * since[v]))
    return most
