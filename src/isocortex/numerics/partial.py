"""Comparisons of several models at once: what each adds that the others do not have.

Each function has the signature of a comparison: models ``(n_models, n_pairs)`` and data
``(n_data, n_pairs)`` give an array ``(n_models, n_data)``.
"""

import numpy as np

from isocortex.errors import UndefinedError
from isocortex.numerics.ranks import midranks


def partial(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    r"""Correlation of each model with the data after the other models are taken from both.

    .. math:: r_j = \frac{\beta_j}{\sqrt{\beta_j^2 + \sigma^2 (S^{-1})_{jj}}}

    where :math:`S` are the products of the centred models, :math:`\beta` the weights of their
    regression on the data and :math:`\sigma^2` its residual sum of squares. With one model it
    is the plain correlation.

    Parameters
    ----------
    models : array, shape (n_models, n_pairs)
    data : array, shape (n_data, n_pairs)

    Returns
    -------
    alike : array, shape (n_models, n_data)
        From -1 to 1.

    Raises
    ------
    UndefinedError
        If the models are linearly dependent, or a vector of data is constant.
    """
    inverse, weights, left = _regressed(models, data)
    scale = np.sqrt(weights**2 + np.maximum(left, 0.0) * np.diag(inverse)[:, None])
    return np.clip(weights / scale, -1, 1)


def partial_spearman(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    """The partial correlation of mid-ranks."""
    return partial(midranks(models), midranks(data))


def regression(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Weights of a least-squares regression of the data on all models, with an intercept.

    Parameters
    ----------
    models : array, shape (n_models, n_pairs)
    data : array, shape (n_data, n_pairs)

    Returns
    -------
    weights : array, shape (n_models, n_data)
        In units of the data over units of the model.

    Raises
    ------
    UndefinedError
        If the models are linearly dependent.
    """
    return _regressed(models, data)[1]


def _regressed(models: np.ndarray, data: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inverse products of the models, weights, and residual sums of squares."""
    x = models - models.mean(1, keepdims=True)
    y = data - data.mean(1, keepdims=True)
    squares = (y**2).sum(1)
    flat = np.abs(y).max(1) <= 8 * np.finfo(np.float64).eps * np.abs(data).max(1)
    if flat.any():
        raise UndefinedError(
            "the comparison is undefined for data RDMs that are constant",
            np.nonzero(flat)[0].tolist(),
        )
    norms = np.linalg.norm(x, axis=1)
    constant = norms <= 1e-12 * np.linalg.norm(models, axis=1)
    if constant.any():
        raise UndefinedError(
            "the comparison is undefined for model RDMs that are constant",
            np.nonzero(constant)[0].tolist(),
        )
    unit = x / norms[:, None]
    products = unit @ unit.T
    values = np.linalg.eigvalsh(products)
    if values[0] < 1e-10 or len(models) > models.shape[1] - 2:
        raise UndefinedError(
            f"the {len(models)} model RDMs are linearly dependent, so that none has a part of its "
            "own; drop one of them (a model and its scaled copy, or more models than pairs)"
        )
    inverse = np.linalg.inv(products)
    weights = inverse @ (unit @ y.T)
    left = squares - np.einsum("mk,mk->k", unit @ y.T, weights)
    return inverse / np.outer(norms, norms), weights / norms[:, None], left
