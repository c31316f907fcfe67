"""Simple regression of every target on every single unit, in closed form.

The slope of a fold is cov(x, y) / var(x) over the training stimuli, and the Pearson score on
the test stimuli is the sign of the slope times their correlation; so all units, targets and
folds are a few matrix products, and the training sums are totals less those of the test part.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from isocortex.arrays import Array, as_numpy, column_blocks
from isocortex.numerics.arrays.centre import without_mean
from isocortex.numerics.arrays.constant import is_constant, is_rounding

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
    return SCORES[accuracy](slope, x[test] - mean_x, y[test] - mean_y)


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


def _pearson(slope: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    flat_x, flat_y = is_constant(x), is_constant(y)
    x, y = x - x.mean(0), y - y.mean(0)
    norm_x, norm_y = np.linalg.norm(x, axis=0), np.linalg.norm(y, axis=0)
    norm_x[flat_x], norm_y[flat_y] = np.nan, np.nan
    return np.clip(np.sign(slope) * ((x / norm_x).T @ (y / norm_y)), -1, 1)


def _explained(slope: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    variance = np.where(is_constant(y), np.nan, ((y - y.mean(0)) ** 2).sum(0))
    return 1 - _squared_error(slope, x - x.mean(0), y - y.mean(0)) / variance


def _r2(slope: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    variance = np.where(is_constant(y), np.nan, ((y - y.mean(0)) ** 2).sum(0))
    return 1 - _squared_error(slope, x, y) / variance


def _squared_error(slope: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    squares_x = np.einsum("ij,ij->j", x, x)[:, None]
    return np.einsum("ij,ij->j", y, y) - 2 * slope * (x.T @ y) + slope**2 * squares_x


SCORES: Mapping[str, Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]] = {
    "pearson": _pearson,
    "r2": _r2,
    "explained_variance": _explained,
}
