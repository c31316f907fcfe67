r"""Relabellings of each two RDMs until the answer is known: few where there is no relation.

References
----------
.. [1] Besag & Clifford (1991), Sequential Monte Carlo p-values, Biometrika 78:301.
   https://doi.org/10.1093/biomet/78.2.301
"""

from typing import NamedTuple

import numpy as np

from isocortex.numerics.arrays.parallel import rows_for
from isocortex.numerics.inference.relabelling import pair_places
from isocortex.progress import advance

ENOUGH = 20
"""So many relabellings that are as alike as the data end the test of a pair of RDMs."""

_TIE = 1e-5
"""Nearer than single precision tells apart counts as alike, which makes no p smaller."""

_FIRST_BLOCK = 32
_BUDGET = 2**25


class Sequential(NamedTuple):
    """Of each first row with each second one."""

    p: np.ndarray
    """Shape (n_first, n_second)."""
    n: np.ndarray
    """How many relabellings were made, shape (n_first, n_second)."""


def sequential(
    first: np.ndarray, second: np.ndarray, n_stimuli: int, n: int, rng: np.random.Generator
) -> Sequential:
    r"""Relabel until so many are as alike as the data, at most n times.

    :math:`p = h / l` where the h-th one was the l-th relabelling, and :math:`(b + 1) / (n + 1)`
    where there were b < h of n, h = 20: exact in that :math:`P(p \le \alpha) \le \alpha` under the
    null for every level [1]_. All pairs see the same relabellings; what is done costs nothing.

    Parameters
    ----------
    first, second : array, shape (n_first, n_values), (n_second, n_values)
        Prepared rows, whose inner products are the comparison.
    n_stimuli, n : int
    rng : numpy.random.Generator
    """
    # The rows that move are gathered once for each relabelling, so the fewer of them the better.
    if len(first) > len(second):
        turned = sequential(second, first, n_stimuli, n, rng)
        return Sequential(turned.p.T, turned.n.T)
    first, second = first.astype(np.float32), second.astype(np.float32)
    observed = first @ second.T
    reached = np.zeros(observed.shape, dtype=np.intp)
    made = np.zeros(observed.shape, dtype=np.intp)
    p = np.full(observed.shape, np.nan)
    most = rows_for(4 * 3 * first.shape[1], _BUDGET)
    size, done = min(_FIRST_BLOCK, most), 0
    while done < n and np.isnan(p).any():
        order = np.tile(np.arange(n_stimuli), (min(size, n - done), 1))
        orders = rng.permuted(order, axis=1)
        places = pair_places(orders, first.shape[1])
        for k in np.flatnonzero(np.isnan(p).any(1)):
            going = np.flatnonzero(np.isnan(p[k]))
            null = first[k][places] @ second[going].T
            alike = null >= observed[k, going] - _TIE
            upto = reached[k, going] + np.cumsum(alike, 0)
            ended = upto[-1] >= ENOUGH
            last = np.argmax(upto >= ENOUGH, 0) + 1
            reached[k, going] = upto[-1]
            made[k, going] = done + np.where(ended, last, len(orders))
            p[k, going[ended]] = ENOUGH / made[k, going[ended]]
        done += len(orders)
        advance(len(orders))
        size = min(2 * size, most)
    return Sequential(np.where(np.isnan(p), (1 + reached) / (1 + n), p), made)
