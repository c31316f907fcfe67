"""Scores of all held-out predictions together, and of permuted targets likewise."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.null_scores import (
    FoldNull,
    chance_if_undefined,
    p_and_largest,
    warn_undefined_null,
)
from isocortex.numerics.arrays.constant import is_constant
from isocortex.numerics.chance.pooled_folds import ROUGH, PooledFolds, pooled_fold
from isocortex.numerics.chance.rough_scores import rough_null, settled
from isocortex.numerics.measures.accuracy import Accuracy
from isocortex.numerics.measures.pooled import POOLED, PRIOR, HeldOut, pool
from isocortex.progress import advance

Pooled = Callable[[Sequence[HeldOut]], np.ndarray]
_COLUMNS = 1024


def pooled_measure(accuracy: str | Accuracy) -> Pooled:
    """One score for each target from the folds: by name, or a function of all pairs as they are."""
    if isinstance(accuracy, str):
        score = POOLED[accuracy]
        return lambda folds: score(pool(folds))
    return lambda folds: accuracy(
        np.concatenate([fold.measured for fold in folds]),
        np.concatenate([fold.predicted for fold in folds]),
    )


def held_out(outcome: Any, y: np.ndarray, fold: Fold) -> HeldOut:
    """What a fold gives to the pool."""
    train, test = fold
    return HeldOut(y[test], outcome.predicted, y[train].mean(0), outcome.variance)


def pooled_chance(
    ready: Sequence[tuple[Any, Fold]],
    y: np.ndarray,
    observed: np.ndarray,
    known: FoldNull,
) -> tuple[np.ndarray, np.ndarray]:
    """The p-value of each pooled score, and the largest score of each permutation.

    Parameters
    ----------
    ready : sequence of (prepared fold, its rows)
    y : array, shape (n_rows, n_targets)
    observed : array, shape (n_targets,)
    known : FoldNull
        With a measure of all folds.

    Returns
    -------
    p : array, shape (n_targets,)
    maxima : array, shape (n_permutations,)
    """
    linear = all(hasattr(each, "factors") and hasattr(each, "gains") for each, _ in ready)
    if linear and known.metric in ROUGH:
        return _of_linear(ready, y, observed, known)
    null = _refitted(ready, y, known)
    null = chance_if_undefined(null, known.metric)
    warn_undefined_null(observed, null)
    return p_and_largest(observed, null, ~is_constant(y))


def _of_linear(
    ready: Sequence[tuple[Any, Fold]],
    y: np.ndarray,
    observed: np.ndarray,
    known: FoldNull,
) -> tuple[np.ndarray, np.ndarray]:
    folds = [pooled_fold((*each.factors, each.gains), *fold, len(y), PRIOR) for each, fold in ready]
    orders, varies = known.null.orders, ~is_constant(y)
    p = np.where(varies, 1.0, np.nan)
    maxima = np.full(len(orders), -np.inf)
    # Constant targets have no scores, and are in no family of tests.
    there = np.flatnonzero(varies)
    for start in range(0, len(there), _COLUMNS):
        part = there[start : start + _COLUMNS]
        columns = np.ascontiguousarray(y[:, part])  # (n_rows, up to 1024): rows are permuted
        exact = partial(_exact, ready, columns, known)
        rough = PooledFolds(folds, known.metric, columns)
        steps = len(part) / len(there)
        found = rough_null(rough, columns - columns.mean(0), orders, steps)
        all_vary = np.ones(len(part), dtype=bool)
        means = settled(found, observed[part], all_vary, exact)
        p[part], some = p_and_largest(observed[part], means, all_vary)
        maxima = np.maximum(maxima, some)
    return p, maxima


def _exact(
    ready: Sequence[tuple[Any, Fold]],
    y: np.ndarray,
    known: FoldNull,
    order: np.ndarray,
    target: np.ndarray,
) -> np.ndarray:
    """Scores of single targets in single permutations, shape (n_some,)."""
    permuted = np.ascontiguousarray(y[known.null.orders[order], target[:, None]].T)
    return chance_if_undefined(_score(ready, permuted, known.measure), known.metric)


def _score(ready: Sequence[tuple[Any, Fold]], y: np.ndarray, measure: Pooled) -> np.ndarray:
    return measure([held_out(each.outcome(y[fold[0]], True), y, fold) for each, fold in ready])


def _refitted(
    ready: Sequence[tuple[Any, Fold]],
    y: np.ndarray,
    known: FoldNull,
) -> np.ndarray:
    """Pooled scores of permuted targets, shape (n_permutations, n_targets)."""
    n_targets, orders = y.shape[1], known.null.orders
    together = max(1, _COLUMNS // n_targets) if known.columnwise else 1
    found = np.empty((len(orders), n_targets))
    for start in range(0, len(orders), together):
        batch = orders[start : start + together]
        # (n_batch, n_rows, n_targets) to (n_rows, n_batch * n_targets): one fit for all.
        permuted = y[batch].transpose(1, 0, 2).reshape(len(y), -1)
        scores = _score(ready, permuted, known.measure)
        found[start : start + len(batch)] = scores.reshape(len(batch), n_targets)
        advance(len(batch))
    return found
