"""The test of no relation at all: the stimuli of a model exchanged, for all people alike."""

from dataclasses import replace

import numpy as np

from isocortex.arrays import pairs_of
from isocortex.inference.crossvalidated import in_folds
from isocortex.inference.samples import Task, scores_of
from isocortex.numerics.arrays.parallel import rows_for
from isocortex.numerics.chance.permutation import permutation_p
from isocortex.numerics.inference.draws import default_folds
from isocortex.numerics.inference.products import similarities
from isocortex.numerics.inference.relabelling import (
    permuted_products,
    prepared_rows,
    relabellings,
)

MOST_REFITTED = 200
"""Relabellings of models that are fitted anew in each."""

_BUDGET = 2**26
_DRAWINGS = 2


def relabelled_p(task: Task, n: int, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """P-values of the mean score over people, and how many relabellings there were.

    Parameters
    ----------
    task : Task
        Of models that are not fitted.
    n : int
    rng : Generator

    Returns
    -------
    p : array, shape (n_models,)
    n : int
        Fewer than asked where there are no more.
    """
    orders = relabellings(n, task.n_stimuli, rng)
    shares = 1 / (task.people.n * task.people.sizes[task.people.group])
    there = ~np.isnan(task.brain)
    if there.all():
        # The mean over people of inner products is one inner product with their mean.
        brain = shares @ prepared_rows(task.brain, task.metric)
        models = prepared_rows(task.models.values, task.metric)
        null = permuted_products(models, brain[None], orders)[:, :, 0]
    else:
        null = _with_gaps(task, shares, orders)
    return permutation_p(scores_of(task).mean(1), null), len(orders)


def refitted_p(task: Task, n: int, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """The same of cross-validated scores, where any model is fitted: anew in each relabelling.

    The data and all relabellings have the same folds, so that stimuli are all that is exchanged.

    Parameters
    ----------
    task : Task
    n : int
        At most ``MOST_REFITTED`` are made.
    rng : Generator
    """
    orders = relabellings(min(n, MOST_REFITTED), task.n_stimuli, rng)[:MOST_REFITTED]
    once = np.ones((1, task.n_stimuli), dtype=np.intp), np.ones((1, task.people.n), dtype=np.intp)
    k = default_folds(task.n_stimuli, task.people.n)
    seed = int(rng.integers(2**63))
    i, j = pairs_of(task.n_stimuli)

    def scores(values: np.ndarray) -> np.ndarray:
        moved = replace(task, models=replace(task.models, values=values))
        same_folds = np.random.default_rng(seed)
        return in_folds(moved, *once, k, (_DRAWINGS, same_folds)).columns[0, :, : task.models.n]

    place = _places(task.n_stimuli)
    null = [scores(task.models.values[:, place[o[i], o[j]]]).mean(0) for o in orders]
    return permutation_p(scores(task.models.values).mean(0), np.array(null)), len(orders)


def _places(n_stimuli: int) -> np.ndarray:
    """Where each pair of stimuli stands, shape (n_stimuli, n_stimuli)."""
    i, j = pairs_of(n_stimuli)
    place = np.zeros((n_stimuli, n_stimuli), dtype=np.intp)
    place[i, j] = place[j, i] = np.arange(len(i))
    return place


def _with_gaps(task: Task, shares: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Each relabelled model over the pairs of each person, which are other ones each time."""
    m, n = task.models.values.shape
    i, j = pairs_of(task.n_stimuli)
    place = _places(task.n_stimuli)
    once = np.ones((1, task.n_stimuli))
    null = np.empty((len(orders), m))
    size = rows_for(8 * 3 * m * n, _BUDGET)
    for start in range(0, len(orders), size):
        some = orders[start : start + size]
        moved = task.models.values[:, place[some[:, i], some[:, j]]].reshape(-1, n)
        rows = np.arange(len(moved) + len(task.brain))
        first, second = rows[: len(moved)], rows[len(moved) :]
        values = np.concatenate([moved, task.brain])
        alike = similarities(values, once, task.metric, first, second)[0] @ shares
        null[start : start + size] = alike.reshape(m, -1).T
    return null
