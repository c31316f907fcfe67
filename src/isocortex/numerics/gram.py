"""The Gram matrix of the rows of a response matrix, and what centring does to it."""

import numpy as np
from scipy.linalg import blas

from isocortex.arrays import Array, column_blocks, is_lazy, namespace


def gram(x: Array) -> tuple[Array, Array]:
    r"""Inner products of all pairs of rows, :math:`K = X X^\top`, and the row sums.

    Columns are read in blocks and accumulated in float64, so that float32 activations lose
    nothing and a layer on disk is never in memory as a whole. The symmetric product costs
    half of a general one.

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
    if not is_lazy(x) and namespace(x).__name__ != "array_api_compat.numpy":
        return _gram_elsewhere(x)
    n = x.shape[0]
    matrix = np.zeros((n, n), order="F")
    sums = np.zeros(n)
    for _, block in column_blocks(x):
        # Its transpose is Fortran-ordered without a copy, which is what BLAS wants.
        block = np.ascontiguousarray(block, dtype=np.float64)
        matrix = blas.dsyrk(1.0, block.T, beta=1.0, c=matrix, trans=1, overwrite_c=1)
        sums += block.sum(1)
    upper = np.triu(matrix)
    matrix = upper + np.triu(matrix, 1).T
    return matrix, sums


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
    within, across = matrix[train][:, train], matrix[test][:, train]
    mean = within.mean(1)
    total = mean.mean()
    return (
        within - mean[:, None] - mean[None, :] + total,
        across - across.mean(1)[:, None] - mean[None, :] + total,
    )
