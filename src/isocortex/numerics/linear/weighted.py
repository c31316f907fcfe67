r"""Linear models of weighted stimuli: rows count as often as their weights say.

With weighted means taken out and rows multiplied by :math:`\sqrt w` a weighted fit is an
ordinary one without intercept; a whole weight is that many copies of its row, and 0 none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

Fold = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class WeightedAxes:
    r"""Principal axes of weighted features, :math:`\sqrt w (X - \bar x) = U S V^\top`."""

    mean: np.ndarray
    """Shape (n_features,)."""
    left: np.ndarray
    """:math:`U`, shape (n_rows, n_axes)."""
    singular: np.ndarray
    right: np.ndarray
    """:math:`V^\top`, shape (n_axes, n_features)."""


def centred(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The weighted mean, and rows without it times the root of their weight."""
    mean = weights @ values / weights.sum()
    return mean, np.sqrt(weights)[:, None] * (values - mean)


def deviation(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Standard deviation of each column over one less than the sum of weights; 1 where it is 0."""
    rows = centred(values, weights)[1]
    size = np.sqrt((rows**2).sum(0) / max(weights.sum() - 1, 1e-12))
    low, high = values.min(0), values.max(0)
    return np.where(high > low, size, 1.0)


def weighted_axes(x: np.ndarray, weights: np.ndarray) -> WeightedAxes:
    """Axes of weighted rows, those of rounding left out."""
    mean, rows = centred(x, weights)
    left, singular, right = linalg.svd(rows, full_matrices=False)
    size = max(float(np.abs(x).max(initial=0.0)), 1.0) * np.finfo(float).eps
    floor = max(rows.shape) * np.finfo(float).eps * max(singular[0], 0.0)
    # Less one: a direction that the mean has taken leaves rounding of the values behind.
    floor = max(floor, 8 * size * np.sqrt(weights.sum()))
    keep = singular > floor
    keep[max(len(x) - 1, 0) :] = False
    return WeightedAxes(mean, left[:, keep], singular[keep], right[keep])


def ridge_weights(axes: WeightedAxes, y: np.ndarray, alpha: float | np.ndarray) -> np.ndarray:
    """Weights on features at a penalty (0: least squares); shape (n_features, n_targets)."""
    filters = axes.singular[:, None] / (axes.singular[:, None] ** 2 + np.atleast_1d(alpha))
    return axes.right.T @ (filters * (axes.left.T @ y))


def leave_one_out(
    axes: WeightedAxes, y: np.ndarray, weights: np.ndarray, alphas: np.ndarray
) -> np.ndarray:
    """Weighted squared error of leaving each row out in turn; shape (n_alphas, n_targets).

    Parameters
    ----------
    axes : WeightedAxes
    y : array, shape (n_rows, n_targets)
        Centred and times the root of the weights.
    """
    losses = []
    for alpha in alphas:
        share = axes.singular**2 / (axes.singular**2 + alpha)
        residual = y - (axes.left * share) @ (axes.left.T @ y)
        leverage = axes.left**2 @ share + weights / weights.sum()
        losses.append(((residual / (1 - leverage)[:, None]) ** 2).mean(0))
    return np.array(losses)


def generalized(
    axes: WeightedAxes, y: np.ndarray, weights: np.ndarray, alphas: np.ndarray
) -> np.ndarray:
    """Generalized cross-validation of as many rows as weights; shape (n_alphas, n_targets)."""
    total, losses = weights.sum(), []
    for alpha in alphas:
        share = axes.singular**2 / (axes.singular**2 + alpha)
        residual = y - (axes.left * share) @ (axes.left.T @ y)
        losses.append(total * (residual**2).sum(0) / (total - 1 - share.sum()) ** 2)
    return np.array(losses)


def on_folds(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray, alphas: np.ndarray, folds: Sequence[Fold]
) -> np.ndarray:
    """Weighted squared error on held-out rows, averaged over folds; shape (n_alphas, n_targets).

    Parameters
    ----------
    x, y : arrays, shape (n_rows, n_features) and (n_rows, n_targets)
        As they are.
    """
    total = np.zeros((len(alphas), y.shape[1]))
    for train, test in folds:
        axes = weighted_axes(x[train], weights[train])
        mean, rows = centred(y[train], weights[train])
        for i, alpha in enumerate(alphas):
            guess = mean + (x[test] - axes.mean) @ ridge_weights(axes, rows, alpha)
            total[i] += weights[test] @ (y[test] - guess) ** 2 / weights[test].sum()
    return total / len(folds)


def best_units(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The column of largest absolute weighted correlation with each target; (n_targets,)."""
    rows, targets = centred(x, weights)[1], centred(y, weights)[1]
    size = np.linalg.norm(rows, axis=0)
    varies = x.max(0) > x.min(0)
    strength = np.abs(rows.T @ targets) / np.where(varies & (size > 0), size, np.inf)[:, None]
    return strength.argmax(0)


CLOSED: Mapping[str, Callable[..., np.ndarray]] = {"loo": leave_one_out, "gcv": generalized}
