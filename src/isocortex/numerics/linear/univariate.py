"""Simple regression of every target on every single unit, in closed form.

The slope of a fold is cov(x, y) / var(x) over the training stimuli, and the Pearson score on
the test stimuli is the sign of the slope times their correlation; so all units, targets and
folds are a few matrix products, and the training sums are totals less those of the test part.
"""

from collections.abc import Sequence

import numpy as np

from isocortex.arrays import Array, as_numpy, column_blocks
from isocortex.numerics.arrays.centre import without_mean
from isocortex.numerics.arrays.constant import is_constant, is_rounding
from isocortex.numerics.arrays.from_sums import FROM_SUMS

Fold = tuple[np.ndarray, np.ndarray]
_BLOCK = 8 * 2**20


def best_in_training(x: Array, y: np.ndarray, folds: Sequence[Fold]) -> np.ndarray:
    """The unit of largest absolute correlation with each target over the training stimuli.

    Parameters
    ----------
    x : array, shape (n_stimuli, n_units)
        In memory or lazy; read in blocks of columns.
    y : array, shape (n_stimuli, n_targets)
    folds : sequence of (train, test)

    Returns
    -------
    integer array, shape (n_folds, n_targets)
    """
    chosen = np.zeros((len(folds), y.shape[1]), dtype=np.intp)
    best = np.full(chosen.shape, -1.0)
    parted = [_is_complement(fold, len(y)) for fold in folds]
    y = y - y.mean(0)
    for columns, block in column_blocks(x, _BLOCK):
        block = as_numpy(block).astype(np.float64, copy=False)
        varying = ~is_constant(block)
        block = without_mean(block)
        total = block.T @ y if any(parted) else np.empty(0)
        for f, (train, test) in enumerate(folds):
            if parted[f]:
                strength = _downdated(total, block, y, test)
            else:
                strength = _products(block, y, train)
            strength *= varying[:, None]
            at = strength.argmax(0)
            top = strength[at, np.arange(len(at))]
            better = top > best[f]
            chosen[f, better] = at[better] + columns.start
            best[f, better] = top[better]
    return chosen


def predictions(x: Array, y: np.ndarray, chosen: np.ndarray, fold: Fold) -> np.ndarray:
    """Predict each target from its chosen unit; shape (n_test, n_targets)."""
    train, test = fold
    units, place = np.unique(chosen, return_inverse=True)
    columns = _columns(x, units)[:, place]
    mean_x, mean_y = columns[train].mean(0), y[train].mean(0)
    centred = without_mean(columns[train])
    above = np.einsum("ij,ij->j", centred, y[train] - mean_y)
    below = np.einsum("ij,ij->j", centred, centred)
    varying = ~is_constant(columns[train])
    slope = np.divide(above, below, out=np.zeros_like(above), where=varying & (below > 0))
    return mean_y + slope * (columns[test] - mean_x)


def scores(x: np.ndarray, y: np.ndarray, fold: Fold, accuracy: str) -> np.ndarray:
    """The score of every unit for every target in one fold.

    Parameters
    ----------
    x : array, shape (n_stimuli, n_units)
    y : array, shape (n_stimuli, n_targets)
    fold : (train, test)
    accuracy : {"pearson", "r2", "explained_variance"}

    Returns
    -------
    array, shape (n_units, n_targets)
        NaN where a unit does not vary in the training stimuli or (``"pearson"``) in the test
        stimuli, or the target does not in the test stimuli.
    """
    train, test = fold
    mean_x, mean_y = x[train].mean(0), y[train].mean(0)
    x_train, y_train = without_mean(x[train]), y[train] - mean_y
    below = np.einsum("ij,ij->j", x_train, x_train)
    flat = is_constant(x[train])
    below[flat] = np.nan
    slope = (x_train.T @ y_train) / below[:, None]
    return _scored(slope, x[test] - mean_x, y[test] - mean_y, accuracy)


