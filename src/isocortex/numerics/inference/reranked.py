r"""Mid-ranks of dissimilarities in samples of their stimuli.

The order of the dissimilarities is the same in every sample, so that each row is sorted once. In a
sample, the mid-rank of a pair is the weight before it and half of its own, with those it is tied
with; the weighted mean of all is always :math:`(k + 1) / 2` of k pairs.
"""

from functools import cache
from typing import Any

import numpy as np


class Orders:
    """The order of each row's values, and where runs of equal ones begin and end.

    Parameters
    ----------
    values : array, shape (n_rows, n_pairs)
    """

    def __init__(self, values: np.ndarray):
        self.order = np.argsort(values, 1, kind="stable").astype(np.int32)
        ordered = np.take_along_axis(values, self.order.astype(np.intp), 1)
        new = np.ones(values.shape, dtype=bool)
        new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
        self.run = (np.cumsum(new, 1) - 1).astype(np.int32)
        self.tied = np.logical_not(np.all(new, axis=1))


def centred_ranks(orders: Orders, rows: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Twice the mid-ranks of some rows less their weighted mean, in each sample.

    Parameters
    ----------
    orders : Orders
    rows : integer array, shape (n_chosen,)
    pairs : array, shape (n_samples, n_pairs)
        The weights of the pairs.

    Returns
    -------
    array, shape (n_samples, n_chosen, n_pairs)
    """
    compiled = _compiled()
    work = _by_array if compiled is None else _by_loop
    return work(orders, rows, pairs)


def _by_array(orders: Orders, rows: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    ranks = np.empty((len(pairs), len(rows), pairs.shape[1]))
    total: np.ndarray = pairs.sum(1, keepdims=True)
    for place, row in enumerate(rows):
        order = orders.order[row]
        own = np.take(pairs, order, 1)  # (n_samples, n_pairs), rising values
        upto = np.cumsum(own, 1)
        if orders.tied[row]:
            run = orders.run[row]
            # Equal values share the mean of the first and the last rank of their run.
            last = np.flatnonzero(np.diff(run, append=-1))
            ends = upto[:, last]
            before = np.concatenate([np.zeros((len(ends), 1)), ends[:, :-1]], 1)
            twice = (before + ends)[:, run]
        else:
            twice = 2 * upto - own
        ranks[:, place, order] = twice - total
    return ranks


def _by_loop(orders: Orders, rows: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    ranks = np.empty((len(pairs), len(rows), pairs.shape[1]))
    rows = np.ascontiguousarray(rows, dtype=np.intp)
    _compiled()(orders.order[rows], orders.run[rows], np.ascontiguousarray(pairs), ranks)
    return ranks


@cache
def _compiled() -> Any:
    """The same as a compiled loop, where numba (the extra ``fast``) is installed."""
    try:
        from numba import njit
    except ImportError:
        return None

    def fill(
        order: np.ndarray, run: np.ndarray, pairs: np.ndarray, ranks: np.ndarray
    ) -> None:  # pragma: no cover - compiled
        n_samples, n_pairs = pairs.shape
        for s in range(n_samples):
            total = 0.0
            for p in range(n_pairs):
                total += pairs[s, p]
            for a in range(order.shape[0]):
                before, start = 0.0, 0
                while start < n_pairs:
                    end, weight = start, 0.0
                    while end < n_pairs and run[a, end] == run[a, start]:
                        weight += pairs[s, order[a, end]]
                        end += 1
                    twice = 2 * before + weight - total
                    for p in range(start, end):
                        ranks[s, a, order[a, p]] = twice
                    before += weight
                    start = end

    return njit(fill, nogil=True)
