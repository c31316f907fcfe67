"""Univariate mapping: every unit against every target, the best one for each."""

from typing import Any

import numpy as np

from isocortex.choice import choose
from isocortex.errors import InputError
from isocortex.numerics import univariate
from isocortex.numerics.pooled import HeldOut


def single_units(road: Any, y: np.ndarray, settings: Any):
    """Scores, predictions and chosen units of a univariate model, for all folds at once.

    Returns
    -------
    values : array, shape (n_folds, n_targets), or (n_targets,) where folds are pooled
    predicted : list of arrays, or None where units were chosen on the test stimuli
    chosen : mapping with an integer array, shape (n_folds, n_targets)
    edges : none, since there is no penalty
    p, maxima : of the null, or None
    """
    source = road.source
    x = _values(source)
    select = choose(road.model.select, SELECT, "select")
    values, predicted, chosen = select(x, y, settings)
    found = values, predicted, {"chosen": chosen}, ()
    if settings.null is None:
        return *found, None, None
    from isocortex.mapping.null import LayerNull

    null = LayerNull(settings.null, settings.metric, settings.measure, y.shape[1])
    of_folds = np.atleast_2d(values)
    sums = [
        np.atleast_2d(select(x, y[order], settings)[0]).sum(0) for order in settings.null.orders
    ]
    null.add_sums(np.array(sums))
    return *found, *null.finish(y, of_folds.mean(0), len(of_folds))


def _by_training(x: Any, y: np.ndarray, settings: Any):
    chosen = univariate.best_in_training(x, y, settings.folds)
    predicted = [
        univariate.predictions(x, y, units, fold)
        for units, fold in zip(chosen, settings.folds, strict=True)
    ]
    if settings.pooled:
        return settings.measure(_pooled(x, y, chosen, predicted, settings.folds)), predicted, chosen
    values = [
        settings.measure(y[test], p) for (_, test), p in zip(settings.folds, predicted, strict=True)
    ]
    return np.array(values), predicted, chosen


def _pooled(x: Any, y: np.ndarray, chosen: Any, predicted: Any, folds: Any) -> list[HeldOut]:
    """What each fold gives to the pool."""
    parts = []
    for units, guess, (train, test) in zip(chosen, predicted, folds, strict=True):
        fitted = univariate.predictions(x, y, units, (train, train))
        parts.append(HeldOut(y[test], guess, y[train].mean(0), fitted.var(0)))
    return parts


def _by_test(x: Any, y: np.ndarray, settings: Any):
    if settings.pooled:
        raise InputError(
            "Univariate(select='test') scores every unit in every fold, and predicts nothing that "
            "could be pooled: take Univariate(), or pooled=False."
        )
    if settings.metric not in univariate.SCORES:
        raise InputError(
            "Univariate(select='test') compares all units by pearson, r2 or "
            f"explained_variance, not by {settings.metric}."
        )
    chosen, values = univariate.best_in_test(x, y, settings.folds, settings.metric)
    return values, None, np.tile(chosen, (len(values), 1))


def _values(source: Any) -> Any:
    straight = np.array_equal(source.rows, np.arange(source.noun.n_stimuli))
    return source.noun.values if straight else source.values()


SELECT = {"train": _by_training, "test": _by_test}
