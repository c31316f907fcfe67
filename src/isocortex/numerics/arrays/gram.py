"""The Gram matrix of the rows of a response matrix, and what centring does to it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import array_api_compat
import numpy as np
from scipy.linalg.blas import dsyrk  # pyright: ignore[reportAttributeAccessIssue]

from isocortex.arrays import Array, as_numpy, column_blocks, is_lazy, namespace
from isocortex.numerics.arrays import pilot
from isocortex.numerics.arrays.gram_float32 import mirrored, shifted_gram
from isocortex.numerics.arrays.products import Products

DOUBLE_UP_TO = 1e12
"""Multiplications up to which float32 input is multiplied in float64 (some ten seconds)."""
FEW_LEFT = 1e-3
"""Levels of rows are taken out before multiplying where all but this part of a square is theirs."""
SAFE = (1e-250, 1e250)
"""Squares between these neither overflow nor lose digits to underflow."""


def gram(x: Array) -> Products:
    r"""Inner products of all pairs of rows, :math:`K = X X^\top`.

    Columns are read in blocks, so that a layer on disk is never in memory as a whole, and
    only half of the symmetric matrix is computed. What all rows have in common is taken out
    before anything is multiplied, and kept beside the products, so that no digit is lost to a
    common offset (:class:`isocortex.numerics.arrays.products.Products`).

    All is accumulated in float64, and multiplied in float64 too, so that float32 activations
    lose nothing. Where that would take more than ``DOUBLE_UP_TO`` multiplications of float32
    (or float16) numbers, blocks are multiplied in float32 and summed in float64: half the time,
    with a relative error near 1e-7 (:func:`isocortex.numerics.arrays.gram_float32.shifted_gram`).

    Parameters
    ----------
    x : array, shape (n_stimuli, n_units)
        In memory or lazy.

    Returns
    -------
    Products
    """
    n, p = x.shape
    if not is_lazy(x) and not array_api_compat.is_numpy_array(x):
        return _gram_elsewhere(x)
    with np.errstate(over="ignore", invalid="ignore"):
        if "float64" not in str(x.dtype) and n * n * p / 2 > DOUBLE_UP_TO:
            return shifted_gram(x)
        found = _gram_of_blocks(lambda: column_blocks(x), n, p)
    low, high = SAFE
    if n and p and not low < found.shifted.diagonal().max() < high:
        return _in_another_unit(x, found)
    return found


def _gram_of_blocks(
    blocks: Callable[[], Iterator[tuple[slice, Array]]], n: int, p: int, *, shift: bool = True
) -> Products:
    """Once more without the levels of rows, where hardly anything but them was multiplied."""
    found = _gram_double(blocks(), n, p, shift=shift)
    levels = found.row_levels(FEW_LEFT)
    return found if levels is None else _gram_double(blocks(), n, p, shift=shift, levels=levels)


def plain_gram(x: Array, unit: float = 1.0) -> Products:
    """The same with no pattern taken out, for rows that are tiny beside what others share."""

    def blocks() -> Iterator[tuple[slice, Array]]:
        for at, block in column_blocks(x):
            yield at, as_numpy(block).astype(np.float64, copy=False) / unit

    return replace(_gram_of_blocks(blocks, *x.shape, shift=False), unit=unit)


def _gram_double(
    blocks: Iterator[tuple[slice, Array]],
    n: int,
    p: int,
    *,
    shift: bool = True,
    levels: np.ndarray | None = None,
) -> Products:
    upper = np.zeros((n, n), order="F")
    sums, along = np.zeros(n), np.zeros(n)
    level, rest_sum, rest_square = None, 0.0, 0.0
    for _, block in blocks:
        common = pilot.offset(block) if shift else np.zeros(block.shape[1])
        level = pilot.level(common) if level is None else level
        rest = common - level
        shifts = bool(common.any())
        # The transpose is Fortran-ordered without a copy, which is what BLAS wants.
        block = block - common if shifts else np.ascontiguousarray(block, dtype=np.float64)
        if levels is not None:
            block = block - levels[:, None]
        upper = dsyrk(1.0, block.T, beta=1.0, c=upper, trans=1, overwrite_c=1)
        sums += block.sum(1)
        if rest.any():
            along += block @ rest
            rest_sum += float(rest.sum())
            rest_square += float(rest @ rest)
    found = Products(mirrored(upper.T), sums, along, p, level or 0.0, rest_sum, rest_square)
    return found if levels is None else replace(found, levels=levels)


def _in_another_unit(x: Array, found: Products) -> Products:
    """Where squares are beyond what numbers can hold, in a unit in which they are not."""
    largest = max(float(np.abs(as_numpy(block)).max()) for _, block in column_blocks(x))
    exponent = int(np.frexp(largest)[1])
    if not np.isfinite(largest) or largest == 0 or abs(exponent) < np.log2(SAFE[1]) / 3:
        return found
    n, p = x.shape

    def scaled() -> Iterator[tuple[slice, Array]]:
        for at, block in column_blocks(x):
            yield at, np.ldexp(as_numpy(block).astype(np.float64), -exponent)

    return replace(_gram_of_blocks(scaled, n, p), unit=float(np.ldexp(1.0, exponent)))


def _gram_elsewhere(x: Array) -> Products:
    xp = namespace(x)
    x = xp.astype(x, xp.float64)
    common = pilot.offset(as_numpy(x))
    level = pilot.level(common) if len(common) else 0.0
    rest = common - level
    if common.any():
        x = x - xp.asarray(common, device=array_api_compat.device(x))

    def products(of: Array, levels: np.ndarray | None = None) -> Products:
        if levels is not None:
            of = of - xp.asarray(levels[:, None], device=array_api_compat.device(of))
        matrix = as_numpy(of @ of.T)
        along = as_numpy(of) @ rest if rest.any() else np.zeros(len(matrix))
        parts = (matrix + matrix.T) / 2, as_numpy(xp.sum(of, axis=1)), along
        whole = float(rest.sum()), float(rest @ rest)
        return Products(*parts, of.shape[1], level, *whole, levels=levels)

    found = products(x)
    levels = found.row_levels(FEW_LEFT)
    return found if levels is None else products(x, levels)


def centre(matrix: Array) -> Array:
    r"""The Gram matrix after the mean over stimuli is taken from every unit.

    .. math:: \tilde K = K - r 1^\top - 1 r^\top + g, \quad r = K 1 / n, \; g = 1^\top K 1 / n^2

    Parameters
    ----------
    matrix : array, shape (..., n_stimuli, n_stimuli)

    Returns
    -------
    centred : array of the same shape
    """
    xp = namespace(matrix)
    row = xp.mean(matrix, axis=-1, keepdims=True)
    total = xp.mean(row, axis=-2, keepdims=True)
    return matrix - row - xp.matrix_transpose(row) + total


def centre_on(matrix: Array, train: Array, test: Array) -> tuple[Array, Array]:
    """Gram matrices after the mean of the *training* stimuli is taken from both sets.

    Parameters
    ----------
    matrix : array, shape (n_stimuli, n_stimuli)
    train, test : integer arrays

    Returns
    -------
    train_train : array, shape (n_train, n_train)
    test_train : array, shape (n_test, n_train)
    """
    within = matrix[train[:, None], train[None, :]]
    across = matrix[test[:, None], train[None, :]]
    # Sums by n are what mean gives, to the last bit, in half the time for small matrices.
    n = within.shape[1]
    mean = within.sum(1) / n
    total = mean.mean()
    # In place: each further array of this size costs as much as the arithmetic.
    within -= mean[:, None]
    within -= mean[None, :] - total
    # What rounding has left of the constant vector; no axis may come of it.
    left = within.sum(1) / n
    if np.abs(left).max(initial=0.0) > np.finfo(np.float64).eps * within.diagonal().max(initial=0):
        within -= left[:, None]
        within -= left[None, :]
    across -= (across.sum(1) / n)[:, None]
    across -= mean[None, :] - total
    return within, across
