"""A Gram matrix of float32 rows in float32 time, nearly as exact as in float64."""

import numpy as np
from scipy.linalg.blas import ssyrk  # pyright: ignore[reportAttributeAccessIssue]

from isocortex.arrays import Array, column_blocks
from isocortex.numerics import pilot
from isocortex.numerics.products import Products

_ELEMENTS = 2**23
_NARROWEST = 4096


def shifted_gram(x: Array) -> Products:
    r"""Inner products of all pairs of rows, multiplied in float32.

    In each block of columns a pattern :math:`m` (:func:`isocortex.numerics.pilot.middle` of
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
        return _shifted(x)


def _shifted(x: Array) -> Products:
    n, p = x.shape
    width = max(_NARROWEST, _ELEMENTS // max(n, 1))
    total = np.zeros((n + 1, n + 1), order="F")
    product = np.empty((n + 1, n + 1), dtype=np.float32, order="F")
    room = np.empty((n + 1, min(2 * width, p)), dtype=np.float32)
    sums, level, rest_sum, rest_square = np.zeros(n), None, 0.0, 0.0
    for _, block in column_blocks(x, width):
        common = pilot.middle(block).astype(np.float32)
        level = pilot.level(common) if level is None else level
        part = room.reshape(-1)[: (n + 1) * len(common)].reshape(n + 1, -1)
        np.subtract(block, common, out=part[:n], casting="same_kind")
        rest = common.astype(np.float64) - level
        part[n] = rest  # As a further row, it gives its products with all others.
        product = ssyrk(1.0, part.T, trans=1, beta=0.0, c=product, overwrite_c=1)
        total += product
        rest_sum += float(rest.sum())
        rest_square += float(rest @ rest)
        sums += part[:n].sum(1, dtype=np.float64)
    matrix, along = mirrored(total.T[:n, :n]), total[:n, n].copy()
    eps = float(np.finfo(np.float32).eps)
    return Products(matrix, sums, along, p, level or 0.0, rest_sum, rest_square, eps)


def mirrored(lower: np.ndarray, rows: int = 512) -> np.ndarray:
    """The lower triangle copied to the upper one, in place, a band of rows at a time."""
    n = len(lower)
    for start in range(0, n, rows):
        stop = min(start + rows, n)
        lower[start:stop, stop:] = lower[stop:, start:stop].T
        corner = lower[start:stop, start:stop]
        above = np.triu_indices(stop - start, 1)
        corner[above] = corner.T[above]
    return lower
