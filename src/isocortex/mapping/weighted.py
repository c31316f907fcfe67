"""Our linear models fitted to weighted stimuli, from arrays."""

from typing import Any

import numpy as np

from isocortex.errors import InputError
from isocortex.mapping.folds import inner_folds
from isocortex.mapping.recognise import Recipe
from isocortex.numerics import weighted as algebra
from isocortex.numerics.pcr import n_components_of_share
from isocortex.numerics.pls import pls
from isocortex.numerics.ridge import best_alphas


def checked_weights(weights: Any, n_rows: int, who: str) -> np.ndarray | None:
    """Weights as numbers from 0, or None where none were given.

    Raises
    ------
    InputError
        If one is negative or not finite, all are 0, or their number is not that of the rows.
    """
    if weights is None:
        return None
    try:
        found = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{who}: sample_weight needs {n_rows} numbers from 0, one for each row ({error})."
        ) from None
    found = np.full(n_rows, float(found)) if found.ndim == 0 else found
    if found.shape != (n_rows,) or not np.isfinite(found).all() or (found < 0).any():
        raise InputError(
            f"{who}: sample_weight needs {n_rows} numbers from 0, one for each row; it has shape "
            f"{found.shape}, from {found.min(initial=0):g} to {found.max(initial=0):g}."
        )
    if np.count_nonzero(found) < 2:
        raise InputError(
            f"{who}: sample_weight leaves {np.count_nonzero(found)} rows: Sample weights must "
            "contain at least one non-zero number, and a fit needs 2."
        )
    return found


def fit_weighted(
    recipe: Recipe, x: np.ndarray, y: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Coefficients, intercepts and penalties of a known model.

    Parameters
    ----------
    recipe : Recipe
    x : array, shape (n_rows, n_features)
    y : array, shape (n_rows, n_targets)
    weights : array, shape (n_rows,)
        Above 0.

    Returns
    -------
    coefficients : array, shape (n_targets, n_features)
    intercept : array, shape (n_targets,)
    alpha : array, shape (n_targets,), or None
    """
    mean = weights @ x / weights.sum()
    target_mean, rows = algebra.centred(y, weights)
    alpha = None
    if recipe.kind == "pls":
        coefficients = _latent(recipe, x, y, weights)
    else:
        axes = algebra.weighted_axes(x, weights)
        alpha = _penalties(recipe, axes, x, y, weights) if recipe.kind == "ridge" else None
        axes = _first(axes, recipe)
        coefficients = algebra.ridge_weights(axes, rows, 0.0 if alpha is None else alpha)
    return np.ascontiguousarray(coefficients.T), target_mean - mean @ coefficients, alpha


def _first(axes: algebra.WeightedAxes, recipe: Recipe) -> algebra.WeightedAxes:
    size = recipe.n_components
    if recipe.share is not None:
        size = n_components_of_share(axes.singular**2, recipe.share)
    return algebra.WeightedAxes(
        axes.mean, axes.left[:, :size], axes.singular[:size], axes.right[:size]
    )


def _penalties(
    recipe: Recipe, axes: algebra.WeightedAxes, x: np.ndarray, y: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    if recipe.fixed is not None:
        return recipe.fixed
    if recipe.n_penalties == 1:
        return np.full(y.shape[1], recipe.alphas[0])
    if isinstance(recipe.inner, str):
        rows = algebra.centred(y, weights)[1]
        losses = algebra.CLOSED[recipe.inner](axes, rows, weights, recipe.alphas)
    else:
        folds = inner_folds(recipe.inner, len(x), None, False)
        losses = algebra.on_folds(x, y, weights, recipe.alphas, folds)
    return best_alphas(losses, recipe.alphas, recipe.per_target)


def _latent(recipe: Recipe, x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    of_x, of_y = np.ones(x.shape[1]), np.ones(y.shape[1])
    if recipe.ddof == 1:
        of_x, of_y = algebra.deviation(x, weights), algebra.deviation(y, weights)
    rows = algebra.centred(x, weights)[1] / of_x
    targets = algebra.centred(y, weights)[1] / of_y
    fit = pls(rows @ rows.T, targets, int(recipe.n_components or 1))
    return (rows.T @ fit.dual) @ fit.loadings * of_y / of_x[:, None]
