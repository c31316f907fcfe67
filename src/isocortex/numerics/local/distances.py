r"""Dissimilarities between the conditions in many neighbourhoods of one size, from products.

Patterns come as ``(n_centres, n_units, n_conditions)``, gathered rows of a matrix whose rows are
units. One batched product a block gives all Gram matrices. Beside the distances stands which
centres products do not resolve (pairs that are nearly the same, rows that are nearly constant):
these are left to those who compute from differences.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from isocortex.arrays import pairs_of

RESOLVED = 1e-7
"""A distance below this part of what it is made of has fewer than nine digits from products."""
SPREAD = 1e-5
"""Distances of which all lie within this part of the scale are left to the exact way."""

Found = tuple[np.ndarray, np.ndarray]
"""Distances, (n_centres, n_pairs), and which centres are not resolved, (n_centres,)."""
LocalDistance = Callable[[np.ndarray], Found]


def correlation(patterns: np.ndarray) -> Found:
    """One minus the Pearson correlation over the units of each neighbourhood.

    Parameters
    ----------
    patterns : array, shape (n_centres, n_units, n_conditions)
        float64; overwritten.
    """
    means = patterns.mean(1)
    patterns -= means[:, None]
    return _one_minus_cosine(patterns, np.abs(means))


def cosine(patterns: np.ndarray) -> Found:
    """One minus the cosine; parameters as in :func:`correlation`."""
    return _one_minus_cosine(patterns, np.zeros(patterns[:, 0].shape))


def squared_euclidean(patterns: np.ndarray) -> Found:
    """Squared Euclidean distance; the mean over conditions should be taken out before."""
    gram = np.matmul(np.swapaxes(patterns, 1, 2), patterns)
    own = np.einsum("bii->bi", gram)
    scale = own.max(1)
    d = upper(gram)
    d *= -2
    d += _both(own)
    return d, _unresolved(d, scale)


def euclidean(patterns: np.ndarray) -> Found:
    """Euclidean distance, the root of :func:`squared_euclidean`, in each neighbourhood."""
    d, unresolved = squared_euclidean(patterns)
    return np.sqrt(np.maximum(d, 0, out=d), out=d), unresolved


def across_partitions(cells: np.ndarray, weights: np.ndarray) -> np.ndarray:
    r"""Distances over pairs of partitions, per unit (crossnobis without whitening).

    With :math:`U_m` the cells of partition m, of weight w, in the metric of
    :mod:`isocortex.numerics.pairs.crossnobis`:

    .. math:: G = \sum_m \Big(\sum_{n < m} w_n U_n\Big)^{\!\top} w_m U_m, \qquad
              d_{ij} = \frac{G_{ii} + G_{jj} - G_{ij} - G_{ji}}
                            {P \sum_{m < n} w_m w_n}

    so that M partitions cost M - 1 products.

    Parameters
    ----------
    cells : array, shape (n_centres, n_units, n_partitions, n_conditions)
        Means of the trials; overwritten. Every partition holds the conditions in the same shares.
    weights : array, shape (n_partitions,)

    Returns
    -------
    d : array, shape (n_centres, n_pairs)
    """
    weights = weights / weights.mean()
    if np.ptp(weights):
        cells *= weights[:, None]
    n_units, n_partitions = cells.shape[1:3]
    gram, scratch = np.matmul(np.swapaxes(cells[:, :, 0], 1, 2), cells[:, :, 1]), None
    for m in range(1, n_partitions - 1):
        # The sum of all partitions up to m takes the place of partition m.
        cells[:, :, m] += cells[:, :, m - 1]
        earlier = np.swapaxes(cells[:, :, m], 1, 2)
        scratch = np.matmul(earlier, cells[:, :, m + 1], out=scratch)
        gram += scratch
    d = _both(np.einsum("bii->bi", gram))
    d -= upper(gram)
    d -= upper(np.swapaxes(gram, 1, 2))
    d *= 2 / (n_units * (weights.sum() ** 2 - (weights**2).sum()))
    return d


def upper(square: np.ndarray) -> np.ndarray:
    """The pairs above the diagonal of many matrices, (n_centres, n_pairs)."""
    n = square.shape[1]
    rows, columns = _pairs(n)
    if square.flags.c_contiguous:
        return np.take(square.reshape(len(square), -1), rows * n + columns, axis=1)
    flat = np.swapaxes(square, 1, 2).reshape(len(square), -1)
    return np.take(flat, columns * n + rows, axis=1)


@cache
def _pairs(n: int) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = pairs_of(n)
    return rows, columns


def _both(own: np.ndarray) -> np.ndarray:
    """The sum of what both of each pair have, (n_centres, n_pairs)."""
    rows, columns = _pairs(own.shape[1])
    total = np.take(own, rows, axis=1)
    total += np.take(own, columns, axis=1)
    return total


def _one_minus_cosine(patterns: np.ndarray, size: np.ndarray) -> Found:
    squares = np.einsum("bpc,bpc->bc", patterns, patterns)
    # A row whose deviations are a millionth of its numbers has few digits to spare.
    poor = (squares <= (1e-6 * size) ** 2 * patterns.shape[1]).any(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        patterns *= (1 / np.sqrt(squares))[:, None]
        gram = np.matmul(np.swapaxes(patterns, 1, 2), patterns)
        d = upper(gram)
        np.subtract(1, d, out=d)
    return d, poor | _unresolved(d, np.ones(len(d)))


def _unresolved(d: np.ndarray, scale: np.ndarray) -> np.ndarray:
    least, most = d.min(1), d.max(1)
    sound = (least > RESOLVED * scale) & (most - least > SPREAD * scale)
    return ~sound  # NaN is not sound.


LOCAL_DISTANCES: dict[str, LocalDistance] = {
    "correlation": correlation,
    "cosine": cosine,
    "squared_euclidean": squared_euclidean,
    "euclidean": euclidean,
}
