"""Mapping by single units: the best correlation, and regressions or classifiers on one unit."""

from typing import Any

import numpy as np
from sklearn.base import is_classifier

from isocortex.arrays import as_numpy, column_blocks
from isocortex.compat.dnnbrain.dnn.fitted import unfitted
from isocortex.data.responses import Responses
from isocortex.errors import InputError
from isocortex.numerics.arrays.constant import is_constant
from isocortex.numerics.measures.accuracy import Accuracy


def best_correlation(x: Any, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The correlation of largest magnitude with each target, and the unit that has it.

    Parameters
    ----------
    x : array, shape (n_stimuli, n_units)
        In memory or lazy.
    y : array, shape (n_stimuli, n_targets)

    Returns
    -------
    r : array, shape (n_targets,)
        From -1 to 1; NaN where neither any unit nor the target varies.
    unit : integer array, shape (n_targets,)
        -1 there.
    """
    targets, flat = _unit_columns(y)
    best = np.full(y.shape[1], np.nan)
    unit = np.full(y.shape[1], -1)
    for columns, block in column_blocks(x):
        units, constant = _unit_columns(as_numpy(block).astype(np.float64))
        r = units.T @ targets
        r[constant] = np.nan
        r[:, flat] = np.nan
        size = np.where(np.isnan(r), -1.0, np.abs(r))
        place = size.argmax(0)
        found = r[place, np.arange(r.shape[1])]
        better = ~np.isnan(found) & (np.isnan(best) | (np.abs(found) > np.abs(best)))
        best[better] = found[better]
        unit[better] = place[better] + columns.start
    return np.clip(best, -1, 1), unit


def best_unit_scores(
    features: Responses, targets: np.ndarray, estimator: Any, cv: int, measure: Accuracy
) -> dict[str, np.ndarray]:
    """Cross-validated scores of an estimator on the unit that the training stimuli choose.

    Parameters
    ----------
    features : Responses, shape (n_stimuli, n_units)
    targets : array, shape (n_stimuli, n_targets)
    estimator : scikit-learn regressor or classifier
        Of regressors the unit of largest \\|r\\| is taken, of classifiers that of largest F.
    cv : int
        Folds, not shuffled; stratified for classes.
    measure : function of measured and predicted, (n_test, 1) each

    Returns
    -------
    dict
        ``score`` (n_targets, n_folds), ``location``, ``model``; for classes ``conf_m``.
    """
    classes = is_classifier(estimator)
    x = features.numpy().astype(np.float64, copy=False)
    n_targets = targets.shape[1]
    choose = _most_different if classes else _most_correlated
    location = choose(x, targets)
    if (location < 0).any():
        raise InputError("uv: every unit or a target is constant, so there is no best unit.")
    score = np.full((n_targets, cv), np.nan)
    confusions = np.empty((n_targets, cv), dtype=object)
    for target in range(n_targets):
        y = targets[:, target]
        known = np.unique(y) if classes else None
        for fold, (train, test) in enumerate(_splitter(cv, classes).split(x, y)):
            unit = choose(x[train], y[train, None])[0]
            if unit < 0:
                continue
            fitted = unfitted(estimator).fit(x[train][:, [unit]], y[train])
            predicted = np.asarray(fitted.predict(x[test][:, [unit]])).ravel()
            if known is None:
                score[target, fold] = measure(y[test, None], predicted[:, None])[0]
            else:
                score[target, fold] = (predicted == y[test]).mean()
                confusions[target, fold] = _counts(y[test], predicted, known)
    models = np.empty(n_targets, dtype=object)
    for target, unit in enumerate(location):
        models[target] = unfitted(estimator).fit(x[:, [unit]], targets[:, target])
    found = {"score": score, "location": location, "model": models}
    return {**found, "conf_m": confusions} if classes else found


def _most_correlated(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return best_correlation(x, y.astype(np.float64))[1]


def _most_different(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The unit with the largest F ratio between classes, for each column of classes."""
    varies = ~is_constant(x)
    if not varies.any():
        return np.full(y.shape[1], -1)
    between = np.empty((x.shape[1], y.shape[1]))
    total = ((x - x.mean(0)) ** 2).sum(0)
    for target, labels in enumerate(y.T):
        names, which = np.unique(labels, return_inverse=True)
        sums = np.stack([x[which == c].sum(0) for c in range(len(names))])
        counts = np.bincount(which)[:, None]
        between[:, target] = (sums**2 / counts).sum(0) - x.sum(0) ** 2 / len(x)
    # F rises with the share of variance between the classes.
    share = between[varies] / total[varies, None]
    return np.nonzero(varies)[0][share.argmax(0)]


def _splitter(cv: int, classes: bool) -> Any:
    from sklearn.model_selection import KFold, StratifiedKFold

    return StratifiedKFold(cv) if classes else KFold(cv)


def _counts(true: np.ndarray, predicted: np.ndarray, known: np.ndarray) -> np.ndarray:
    from sklearn.metrics import confusion_matrix

    return confusion_matrix(true, predicted, labels=known)


def _unit_columns(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centred columns of length one, and which are constant (left at zero)."""
    constant = is_constant(x)
    x = x - x.mean(0)
    length = np.sqrt((x * x).sum(0))
    return x / np.where(constant, 1.0, np.where(length > 0, length, 1.0)), constant
