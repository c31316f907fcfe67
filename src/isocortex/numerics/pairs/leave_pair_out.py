"""Leave-one-trial-pair-out linear discriminants of all pairs of conditions, at all times.

Which of the fast solvers is used depends on the numbers of trials and units; what none of them
can decide safely is marked, and left to :mod:`isocortex.numerics.pairs.discriminant`.
"""

from functools import partial

import numpy as np

from isocortex.arrays import pairs_of
from isocortex.numerics.arrays.parallel import in_blocks, rows_for
from isocortex.numerics.pairs.lda_pairs_regular import regular, shrunken
from isocortex.numerics.pairs.lda_pairs_singular import singular


def leave_pair_out(
    values: np.ndarray, shrinkage: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """How often the two trials that were left out are classified correctly.

    Parameters
    ----------
    values : array, shape (n_times, n_conditions, m, n_units)
        The same number m of trials for every condition.
    shrinkage : float, optional
        Above 0 and up to 1; default none.

    Returns
    -------
    accuracy : array, shape (n_times, n_pairs)
        From 0 to 1; meaningless where unsure.
    unsure : boolean array, shape (n_times, n_pairs)
        What the solver for any case should decide.
    """
    n_times, n_conditions, m, p = values.shape
    means = values.mean(2)
    deviations = (values - means[:, :, None]).reshape(-1, m, p)
    means = means.reshape(-1, p)
    rows, columns = pairs_of(n_conditions)
    n_pairs = len(rows)
    offsets = np.arange(n_times)[:, None] * n_conditions
    first, second = (offsets + rows).ravel(), (offsets + columns).ravel()
    accuracy = np.zeros(n_times * n_pairs)
    unsure = np.ones(n_times * n_pairs, dtype=bool)
    solver = solver_for(m, p) if shrinkage is None else partial(shrunken, shrinkage=shrinkage)
    if solver is not None:
        scatter = np.matmul(deviations.transpose(0, 2, 1), deviations)

        def work(block: slice) -> None:
            a, b = first[block], second[block]
            delta = means[b] - means[a]
            decisions, sure = solver(scatter[a] + scatter[b], delta, deviations[a], deviations[b])
            right_a, right_b = decisions[0] <= 0, decisions[1] > 0
            accuracy[block] = (right_a.sum(1) + right_b.sum(1)) / (2 * m)
            unsure[block] = ~sure

        with np.errstate(all="ignore"):
            # Large enough that the overhead of each call is small, and near the cache's size.
            size = rows_for(8 * (p * p + 6 * m * p), 2**23)
            in_blocks(work, len(first), size, steps=1)
    shape = (n_times, n_pairs)
    return accuracy.reshape(shape), unsure.reshape(shape)


def solver_for(m: int, p: int):
    """The fast solver for m trials of each condition and p units, if there is one."""
    if m < 3:
        return None
    if 2 * m - 4 >= p:
        return regular
    # With far more units than trials the null space is large, and the dual solver is faster.
    if p >= 2 * m - 2 and p - (2 * m - 2) <= m:
        return singular
    return None
