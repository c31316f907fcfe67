"""Pairs of values that two rows order alike, less those they order differently.

Kendall's taus are this count over its largest value. The compiled loop goes through one row from
its least value up, and looks for each value how many of those before it are larger in the other
row; two tables of about the root of the number of values each hold these counts.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

_WORTH_COMPILING = 2**22
"""So many values must there be to compare before numba is imported for it."""


def worth_compiling(n_values: int) -> bool:
    """Whether so many values are compared faster by :func:`taus`, and numba is there."""
    return n_values >= _WORTH_COMPILING and compiled() is not None


def taus(first: np.ndarray, second: np.ndarray, places: np.ndarray, corrected: bool) -> np.ndarray:
    """Kendall's taus of first rows, rearranged, with second rows, by the compiled loop.

    Parameters
    ----------
    first, second : array, shape (n_first, n_values), (n_second, n_values)
    places : integer array, shape (n_orders, n_values)
        Where the values of each rearranged first row are taken from.
    corrected : bool
        For ties (tau-b), of rows that are not constant; else tau-a.

    Returns
    -------
    array, shape (n_orders, n_first, n_second)
    """
    loop = compiled() or concordance
    a, b = dense_ranks(first), dense_ranks(second)
    order = np.argsort(b, 1, kind="stable").astype(np.int32)
    n_pairs = first.shape[1] * (first.shape[1] - 1) // 2
    found = loop(a, b, order, np.ascontiguousarray(places, dtype=np.int32))
    if not corrected:
        return found / n_pairs
    return found / np.sqrt(np.outer(n_pairs - tied_pairs(a), n_pairs - tied_pairs(b)))


def dense_ranks(rows: np.ndarray) -> np.ndarray:
    """The place of each value among the distinct values of its row, from 0."""
    order = np.argsort(rows, 1, kind="stable")
    values = np.take_along_axis(rows, order, 1)
    steps = np.zeros(rows.shape, dtype=np.int32)
    np.cumsum(values[:, 1:] != values[:, :-1], axis=1, out=steps[:, 1:])
    ranks = np.empty(rows.shape, dtype=np.int32)
    np.put_along_axis(ranks, order, steps, 1)
    return ranks


def tied_pairs(ranks: np.ndarray) -> np.ndarray:
    """How many pairs of values of each row are equal, shape (n_rows,)."""
    counts = [np.bincount(row).astype(np.int64) for row in ranks]
    return np.array([(each * (each - 1) // 2).sum() for each in counts], dtype=np.int64)


@cache
def compiled() -> Callable[..., np.ndarray] | None:
    """:func:`concordance`, compiled; None without numba (the extra ``fast``)."""
    try:
        from numba import njit
    except ImportError:
        return None
    return njit(concordance, nogil=True)


def concordance(  # noqa: C901
    first: np.ndarray, second: np.ndarray, order: np.ndarray, places: np.ndarray
) -> np.ndarray:
    """Concordant less discordant pairs of values, of every row with every other.

    Parameters
    ----------
    first : int32 array, shape (n_first, n_values)
        Dense ranks.
    second, order : integer arrays, shape (n_second, n_values)
        Dense ranks, and the order that sorts each row.
    places : integer array, shape (n_orders, n_values)
        Where the values of each rearranged first row are taken from.

    Returns
    -------
    integer array, shape (n_orders, n_first, n_second)
        Pairs that either row ties are neither.
    """
    n = first.shape[1]
    width = 1
    while width * width < n:
        width *= 2
    below = np.zeros((width, width), dtype=np.int32)
    for low in range(width):
        below[low, :low] = 1
    found = np.zeros((len(places), len(first), len(second)), dtype=np.int64)
    # How many values so far are in higher blocks, higher in their block, and equal.
    blocks = np.zeros(width, dtype=np.int32)
    within = np.zeros((width, width), dtype=np.int32)
    equal = np.zeros(n, dtype=np.int32)
    for p in range(len(places)):
        for a in range(len(first)):
            for b in range(len(second)):
                blocks[:] = 0
                within[:] = 0
                equal[:] = 0
                total, start = 0, 0
                while start < n:
                    level = second[b, order[b, start]]
                    end = start
                    # Values that the second row ties are looked up before any of them counts.
                    while end < n and second[b, order[b, end]] == level:
                        value = first[a, places[p, order[b, end]]]
                        high, low = value // width, value % width
                        larger = blocks[high] + within[high, low]
                        total += start - equal[value] - 2 * larger
                        end += 1
                    for k in range(start, end):
                        value = first[a, places[p, order[b, k]]]
                        high, low = value // width, value % width
                        for each in range(width):
                            blocks[each] += below[high, each]
                        for each in range(width):
                            within[high, each] += below[low, each]
                        equal[value] += 1
                    start = end
                found[p, a, b] = total
    return found
