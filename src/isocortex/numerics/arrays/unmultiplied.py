"""Products of many rows of few units that are made panel by panel, as they are asked for."""

from typing import cast

import numpy as np

from isocortex.arrays import Array, column_blocks
from isocortex.numerics.arrays import pilot
from isocortex.numerics.arrays.gram import DOUBLE_UP_TO, FEW_LEFT, SAFE, gram
from isocortex.numerics.arrays.parallel import rows_for
from isocortex.numerics.arrays.products import Products

_MANY = 2**28
"""Bytes of a matrix of products above which it is not made as a whole."""
_PANEL = 2**25
"""Bytes of products that are made at a time."""


class Panels:
    """Where rows and all that follow are asked for in turn, the square matrix of products."""

    def __init__(self, rows: np.ndarray):
        self._rows = rows
        self._panel, self._start = np.empty((0, 0)), 0

    def __len__(self) -> int:
        return len(self._rows)

    def diagonal(self) -> np.ndarray:
        """Squared lengths of the rows, shape (n,)."""
        return np.einsum("ij,ij->i", self._rows, self._rows)

    def __getitem__(self, at: tuple[slice, slice]) -> np.ndarray:
        rows, columns = at
        if not self._start <= rows.start <= rows.stop <= self._start + len(self._panel):
            self._multiply(rows.start, rows.stop)
        within = slice(rows.start - self._start, rows.stop - self._start)
        return self._panel[within, columns.start - self._start :]

    def _multiply(self, start: int, stop: int) -> None:
        self._panel = np.empty((0, 0))  # Before the next one is made.
        stop = max(stop, start + rows_for(8 * (len(self) - start), _PANEL))
        self._panel, self._start = self._rows[start:stop] @ self._rows[start:].T, start


def gram_in_panels(x: Array) -> Products:
    """What :func:`isocortex.numerics.arrays.gram.gram` gives, for whoever walks over its rows.

    Parameters
    ----------
    x : array, shape (n_stimuli, n_units)

    Returns
    -------
    Products
        Of thousands of rows in memory with few units, ``kept`` has only a length, a diagonal, and
        parts ``[start:stop, start:]``, which are to be asked for in turn. Else of a matrix.
    """
    n, p = x.shape
    few = isinstance(x, np.ndarray) and 4 * p <= n and n * n * p / 2 <= DOUBLE_UP_TO
    if not few or 8 * n * n <= _MANY:
        return gram(x)
    found = _shifted(x)
    lengths, (low, high) = found.kept.diagonal(), SAFE
    in_range = low < lengths.max() < high
    return found if in_range and found.row_levels(FEW_LEFT) is None else gram(x)


def _shifted(x: np.ndarray) -> Products:
    with np.errstate(over="ignore", invalid="ignore"):
        common = np.concatenate([pilot.offset(block) for _, block in column_blocks(x)])
        level = pilot.level(common[: next(column_blocks(x))[0].stop])
        rest, rows = common - level, x - common
        vectors = rows.sum(1), rows @ rest
    # It answers as the matrix does, where parts of that are asked for.
    kept = cast("np.ndarray", Panels(rows))
    whole = float(rest.sum()), float(rest @ rest)
    return Products(kept, *vectors, x.shape[1], level, *whole)
