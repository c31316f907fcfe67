"""Covariances drawn towards a simpler target, for stacks of centred observations."""

import numpy as np

from isocortex.numerics.arrays.constant import is_rounding


def ledoit_wolf(x: np.ndarray, counts: np.ndarray | int | None = None):
    r"""Shrinkage towards a multiple of the identity, as in scikit-learn.

    .. math:: (1 - \lambda) \Sigma + \lambda \frac{\operatorname{tr} \Sigma}{p} I, \quad
              \Sigma = X^\top X / n

    Parameters
    ----------
    x : array, shape (..., n_rows, n_units)
        Centred observations; rows of zeros are padding.
    counts : array, shape (...), optional
        How many rows are no padding; default all.

    Returns
    -------
    covariance : array, shape (..., n_units, n_units)
        Over n, not n - 1.
    shrinkage : array, shape (...)
        The intensity :math:`\lambda`, from 0 to 1.

    References
    ----------
    .. [1] Ledoit & Wolf (2004), A well-conditioned estimator for large-dimensional covariance
       matrices, J. Multivar. Anal. 88:365-411. https://doi.org/10.1016/S0047-259X(03)00096-4
    """
    n = np.asarray(x.shape[-2] if counts is None else counts, dtype=np.float64)
    p = x.shape[-1]
    covariance = np.matmul(np.swapaxes(x, -1, -2), x) / n[..., None, None]
    total = np.einsum("...pp->...", covariance)
    squares = np.einsum("...np,...np->...n", x, x)
    delta_raw = np.einsum("...pq,...pq->...", covariance, covariance)
    beta = ((squares**2).sum(-1) / n - delta_raw) / (p * n)
    delta = (delta_raw - total**2 / p) / p
    beta = np.minimum(beta, delta)
    with np.errstate(divide="ignore", invalid="ignore"):
        shrinkage = np.where(beta == 0, 0.0, beta / delta)
    if p == 1:
        shrinkage = np.zeros_like(shrinkage)
    return towards_identity(covariance, shrinkage), shrinkage


def towards_identity(covariance: np.ndarray, shrinkage: np.ndarray | float) -> np.ndarray:
    """A given shrinkage towards the identity times the mean variance, shape (..., p, p)."""
    p = covariance.shape[-1]
    amount = np.asarray(shrinkage, dtype=np.float64)[..., None, None]
    mean = np.einsum("...pp->...", covariance)[..., None, None] / p
    return (1 - amount) * covariance + amount * mean * np.eye(p)


def standardized_ledoit_wolf(
    x: np.ndarray, counts: np.ndarray, sizes: np.ndarray | float = 0.0
) -> np.ndarray:
    """Ledoit and Wolf's covariance of the z-scored units, brought back to their scales.

    This is what ``shrinkage="auto"`` means in scikit-learn's discriminant analysis.

    Parameters
    ----------
    x : array, shape (..., n_rows, n_units)
        Centred; rows of zeros are padding.
    counts : array, shape (...)
    sizes : array, shape (n_units,), optional
        The largest numbers of each unit before it was centred: a unit that varies no more
        than their rounding keeps its scale.

    Returns
    -------
    covariance : array, shape (..., n_units, n_units)
    """
    scale = np.sqrt((x**2).sum(-2) / np.asarray(counts, dtype=np.float64)[..., None])
    scale = np.where(is_rounding(scale, sizes), 1.0, scale)
    covariance, _ = ledoit_wolf(x / scale[..., None, :], counts)
    return covariance * scale[..., :, None] * scale[..., None, :]


def towards_diagonal(x: np.ndarray, dof: float | None = None):
    r"""Shrinkage of the correlations towards zero; the variances stay.

    .. math:: \lambda = \frac{\sum_{i \ne j} \widehat{\mathrm{Var}}(r_{ij})}
                             {\sum_{i \ne j} r_{ij}^2}

    Parameters
    ----------
    x : array, shape (n_rows, n_units)
        Centred observations (residuals).
    dof : float, optional
        Degrees of freedom; default n_rows - 1.

    Returns
    -------
    covariance : array, shape (n_units, n_units)
        Sum of squares over the degrees of freedom.
    shrinkage : float
        From 0 to 1.

    References
    ----------
    .. [1] Schäfer & Strimmer (2005), A shrinkage approach to large-scale covariance matrix
       estimation, Stat. Appl. Genet. Mol. Biol. 4:32. https://doi.org/10.2202/1544-6115.1175
    """
    n, p = x.shape
    dof = float(n - 1 if dof is None else dof)
    covariance = x.T @ x / dof
    sd = np.sqrt(np.diag(covariance))
    z = x / sd
    correlation = z.T @ z / dof
    # The variance of a correlation, from how its products scatter over the samples.
    second = (z**2).T @ (z**2) / (n - 1)
    variance = n / dof**2 * (second - correlation**2)
    off = ~np.eye(p, dtype=bool)
    squares = (correlation[off] ** 2).sum()
    shrinkage = float(np.clip(variance[off].sum() / squares, 0, 1)) if squares > 0 else 0.0
    shrunk = np.where(off, (1 - shrinkage) * covariance, covariance)
    return shrunk, shrinkage
