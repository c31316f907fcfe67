"""The test of no relation at all: the stimuli of a model exchanged, for all people alike."""

import numpy as np

from isocortex.inference.samples import Task, scores_of
from isocortex.numerics.arrays.parallel import rows_for
from isocortex.numerics.chance.permutation import permutation_p
from isocortex.numerics.inference.products import similarities
from isocortex.numerics.inference.relabelling import (
    permuted_products,
    prepared_rows,
    relabellings,
)

_BUDGET = 2**26


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


def _with_gaps(task: Task, shares: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Each relabelled model over the pairs of each person, which are other ones each time."""
    m, n = task.models.values.shape
    i, j = np.triu_indices(task.n_stimuli, 1)
    place = np.zeros((task.n_stimuli, task.n_stimuli), dtype=np.intp)
    place[i, j] = place[j, i] = np.arange(n)
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
