"""Comparisons of several models at once: what each adds that the others do not have.

Each function has the signature of a comparison: models ``(n_models, n_pairs)`` and data
``(n_data, n_pairs)`` give an array ``(n_models, n_data)``.
"""

import numpy as np

from isocortex.errors import UndefinedError
from isocortex.numerics.arrays.constant import is_constant
from isocortex.numerics.arrays.ranks import midranks
from isocortex.numerics.arrays.units import in_own_units


def partial(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    r"""Correlation of each model with the data after the other models are taken from both.

    .. math:: r_j = \frac{\beta_j}{\sqrt{\beta_j^2 + \sigma^2 (S^{-1})_{jj}}}

    where :math:`S` are the products of the centred models, :math:`\beta` the weights of their
    regression on the data and :math:`\sigma^2` its residual sum of squares.

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
        If there is one model only, fewer than two pairs more than models, the models are linearly
        dependent, or a vector is constant.
    """
    if len(models) < 2:
        raise UndefinedError(
            "a partial correlation takes other models out of each model, but there is one only; "
            "use 'pearson' or 'spearman'"
        )
    # One inverse gives the partial correlations of all models.
    inverse, weights, left, _ = _regressed(in_own_units(models)[0], in_own_units(data)[0], 2)
    # t / sqrt(t^2 + dof), in which the degrees of freedom cancel.
    scale = np.sqrt(weights**2 + left * np.diag(inverse)[:, None])
    return np.clip(weights / scale, -1, 1)


def partial_spearman(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    """The partial correlation of mid-ranks."""
    _refuse_constant(models, data)
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
        If the models are linearly dependent or as many as the pairs, or a vector is constant.
    """
    (models, far), (data, out) = in_own_units(models), in_own_units(data)
    return np.ldexp(_regressed(models, data, 1)[1], out - far[:, None])


def explained(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    r"""Share of the variance of each vector of data that all models explain together.

    .. math:: R^2 = 1 - \sigma^2 / \|y - \bar y\|^2

    with the residual sum of squares of :func:`regression`.

    Returns
    -------
    array, shape (n_data,)
        From 0 to 1.
    """
    _, _, left, squares = _regressed(in_own_units(models)[0], in_own_units(data)[0], 1)
    return np.clip(1 - left / squares, 0, 1)


def _regressed(
    models: np.ndarray, data: np.ndarray, spare: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Inverse products of the models, weights, and sums of squares: residual and total."""
    n_models, n_pairs = models.shape
    if n_models > n_pairs - spare:
        raise UndefinedError(
            f"{n_models} model RDMs together need at least {n_models + spare} pairs of stimuli, "
            f"but there are {n_pairs}; use fewer models or more stimuli"
        )
    _refuse_constant(models, data)
    x = models - models.mean(1, keepdims=True)
    y = data - data.mean(1, keepdims=True)
    # Of unit length, so that no scale decides what counts as dependent.
    norms = np.linalg.norm(x, axis=1)
    unit = x / norms[:, None]
    products = unit @ unit.T
    if np.linalg.eigvalsh(products)[0] < 1e-10:
        raise UndefinedError(
            f"the {n_models} model RDMs are linearly dependent, so that none has a part of its "
            "own; drop one of them (such as a scaled copy, or a sum of others)"
        )
    inverse = np.linalg.inv(products)
    weights = inverse @ (unit @ y.T)
    residuals = y - weights.T @ unit
    left, squares = ((each**2).sum(1) for each in (residuals, y))
    return inverse / np.outer(norms, norms), weights / norms[:, None], left, squares


def _refuse_constant(models: np.ndarray, data: np.ndarray) -> None:
    for rows, side in ((data, "data"), (models, "models")):
        flat = np.nonzero(is_constant(rows, 1))[0]
        if len(flat):
            what = "model" if side == "models" else side
            raise UndefinedError(
                f"the comparison is undefined for {what} RDMs that are constant",
                flat.tolist(),
                side,
            )
