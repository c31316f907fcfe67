"""Sums over ranks without a sort of pairs, compiled by numba where it is installed.

numba is imported when the kernel is first asked for. The function below is plain Python, and
gives the same numbers uncompiled.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

LARGEST = 1e37
"""Numbers beyond it, whose single-precision roundings may be infinite, are for another way."""


@cache
def kernel() -> Callable | None:
    """:func:`ranked_sums`, compiled; None without numba."""
    try:
        import numba
    except ImportError:
        return None
    return numba.njit(cache=True, nogil=True)(ranked_sums)


def ranked_sums(  # noqa: C901
    d: np.ndarray, bits: np.ndarray, single: np.ndarray, models: np.ndarray, low: int
) -> tuple[np.ndarray, np.ndarray]:
    """For each row and model the sum of place times model value, places from 0.

    Three stable passes over eleven bits each order the rows by their roundings to single precision,
    which never reverses two numbers; one pass of insertions over what is nearly in order then
    puts right those that share a rounding.

    Parameters
    ----------
    d : array, shape (n_rows, n_values)
        float64, at most 1e37 in size, without -0.0.
    bits : int64 array
        The same, as integers.
    single : uint32 array
        The bits of its roundings to float32.
    models : array, shape (n_models, n_values)
    low : int
        How many of the lowest bits two numbers may differ in to count as tied.

    Returns
    -------
    sums : array, shape (n_rows, n_models)
    tied : boolean array, shape (n_rows,)
    """
    n_rows, n = d.shape
    n_models = len(models)
    sums = np.zeros((n_rows, n_models))
    tied = np.zeros(n_rows, dtype=np.bool_)
    keys = np.empty(n, dtype=np.uint32)
    order = np.empty(n, dtype=np.int32)
    moved = np.empty(n, dtype=np.int32)
    counts = np.empty((3, 2048), dtype=np.int32)
    for row in range(n_rows):
        counts[:] = 0
        for i in range(n):
            key = single[row, i]
            # Negative numbers run backwards; all others lie above them.
            key = ~key if key >> np.uint32(31) else key | np.uint32(0x80000000)
            keys[i] = key
            order[i] = i
            counts[0, key & np.uint32(2047)] += 1
            counts[1, (key >> np.uint32(11)) & np.uint32(2047)] += 1
            counts[2, key >> np.uint32(22)] += 1
        for p in range(3):
            start = 0
            for b in range(2048):
                start, counts[p, b] = start + counts[p, b], start
            for i in range(n):
                k = order[i]
                b = (keys[k] >> np.uint32(11 * p)) & np.uint32(2047)
                moved[counts[p, b]] = k
                counts[p, b] += 1
            order, moved = moved, order
        for i in range(1, n):
            k = order[i]
            j = i
            while j > 0 and d[row, order[j - 1]] > d[row, k]:
                order[j] = order[j - 1]
                j -= 1
            order[j] = k
        last = bits[row, order[0]]
        if last < 0:
            last ^= np.int64(0x7FFFFFFFFFFFFFFF)
        for i in range(n):
            k = order[i]
            now = bits[row, k]
            if now < 0:
                now ^= np.int64(0x7FFFFFFFFFFFFFFF)
            if i > 0 and (now >> low) - (last >> low) <= 1:
                tied[row] = True
            last = now
            for m in range(n_models):
                sums[row, m] += i * models[m, k]
    return sums, tied
