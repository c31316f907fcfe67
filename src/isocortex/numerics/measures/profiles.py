"""How well responses were predicted: along stimuli, along units, and against the others.

In each function ``predicted`` and ``measured`` have stimuli on the first axis; further axes are
units.
"""

import numpy as np

from isocortex.errors import InputError
from isocortex.numerics.arrays.constant import is_rounding


def profile_correlation(predicted: np.ndarray, measured: np.ndarray) -> np.ndarray:
    """Pearson correlation over stimuli, for each unit.

    Parameters
    ----------
    predicted, measured : array, shape (n_stimuli, ...)

    Returns
    -------
    r : array, shape (...)
        -1 to 1; NaN where a unit is constant or holds NaN.

    Raises
    ------
    InputError
        If the shapes differ or there are fewer than 2 stimuli.
    """
    x, y = _pair(predicted, measured)
    r = _correlated(x, y, 0)
    return r.reshape(np.shape(predicted)[1:])


def pattern_correlation(
    predicted: np.ndarray,
    measured: np.ndarray,
    mean: np.ndarray | None = None,
    std: np.ndarray | None = None,
) -> np.ndarray:
    """Pearson correlation over units, for each stimulus.

    Units that are NaN for any stimulus are left out.

    Parameters
    ----------
    predicted, measured : array, shape (n_stimuli, ...)
    mean, std : array, shape (...) or (1, ...), optional
        Of the training stimuli; both sides are standardized with them.

    Returns
    -------
    r : array, shape (n_stimuli,)
        -1 to 1; NaN where a pattern is constant.

    Raises
    ------
    InputError
        If the shapes differ.
    """
    x, y = _without_nan(*_pair(predicted, measured, mean, std))
    return _correlated(x, y, 1)


def pairwise_identification(
    predicted: np.ndarray, measured: np.ndarray, target: np.ndarray | None = None
) -> np.ndarray:
    """How often the right stimulus beats one other, by the correlation of patterns.

    Units that are NaN for any stimulus are left out; a tie counts as wrong; candidates whose
    correlation is undefined are left out.

    Parameters
    ----------
    predicted : array, shape (n_samples, ...)
    measured : array, shape (n_candidates, ...)
    target : integer array, shape (n_samples,), optional
        The right candidate of each sample; default the one in the same row.

    Returns
    -------
    accuracy : array, shape (n_samples,)
        0 to 1, chance 0.5; NaN where the right one is undefined or there is no other.

    Raises
    ------
    InputError
        If the shapes do not fit.
    """
    x, y = (
        np.asarray(each, dtype=np.float64).reshape(len(each), -1) for each in (predicted, measured)
    )
    if x.shape[1] != y.shape[1] or (target is None and len(x) != len(y)):
        raise InputError(
            f"predicted of shape {np.shape(predicted)} and measured of shape {np.shape(measured)} "
            "do not have the same units (and, without target, samples)."
        )
    target = np.arange(len(x)) if target is None else np.asarray(target, dtype=np.intp)
    # NaN anywhere in a unit takes it out on both sides, as bdpy does.
    good = ~(np.isnan(x).any(0) | np.isnan(y).any(0))
    r = _unit_rows(x[:, good]) @ _unit_rows(y[:, good]).T
    own = np.take_along_axis(r, target[:, None], axis=1)
    defined = (~np.isnan(r)).sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        accuracy = (r < own).sum(1) / np.where(defined > 1, defined - 1, np.nan)
    return np.where(np.isnan(own[:, 0]), np.nan, accuracy)


def _pair(predicted, measured, mean=None, std=None):
    x, y = np.asarray(predicted, dtype=np.float64), np.asarray(measured, dtype=np.float64)
    if x.shape != y.shape or x.ndim < 2 or len(x) < 2:
        raise InputError(
            f"predicted and measured need the same shape (n_stimuli, n_units), with at least 2 "
            f"stimuli, not {x.shape} and {y.shape}."
        )
    x, y = x.reshape(len(x), -1), y.reshape(len(y), -1)
    if mean is not None:
        x, y = x - np.reshape(mean, -1), y - np.reshape(mean, -1)
    if std is not None:
        x, y = x / np.reshape(std, -1), y / np.reshape(std, -1)
    return x, y


def _without_nan(x, y):
    good = ~(np.isnan(x).any(0) | np.isnan(y).any(0))
    return x[:, good], y[:, good]


def _correlated(x, y, axis):
    x, y = _unit(x, axis), _unit(y, axis)
    return np.clip((x * y).sum(axis), -1, 1)


def _unit_rows(x):
    return _unit(x, 1)


def _unit(x, axis):
    """Without its mean and of length one along ``axis``; NaN where it is constant."""
    if x.shape[axis] == 0:
        return x
    scale = np.abs(x).max(axis, keepdims=True)
    x = x - x.mean(axis, keepdims=True)
    norms = np.sqrt((x * x).sum(axis, keepdims=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        return x / np.where(is_rounding(norms / x.shape[axis] ** 0.5, scale), np.nan, norms)
