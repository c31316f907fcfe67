"""Partial least squares from the Gram matrix, converged to rounding."""

from dataclasses import dataclass

import numpy as np
from scipy import linalg
from scipy.sparse.linalg import ArpackError, eigsh

from isocortex.numerics.arrays.rank import least_variance

_DENSE = 160
"""Up to this many targets the whole symmetric eigenproblem is cheaper than iterating."""


@dataclass(frozen=True, eq=False)
class PLSFit:
    """A partial-least-squares model of centred data."""

    dual: np.ndarray
    """Shape (n_train, n_components): scores of any stimulus are its centred Gram row times it."""
    loadings: np.ndarray
    """Shape (n_components, n_targets)."""


def pls(gram: np.ndarray, y: np.ndarray, n_components: int) -> PLSFit:
    r"""PLS2 regression: NIPALS without its iterations.

    Each component has the feature weights that have most covariance with the targets that are
    left; since :math:`X_d^\top Y_d = X^\top Y_d`, only the targets need deflating:

    .. math:: c = \text{leading eigenvector of } Y_d^\top K Y_d, \quad
              t \propto (I - T T^\top) K Y_d c, \quad Y_d \leftarrow Y_d - t t^\top Y_d

    Parameters
    ----------
    gram : array, shape (n_train, n_train)
        Centred.
    y : array, shape (n_train, n_targets)
        Centred.
    n_components : int

    Returns
    -------
    PLSFit
        Predictions for rows ``k`` of the centred Gram are ``k @ dual @ loadings``. Fewer
        components where the targets are spent.

    References
    ----------
    Rannar, Lindgren, Geladi & Wold (1994), J. Chemometrics 8:111,
    https://doi.org/10.1002/cem.1180080204
    """
    left = _few_columns(y)
    products = gram @ left  # (n_train, n_few)
    cross = left.T @ products  # (n_few, n_few)
    # Beside this, what is left of the covariance is rounding of what there was.
    spent = np.trace(cross) * np.finfo(float).eps * 64
    scores, dual = [], []
    for _ in range(n_components):
        if not np.trace(cross) > spent:
            break
        direction = _leading_vector(cross)
        weights = left @ direction
        score, weights = _orthogonal(products @ direction, weights, scores, dual)
        norm = np.sqrt(score @ score)
        score, weights = score / norm, weights / norm
        scores.append(score)
        dual.append(weights)
        # Deflate the targets, K @ targets and targets' K targets, each by rank one.
        share = score @ left
        image = gram @ score
        seen = image @ left
        cross -= np.outer(share, seen) + np.outer(seen, share)
        cross += (score @ image) * np.outer(share, share)
        left = left - np.outer(score, share)
        products -= np.outer(image, share)
    n = len(y)
    # Scores are orthonormal, so that loadings are plain products with all the targets as given.
    t = np.array(scores).reshape(-1, n)  # (n_components, n_train)
    return PLSFit(np.array(dual).reshape(-1, n).T, t @ y)


def _few_columns(y: np.ndarray) -> np.ndarray:
    """The targets turned so that there are at most as many as stimuli; their Gram is the same."""
    n, n_targets = y.shape
    if n_targets <= n:
        return y.copy()
    variances, vectors = linalg.eigh(y @ y.T, driver="evd")
    keep = variances > least_variance(variances[-1], n)
    return vectors[:, keep] * np.sqrt(variances[keep])


def _leading_vector(cross: np.ndarray) -> np.ndarray:
    n = len(cross)
    if n == 1:
        return np.ones(1)
    if n > _DENSE:
        # The largest column starts near the answer, and makes it the same each time.
        try:
            start = cross[:, cross.diagonal().argmax()]
            return eigsh(cross, k=1, v0=start)[1][:, 0]
        except ArpackError:
            pass  # such as where the largest values are equal: the dense way always ends
    return linalg.eigh(cross, subset_by_index=(n - 1, n - 1), driver="evr")[1][:, 0]


def _orthogonal(score, weights, scores, dual):
    for _ in range(2):  # twice is enough
        if scores:
            shares = np.array(scores) @ score
            score = score - shares @ np.array(scores)
            weights = weights - shares @ np.array(dual)
    return score, weights
