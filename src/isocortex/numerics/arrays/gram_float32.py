"""A Gram matrix of float32 rows in float32 time, nearly as exact as in float64."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.linalg.blas import ssyrk  # pyright: ignore[reportAttributeAccessIssue]

from isocortex.arrays import Array, column_blocks
from isocortex.numerics.arrays import pilot
from isocortex.numerics.arrays.products import Products

_ELEMENTS = 2**23
_NARROWEST = 4096
_FEW_LEFT = 0.1
"""Levels of rows are taken out before multiplying where all but this part of a square is theirs."""


def shifted_gram(x: Array) -> Products:
    r"""Inner products of all pairs of rows, multiplied in float32.

    In each block of columns a pattern :math:`m` (:func:`isocortex.numerics.arrays.pilot.middle` of
    rows drawn evenly over all) is taken from all rows before they are multiplied in float32,
    and the blocks are added in float64. What rows have in common, such as the answer to a plain
    background, would otherwise add the same rounding error again and again. Correlation
    distances from it agree with those of a float64 product to about 1e-7, in half the time.

    Parameters
    ----------
    x : array of float32 or float16, shape (n_stimuli, n_units)
        In memory or lazy.

    Returns
    -------
    Products
        In float64; the sums of a row that is not finite are not finite either.
    """
    with np.errstate(invalid="ignore"):
        found = _shifted(x)
        levels = found.row_levels(_FEW_LEFT)
        return found if levels is None else _shifted(x, levels)


def _shifted(x: Array, levels: np.ndarray | None = None) -> Products:
    n, p = x.shape
    wide = max(_NARROWEST, _ELEMENTS // max(n, 1))
    found = _sum_of((block for _, block in column_blocks(x, wide)), n, min(2 * wide, p), levels)
    matrix, along = mirrored(found.total.T[:n, :n]), found.total[:n, n].copy()
    eps = float(np.finfo(np.float32).eps)
    rest = found.rest_sum, found.rest_square
    return Products(matrix, found.sums, along, p, found.level or 0.0, *rest, eps, levels=levels)


@dataclass
class _Sum:
    """What has been added up over blocks of columns."""

    total: np.ndarray
    sums: np.ndarray
    level: float | None = None
    rest_sum: float = 0.0
    rest_square: float = 0.0


def _sum_of(
    blocks: Iterable[np.ndarray],
    n: int,
    widest: int,
    levels: np.ndarray | None = None,
) -> _Sum:
    found = _Sum(np.zeros((n + 1, n + 1), order="F"), np.zeros(n))
    product = np.empty((n + 1, n + 1), dtype=np.float32, order="F")
    room = np.empty((n + 1, widest), dtype=np.float32)
    for block in blocks:
        common = _common(block)
        found.level = pilot.level(common) if found.level is None else found.level
        part = room.reshape(-1)[: (n + 1) * len(common)].reshape(n + 1, -1)
        if levels is None:
            np.subtract(block, common, out=part[:n], casting="same_kind")
        else:  # In float64: the difference of two may need more digits than either.
            part[:n] = block.astype(np.float64) - common - levels[:, None]
        rest = common.astype(np.float64) - found.level
        part[n] = rest  # As a further row, it gives its products with all others.
        product = ssyrk(1.0, part.T, trans=1, beta=0.0, c=product, overwrite_c=1)
        found.total += product
        found.rest_sum += float(rest.sum())
        found.rest_square += float(rest @ rest)
        found.sums += part[:n].sum(1, dtype=np.float64)
    return found


def _common(block: np.ndarray) -> np.ndarray:
    return pilot.middle(block).astype(np.float32)


def mirrored(lower: np.ndarray, rows: int = 512) -> np.ndarray:
    """The lower triangle copied to the upper one, in place, a band of rows at a time."""
    n = len(lower)
    for start in range(0, n, rows):
        stop = min(start + rows, n)
        lower[start:stop, stop:] = lower[stop:, start:stop].T
        corner = lower[start:stop, start:stop]
        np.copyto(corner, corner.T.copy(), where=~np.tri(stop - start, dtype=bool))
    return lower
