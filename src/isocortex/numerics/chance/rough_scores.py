"""Scores of permuted targets in float32 with bounds, and in float64 where anything hangs on them.

Counts of scores that reach the observed one, and the largest of each permutation, need few exact
scores: those that are as near to what they are compared with as the bounds are wide.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from isocortex.numerics.arrays.parallel import shared, side_by_side
from isocortex.progress import advance

COLUMNS = 2048
"""Permuted targets that stand side by side."""
UNIT = 2.0**-24
"""Half the distance of neighbouring numbers in float32, relative to them."""
_WORTH_A_SHARE = 10**8
"""Multiplications of one of several blocks from which they gain from threads: some 5 ms."""


class Rough(Protocol):
    """What finds scores in float32."""

    n_found: int
    """How many rows a block of targets is multiplied to, for their memory."""

    def of(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Scores and bounds of centred targets of unit length or 0, shape (n_targets,) both."""
        ...


def rough_null(
    rough: Rough, y: np.ndarray, orders: np.ndarray, steps: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Scores of permuted targets and how far each may be off, infinite where that is not known.

    Parameters
    ----------
    rough : Rough
    y : array, shape (n_rows, n_targets)
        Centred.
    orders : integer array, shape (n_orders, n_rows)
    steps : float, default=0
        What each order counts of the open job.

    Returns
    -------
    scores, doubt : array, shape (n_orders, n_targets)
    """
    shape = len(orders), y.shape[1]
    scores, doubt = np.empty(shape), np.empty(shape)
    size = np.linalg.norm(y, axis=0)
    # No score changes with the scale of a target, and bounds are those of unit length.
    columns = (y / np.where(size > 0, size, 1.0)).astype(np.float32)
    together = max(1, COLUMNS // y.shape[1])

    def of_some(some: slice) -> int:
        # Several orders side by side, (n_rows, n_orders * n_targets).
        beside = np.concatenate([columns[order] for order in orders[some]], axis=1)
        for array, each in zip((scores, doubt), rough.of(beside), strict=True):
            array[some] = each.reshape(-1, y.shape[1])
        return len(orders[some])

    blocks = [slice(at, at + together) for at in range(0, len(orders), together)]
    width = together * y.shape[1]
    # Beside the columns, products and squares of all folds, float32.
    bytes_each = 4 * width * (3 * len(y) + rough.n_found)
    alone = not side_by_side(len(blocks), len(y), width, _WORTH_A_SHARE)
    for n in shared(of_some, blocks, bytes_each=bytes_each, alone=alone):
        advance(n * steps)
    return scores, doubt


def settled(
    found: tuple[np.ndarray, np.ndarray],
    observed: np.ndarray,
    varies: np.ndarray,
    exact: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> np.ndarray:
    """Rough scores, with exact ones where p-values or the largest score hang on them.

    Parameters
    ----------
    found : scores and doubt, array, shape (n_orders, n_targets)
        The scores are written to.
    observed : array, shape (n_targets,)
    varies : boolean array, shape (n_targets,)
        The targets among which the largest is sought.
    exact : function
        From places of orders and of targets, shape (n_some,) both, to their scores.
    """
    scores, doubt = found
    least = np.where(np.isfinite(doubt) & varies, scores - doubt, -np.inf)
    low = least.max(1, initial=-np.inf)
    clear = (np.abs(scores - observed) > doubt) & (scores + doubt < low[:, None])
    order, target = np.nonzero(~clear)
    for start in range(0, len(order), COLUMNS):
        some = slice(start, start + COLUMNS)
        scores[order[some], target[some]] = exact(order[some], target[some])
    return scores


def rounding(n: int) -> float:
    """The relative error of a sum of n products of rounded numbers: 8 of its standard deviations.

    Higham & Mary (2019), SIAM J. Sci. Comput. 41:A2815, https://doi.org/10.1137/18M1226312
    """
    return UNIT * 8 * (n**0.5 + 1)


def as_slice(rows: np.ndarray) -> np.ndarray | slice:
    """Neighbouring rows are read without a copy."""
    if len(rows) and np.array_equal(rows, np.arange(rows[0], rows[0] + len(rows))):
        return slice(int(rows[0]), int(rows[0]) + len(rows))
    return rows
