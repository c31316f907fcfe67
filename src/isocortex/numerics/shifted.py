"""A Gram matrix of float32 rows in float32 time, nearly as exact as in float64."""

import numpy as np
from scipy.linalg.blas import ssyrk  # pyright: ignore[reportAttributeAccessIssue]

_ELEMENTS = 2**23
_NARROWEST = 2048
_PILOT = 32


def shifted_gram(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Inner products of all pairs of rows, :math:`K = X X^\top`, and the row sums.

    The mean :math:`m` of the first rows is taken from all rows before they are multiplied in
    float32, block by block of columns, and the blocks are added in float64:

    .. math:: K = Y Y^\top + a 1^\top + 1 a^\top + m^\top m, \quad Y = X - 1 m^\top, \; a = Y m

    What rows have in common, such as the answer to a plain background, would otherwise add
    the same rounding error again and again. Correlation distances from it agree with
    those of a float64 product to about 1e-7, in half the time.

    Parameters
    ----------
    x : array of float32 or float16, shape (n_stimuli, n_units)

    Returns
    -------
    matrix : array, shape (n_stimuli, n_stimuli)
        float64, symmetric.
    row_sums : array, shape (n_stimuli,)
        float64; not finite where a row is not.
    """
    with np.errstate(invalid="ignore"):
        return _shifted(x)


def _shifted(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    n, p = x.shape
    width = max(_NARROWEST, _ELEMENTS // n)
    mean = x[:_PILOT].mean(0, dtype=np.float64).astype(np.float32)
    total = np.zeros((n + 2, n + 2), order="F")
    block = np.empty((n + 2, min(width, p)), dtype=np.float32)
    for start in range(0, p, width):
        stop = min(start + width, p)
        part = block[:, : stop - start]
        if part.shape[1] < block.shape[1]:
            part = np.empty(part.shape, dtype=np.float32)
        np.subtract(x[:, start:stop], mean[start:stop], out=part[:n], casting="same_kind")
        # With the mean and ones as further rows, a, m'm and the sums come from one product.
        part[n], part[n + 1] = mean[start:stop], 1
        total += ssyrk(1.0, part.T, trans=1)
    lower = total.T
    matrix = lower + np.tril(lower, -1).T
    a, square = matrix[:n, n], matrix[n, n]
    sums = matrix[:n, n + 1] + matrix[n, n + 1]
    return matrix[:n, :n] + (a[:, None] + a[None, :] + square), sums