def best_in_test(
    x: Array, y: np.ndarray, folds: Sequence[Fold], accuracy: str
) -> tuple[np.ndarray, np.ndarray]:
    """The unit of largest mean test score: a choice on the data that it is scored on.

    Returns
    -------
    chosen : integer array, shape (n_targets,)
    scores : array, shape (n_folds, n_targets)
    """
    chosen = np.zeros(y.shape[1], dtype=np.intp)
    best = np.full((len(folds), y.shape[1]), np.nan)
    top = np.full(y.shape[1], -np.inf)
    for columns, block in column_blocks(x, _BLOCK):
        block = as_numpy(block).astype(np.float64, copy=False)
        each = np.array([scores(block, y, fold, accuracy) for fold in folds])
        mean = np.where(np.isnan(each).any(0), -np.inf, each.mean(0))
        at = mean.argmax(0)
        targets = np.arange(len(at))
        better = mean[at, targets] > top
        chosen[better] = at[better] + columns.start
        top[better] = mean[at, targets][better]
        best[:, better] = each[:, at, targets][:, better]
    return chosen, best


def _downdated(total: np.ndarray, x: np.ndarray, y: np.ndarray, test: np.ndarray) -> np.ndarray:
    """|cov| / sd(x) in training: totals less the test part; x and y have mean 0."""
    n, n_test = len(y), len(test)
    # With mean 0 overall, the training mean is -sum(test) / n_train: one more row says so.
    x_test = np.concatenate([x[test], x[test].sum(0, keepdims=True) / np.sqrt(n - n_test)])
    y_test = np.concatenate([y[test], y[test].sum(0, keepdims=True) / np.sqrt(n - n_test)])
    strength = x_test.T @ y_test
    np.subtract(total, strength, out=strength)
    whole = np.einsum("ij,ij->j", x, x)
    return _scaled(strength, whole - np.einsum("ij,ij->j", x_test, x_test), whole)


def _products(x: np.ndarray, y: np.ndarray, train: np.ndarray) -> np.ndarray:
    x_train, y_train = x[train] - x[train].mean(0), y[train] - y[train].mean(0)
    squares = np.einsum("ij,ij->j", x_train, x_train)
    return _scaled(x_train.T @ y_train, squares, np.einsum("ij,ij->j", x, x))


def _scaled(strength: np.ndarray, squares: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Over the deviation in training, except of units whose own squares leave only rounding."""
    squares = np.where(is_rounding(squares, whole), np.inf, squares)
    np.abs(strength, out=strength)
    strength *= (1 / np.sqrt(squares))[:, None]
    return strength


def _is_complement(fold: Fold, n: int) -> bool:
    train, test = fold
    return len(train) + len(test) == n and len(np.union1d(train, test)) == n


def _columns(x: Array, units: np.ndarray) -> np.ndarray:
    if isinstance(x, np.ndarray):
        return x[:, units].astype(np.float64, copy=False)
    parts: list[np.ndarray] = []
    for columns, block in column_blocks(x, _BLOCK):
        here = units[(units >= columns.start) & (units < columns.stop)] - columns.start
        parts.append(as_numpy(block)[:, here].astype(np.float64))
    return np.concatenate(parts, axis=1)


def _scored(slope: np.ndarray, x: np.ndarray, y: np.ndarray, accuracy: str) -> np.ndarray:
    """Scores of the predictions ``slope * x`` of y, shape (n_units, n_targets), never formed.

    Parameters
    ----------
    slope : array, shape (n_units, n_targets)
        NaN where there is no prediction.
    x, y : arrays, shape (n_test, n_units) and (n_test, n_targets)
        Test stimuli, less the means in training.
    """
    flat_x, flat_y = is_constant(x), is_constant(y)
    mean_x, mean_y = x.mean(0), y.mean(0)
    # (n_test, n_units) and (n_test, n_targets); what is left of a constant is rounding.
    x, y = np.where(flat_x, 0.0, x - mean_x), np.where(flat_y, 0.0, y - mean_y)
    xx, yy = np.einsum("ij,ij->j", x, x), np.einsum("ij,ij->j", y, y)
    yy[flat_y] = np.nan
    offset = len(x) * (mean_y - slope * mean_x[:, None]) ** 2
    return FROM_SUMS[accuracy](yy, slope * (x.T @ y), slope**2 * xx[:, None], offset)
