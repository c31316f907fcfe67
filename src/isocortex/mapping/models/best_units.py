"""Univariate mapping: every unit against every target, the best one for each."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.choice import one_of
from isocortex.errors import InputError
from isocortex.mapping.models.prepared import Outcome
from isocortex.mapping.null_scores import FoldNull, LayerNull, chance_if_undefined
from isocortex.numerics.arrays.from_sums import FROM_SUMS
from isocortex.numerics.linear import univariate
from isocortex.numerics.measures.pooled import HeldOut
from isocortex.progress import advance


@dataclass(frozen=True, eq=False)
class BestUnits:
    """The features of one fold, for each target to choose one of."""

    train: np.ndarray
    test: np.ndarray

    def predict(self, y: np.ndarray) -> np.ndarray:
        """Predictions for the test stimuli."""
        return self._predicted(y, self._chosen(y), self.test)

    def outcome(self, y: np.ndarray, size: bool) -> Outcome:
        """Predictions, where asked the size of the fit, and the units."""
        unit = self._chosen(y)
        variance = self._predicted(y, unit, self.train).var(0) if size else None
        return Outcome(self._predicted(y, unit, self.test), variance, {"chosen": unit})

    def _chosen(self, y: np.ndarray) -> np.ndarray:
        rows = np.arange(len(y))
        return univariate.best_in_training(self.train, y, [(rows, rows)])[0]

    def _predicted(self, y: np.ndarray, unit: np.ndarray, test: np.ndarray) -> np.ndarray:
        both = np.concatenate([self.train, test])
        n_train = len(self.train)
        fold = np.arange(n_train), np.arange(n_train, len(both))
        return univariate.predictions(both, y, unit, fold)


def single_units(select: str, source: Any, y: np.ndarray, settings: Any) -> tuple[Any, ...]:
    """Scores, predictions and chosen units of a univariate model, for all folds at once.

    Parameters
    ----------
    select : {"train", "test"}
    source : Source
    y : array, shape (n_rows, n_targets)
    settings : CrossValidation

    Returns
    -------
    values : array, shape (n_folds, n_targets), or (n_targets,) where folds are pooled
    outcomes : list of Outcome
        Without predictions where units were chosen on the test stimuli.
    chance : the p-value of each target and the largest score of each permutation, or None
    """
    x = _values(source)
    found_by = SELECT[one_of(select, SELECT, "select")]
    values, predicted, chosen = found_by(x, y, settings)
    kept = predicted if settings.keep_model and predicted else [None] * len(chosen)
    outcomes = [Outcome(p, None, {"chosen": u}) for p, u in zip(kept, chosen, strict=True)]
    if settings.null is None:
        return values, outcomes, None
    known = FoldNull(settings.null, settings.metric, settings.measure, len(settings.folds), True)
    null = LayerNull(known)
    of_folds = np.atleast_2d(values)  # pooled scores have no axis of folds
    advance(len(settings.folds))
    sums = []
    for order in settings.null.orders:
        permuted = np.atleast_2d(found_by(x, y[order], settings)[0])
        sums.append(chance_if_undefined(permuted, settings.metric).sum(0))
        advance()
    null.add_sums(np.array(sums))
    return values, outcomes, null.finish(y, of_folds.mean(0), len(of_folds))


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
    if settings.metric not in FROM_SUMS:
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
