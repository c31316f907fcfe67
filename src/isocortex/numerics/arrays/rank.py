"""One rule of ranks: an axis is real where its variance exceeds what rounding makes."""

import numpy as np

_EPS = float(np.finfo(np.float64).eps)
FLOAT32 = 1e-10
"""The part of the largest variance that rounding of float32 activations may make of an axis."""


def least_variance(largest: float, n: int, size: float = 0.0) -> float:
    r"""Eigenvalues of a Gram matrix of n rows above this are no rounding.

    .. math:: \tau = 8 \epsilon \, (n \lambda_1 + \sqrt{n} \, k)

    Parameters
    ----------
    largest : float
        The largest eigenvalue :math:`\lambda_1`.
    n : int
        The number of rows.
    size : float, default=0
        k, the largest entry of the matrix before it was centred: centring takes the entries
        down, and leaves their rounding.
    """
    return 8 * _EPS * (n * max(largest, 0.0) + n**0.5 * max(size, 0.0))


def axes_kept(variances: np.ndarray, n: int, size: float = 0.0, share: float = 0.0) -> np.ndarray:
    """Which eigenvalues, largest first, of a *centred* Gram matrix of n rows are axes.

    At most n - 1 are, since centred rows add up to zero.

    Parameters
    ----------
    variances : array, shape (n_eigenvalues,)
    n : int
    size : float, default=0
        As in :func:`least_variance`.
    share : float, default=0
        The part of the largest that an axis must have, where all axes count alike however
        small they are: ``FLOAT32``.

    Returns
    -------
    boolean array, shape (n_eigenvalues,)
    """
    largest = float(variances.max(initial=0.0))
    keep = variances > max(least_variance(largest, n, size), share * largest)
    keep[max(n - 1, 0) :] = False
    return keep


def least_singular(largest: float, shape: tuple[int, ...], size: float = 0.0) -> float:
    r"""Singular values of centred values above this are no rounding.

    .. math:: \max\left(\max(n, p)\, \epsilon\, \sigma_1, \;
              (\sqrt n + \sqrt p)\, \epsilon\, a\right)

    The first is the cut-off of :func:`scipy.linalg.lstsq` as scikit-learn calls it, so that
    ranks agree; the second is what a matrix of roundings of numbers near a has.

    Parameters
    ----------
    largest : float
        The largest singular value.
    shape : (n, p)
    size : float, default=0
        a, the largest number before centring.
    """
    n, p = shape
    return _EPS * max(max(n, p) * largest, (n**0.5 + p**0.5) * size)
