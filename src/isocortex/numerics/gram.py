"""The Gram matrix of the rows of a response matrix, and what centring does to it."""

import array_api_compat
import numpy as np
from scipy.linalg.blas import dsyrk  # pyright: ignore[reportAttributeAccessIssue]

from isocortex.arrays import Array, column_blocks, is_lazy, namespace
from isocortex.numerics.shifted import mirrored, shifted_gram

DOUBLE_UP_TO = 1e12
"""Multiplications up to which float32 input is multiplied in float64 (some ten seconds)."""


def gram(x: Array) -> tuple[Array, Array]:
    r"""Inner products of all pairs of rows, :math:`K = X X^\top`, and the row sums.

    Columns are read in blocks, so that a layer on disk is never in memory as a whole, and
    only half of the symmetric matrix is computed. All is accumulated in float64, and
    multiplied in float64 too, so that float32 activations lose nothing. Where that would
    take more than ``DOUBLE_UP_TO`` multiplications of float32 (or float16) numbers, shifted
    blocks are multiplied in float32 and summed in float64: half the time, with a relative
    error near 1e-7 (:func:`isocortex.numerics.shifted.shifted_gram`).

    Parameters
    ----------
    x : array, shape (n_stimuli, n_units)
        In memory or lazy.

    Returns
    -------
    matrix : array, shape (n_stimuli, n_stimuli)
        float64, symmetric.
    row_sums : array, shape (n_stimuli,)
        float64.
    """
    if not is_lazy(x) and not array_api_compat.is_numpy_array(x):
        return _gram_elsewhere(x)
    n, p = x.shape
    single = "float64" not in str(x.dtype) and n * n * p / 2 > DOUBLE_UP_TO
    return shifted_gram(x) if single else _gram_double(x)


def _gram_double(x: Array) -> tuple[np.ndarray, np.ndarray]:
    n = x.shape[0]
    upper = np.zeros((n, n), order="F")
    sums = np.zeros(n)
    for _, block in column_blocks(x):
        # The transpose is Fortran-ordered without a copy, which is what BLAS wants.
        block = np.ascontiguousarray(block, dtype=np.float64)
        upper = dsyrk(1.0, block.T, beta=1.0, c=upper, trans=1, overwrite_c=1)
        sums += block.sum(1)
    return mirrored(upper.T), sums


def _gram_elsewhere(x: Array) -> tuple[Array, Array]:
    xp = namespace(x)
    x = xp.astype(x, xp.float64)
    matrix = x @ x.T
    return (matrix + matrix.T) / 2, xp.sum(x, axis=1)


def center(matrix: Array) -> Array:
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


def center_on(matrix: Array, train: Array, test: Array) -> tuple[Array, Array]:
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
    mean = within.mean(1)
    total = mean.mean()
    # In place: each further array of this size costs as much as the arithmetic.
    within -= mean[:, None]
    within -= mean[None, :] - total
    across -= across.mean(1)[:, None]
    across -= mean[None, :] - total
    return within, across
