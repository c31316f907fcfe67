"""One rule of ranks: an axis is real where its variance exceeds what rounding makes."""

import numpy as np

_EPS = float(np.finfo(np.float64).eps)


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


def axes_kept(variances: np.ndarray, n: int, size: float = 0.0) -> np.ndarray:
    """Which eigenvalues, largest first, of a *centred* Gram matrix of n rows are axes.

    At most n - 1 are, since centred rows add up to zero.

    Returns
    -------
    boolean array, shape (n_eigenvalues,)
    """
    keep = variances > least_variance(variances[0] if len(variances) else 0.0, n, size)
    keep[max(n - 1, 0) :] = False
    return keep
