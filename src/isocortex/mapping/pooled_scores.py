"""Scores of all held-out predictions together, and of permuted targets likewise."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from isocortex.mapping.checked_folds import Fold
from isocortex.numerics.measures.accuracy import Accuracy
from isocortex.numerics.measures.pooled import POOLED, HeldOut, pool

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


def pooled_null(
    ready: Sequence[tuple[Any, Fold]],
    y: np.ndarray,
    orders: np.ndarray,
    measure: Pooled,
    columnwise: bool,
) -> np.ndarray:
    """Pooled scores of permuted targets, shape (n_permutations, n_targets).

    Parameters
    ----------
    ready : sequence of (prepared fold, its rows)
    y : array, shape (n_rows, n_targets)
    orders : integer array, shape (n_permutations, n_rows)
    measure : function of the folds
    columnwise : bool
        Whether each target is predicted by itself.
    """
    n_targets = y.shape[1]
    together = max(1, _COLUMNS // n_targets) if columnwise else 1
    found = np.empty((len(orders), n_targets))
    for start in range(0, len(orders), together):
        batch = orders[start : start + together]
        # (n_batch, n_rows, n_targets) to (n_rows, n_batch * n_targets): one fit for all.
        permuted = y[batch].transpose(1, 0, 2).reshape(len(y), -1)
        folds = [
            held_out(prepared.outcome(permuted[fold[0]], True), permuted, fold)
            for prepared, fold in ready
        ]
        found[start : start + len(batch)] = measure(folds).reshape(len(batch), n_targets)
    return found
