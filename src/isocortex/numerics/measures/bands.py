"""Distances of all pairs, some rows at a time, so that no matrix of n x n is made of them."""

from collections.abc import Callable

import numpy as np

from isocortex.numerics.arrays.near import Unresolved
from isocortex.numerics.arrays.parallel import rows_for

Band = Callable[[int, int], tuple[np.ndarray, Unresolved | None]]

_BAND = 2**20
"""Bytes of a band: what stays in a core's cache while it is worked on."""


def in_bands(n: int, band: Band, resolved: Callable[[Unresolved], np.ndarray]) -> np.ndarray:
    """Distances of all pairs, row after row as scipy has them.

    Parameters
    ----------
    n : int
    band : callable
        Of the positions ``start`` and ``stop``: distances of rows start to stop to all rows from
        ``start`` on, of which those above the diagonal count, and what is not resolved of them.
    resolved : callable
        The distances of what was not resolved, in all bands.

    Returns
    -------
    array, shape (n (n - 1) / 2,)
    """
    found, at = np.empty(n * (n - 1) // 2), 0
    left: list[Unresolved] = []
    start = 0
    while start < n:
        stop = min(n, start + rows_for(8 * (n - start), _BAND))
        d, near = band(start, stop)
        for place, row in enumerate(d, 1):
            size = n - start - place
            found[at : at + size] = row[place:]
            at += size
        left += [near] if near is not None and len(near.pairs) else []
        start = stop
    if left:
        near = Unresolved.joined(left)
        found[near.pairs.condensed(n)] = resolved(near)
    return found


def squared_up(condensed: np.ndarray, n: int) -> np.ndarray:
    """The symmetric matrix with a zero diagonal, shape (n, n)."""
    square, at = np.zeros((n, n)), 0
    for row in range(n - 1):
        size = n - 1 - row
        square[row, row + 1 :] = square[row + 1 :, row] = condensed[at : at + size]
        at += size
    return square
