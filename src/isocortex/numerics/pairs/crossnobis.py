r"""Distances between conditions from differences within partitions, over pairs of partitions.

Let :math:`b_{iA}` be the mean of the trials of condition i in partition A (a run, say), and
:math:`n_{iA}` their number. The distance

.. math:: d_{ij} = \frac{\sum_{A \ne B} w_A w_B \,
                         (b_{iA} - b_{jA})^\top M \, (b_{iB} - b_{jB})}
                        {P \sum_{A \ne B} w_A w_B}, \qquad
          w_A = \frac{n_{iA} \, n_{jA}}{n_{iA} + n_{jA}},

is made of differences within a partition, so that whatever a partition adds to all of its trials
is gone to the last bit, and of products across partitions, so that independent noise adds
nothing to its mean: around zero, with both signs, where two conditions do not differ. A partition
that lacks one of the two has no weight. Its root and its clipping would not be unbiased, and
are not offered.

Where the counts are those of a table of shares (all equal, say), the weights of a partition are
the same for all pairs, and sums over partitions give all distances without a loop over pairs.
"""

from collections.abc import Callable
from itertools import combinations

import numpy as np

from isocortex.arrays import pairs_of

_RESOLVED = float(np.finfo(np.float64).eps) ** 0.4
"""The share of inner products that a distance must exceed to keep some nine digits."""


def sums_by_partition(
    values: np.ndarray, condition: np.ndarray, partition: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of the trials of each condition in each partition, and their numbers.

    Parameters
    ----------
    values : array, shape (n_times, n_trials, n_units)
    condition, partition : integer arrays, shape (n_trials,)

    Returns
    -------
    sums : array, shape (n_partitions, n_times, n_conditions, n_units)
    counts : array, shape (n_partitions, n_conditions)
    """
    n_partitions, n_conditions = partition.max() + 1, condition.max() + 1
    counts = np.zeros((n_partitions, n_conditions))
    np.add.at(counts, (partition, condition), 1.0)
    # One trial for each cell: nothing is summed.
    if counts.max() <= 1:
        sums = np.zeros((n_partitions, len(values), n_conditions, values.shape[2]))
        sums[partition, :, condition] = np.swapaxes(values, 0, 1)
        return sums, counts
    # (n_partitions, n_conditions, n_trials): its product with trials sums the cells.
    member = np.zeros((n_partitions, n_conditions, values.shape[1]))
    member[partition, condition, np.arange(values.shape[1])] = 1.0
    sums = np.stack([np.matmul(m[:, m.any(0)], values[:, m.any(0)]) for m in member])
    return sums, counts


def cell_means(
    values: np.ndarray, condition: np.ndarray, partition: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Means of the trials of each condition in each partition, and their numbers.

    Parameters
    ----------
    values : array, shape (n_times, n_trials, n_units)
    condition, partition : integer arrays, shape (n_trials,)

    Returns
    -------
    cells : array, shape (n_partitions, n_times, n_conditions, n_units)
        Zero where a partition lacks the condition.
    counts : array, shape (n_partitions, n_conditions)
    """
    cells, counts = sums_by_partition(values, condition, partition)
    if counts.max() > 1:
        cells /= np.maximum(counts, 1)[:, None, :, None]
    return cells, counts


def take_shared(cells: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Take one condition's cell from all cells of its partition, in place.

    No distance changes by it, but no digits are lost to what a partition has in common.
    """
    for each, n in zip(cells, counts, strict=True):
        there = np.nonzero(n)[0]
        if len(there) == len(n):
            each -= each[:, :1].copy()
        elif len(there):
            each[:, there] -= each[:, there[:1]]
    return cells


def distances_across(first: np.ndarray, second: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The distances above for :math:`M` that was multiplied into one side, per unit.

    Parameters
    ----------
    first, second : arrays, shape (n_partitions, n_times, n_conditions, n_units)
        Both sides of the inner product; the same array where :math:`M` was split between them.
        Otherwise both orders of each pair of partitions count half.
    counts : array, shape (n_partitions, n_conditions)

    Returns
    -------
    d : array, shape (n_times, n_pairs)
        NaN where fewer than two partitions hold both conditions.
    """
    # Where shares agree, the sum over pairs of partitions factors into products of totals.
    if proportional(counts):
        products = _sums_across(first, second, counts.sum(1))
        return distances(products, first.shape[3], symmetric=first is second)

    def product(a: int, b: int) -> np.ndarray:
        one = np.matmul(first[a], np.swapaxes(second[b], 1, 2))
        if first is second:
            return one
        return (one + np.matmul(second[a], np.swapaxes(first[b], 1, 2))) / 2

    return pairwise_distances(product, counts, first.shape[3])


def pairwise_distances(
    product: Callable[[int, int], np.ndarray], counts: np.ndarray, n_units: int
) -> np.ndarray:
    """The distances above, one pair of partitions after the other.

    Parameters
    ----------
    product : callable
        Of two partitions: inner products of their conditions, (n_times, n_conditions,
        n_conditions).
    counts : array, shape (n_partitions, n_conditions)
    n_units : int

    Returns
    -------
    d : array, shape (n_times, n_pairs)
        NaN where fewer than two partitions hold both conditions.
    """
    weights = pair_weights(counts)
    total: np.ndarray | float = 0.0
    for a, b in combinations(range(len(counts)), 2):
        shares = weights[a] * weights[b]
        if shares.any():
            total = total + shares * distances(product(a, b), n_units)
    with np.errstate(divide="ignore", invalid="ignore"):
        return total / shared_weight(weights)


def pair_weights(counts: np.ndarray) -> np.ndarray:
    """The weight of each partition for each pair of conditions, (n_partitions, n_pairs)."""
    rows, columns = pairs_of(counts.shape[1])
    first, second = counts[:, rows], counts[:, columns]
    # 1 / (1/n + 1/m): the inverse variance of a difference of two means.
    return first * second / np.maximum(first + second, 1)


def shared_weight(weights: np.ndarray) -> np.ndarray:
    """Sum over pairs of partitions of the product of their weights; 0 where none hold both."""
    # Sum of w_a w_b over a < b; where one partition alone has weight, rounding must not be a pair.
    more_than_one = (weights > 0).sum(0) > 1
    return np.where(more_than_one, (weights.sum(0) ** 2 - (weights**2).sum(0)) / 2, 0.0)


def proportional(counts: np.ndarray) -> bool:
    """Whether every partition holds the conditions in the same shares."""
    expected = np.outer(counts.sum(1), counts.sum(0))
    return len(counts) > 1 and bool(
        (counts > 0).all() and (counts * counts.sum() == expected).all()
    )


def _sums_across(first: np.ndarray, second: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted mean over pairs of partitions of their inner products."""
    weights = weights / weights.mean()
    total = np.tensordot(weights, first, 1) if np.ptp(weights) else first.sum(0)
    other = total
    if first is not second:
        other = np.tensordot(weights, second, 1) if np.ptp(weights) else second.sum(0)
    # Sum over a != b of w_a w_b X_a X_b' = (sum w X) (sum w X)' - sum w^2 X X'.
    products = np.matmul(total, np.swapaxes(other, 1, 2))
    for weight, one, two in zip(weights**2, first, second, strict=True):
        own = np.matmul(one, np.swapaxes(two, 1, 2))
        products -= own if weight == 1 else weight * own
    return products / (weights.sum() ** 2 - (weights**2).sum())


def inner_products(first: np.ndarray, second: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Inner products of conditions across partitions; every pair of trials counts once.

    Parameters
    ----------
    first, second : arrays, shape (n_partitions, n_times, n_conditions, n_units)
        Sums over trials, for both sides of the product; the same array where they are equal.
    counts : array, shape (n_partitions, n_conditions)

    Returns
    -------
    g : array, shape (n_times, n_conditions, n_conditions)
        NaN where two conditions never meet in different partitions.
    """
    total = first.sum(0)
    other = total if first is second else second.sum(0)
    products = np.matmul(total, np.swapaxes(other, 1, 2))
    for one, two in zip(first, second, strict=True):
        products -= np.matmul(one, np.swapaxes(two, 1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (products + np.swapaxes(products, 1, 2)) / (2 * meetings(counts))


def meetings(counts: np.ndarray) -> np.ndarray:
    """How many pairs of trials from different partitions any two conditions have."""
    total = counts.sum(0)
    return np.outer(total, total) - counts.T @ counts


def trial_products(values: np.ndarray, condition: np.ndarray) -> np.ndarray:
    """Inner products where every trial is a partition of its own.

    Parameters
    ----------
    values : array, shape (n_times, n_trials, n_units)
    condition : integer array, shape (n_trials,)

    Returns
    -------
    g : array, shape (n_times, n_conditions, n_conditions)
    """
    n_conditions = condition.max() + 1
    member = (condition[None] == np.arange(n_conditions)[:, None]).astype(np.float64)
    sums, counts = np.matmul(member, values), member.sum(1)
    products = np.matmul(sums, np.swapaxes(sums, 1, 2))
    # Each trial with itself, (n_times, n_conditions): the products that noise biases.
    own = np.matmul((values**2).sum(2), member.T)
    np.einsum("tii->ti", products)[:] -= own
    with np.errstate(divide="ignore", invalid="ignore"):
        return products / (np.outer(counts, counts) - np.diag(counts))


def distances(g: np.ndarray, n_units: int, symmetric: bool = False) -> np.ndarray:
    """Squared distances per unit from inner products, shape (n_times, n_pairs).

    Parameters
    ----------
    g : array, shape (n_times, n_conditions, n_conditions)
    n_units : int
    symmetric : bool, default=False
        Whether g is so, and half of it tells all.
    """
    rows, columns = pairs_of(g.shape[1])
    own = np.einsum("tii->ti", g)
    cross = g[:, rows, columns]
    cross = 2 * cross if symmetric else cross + g[:, columns, rows]
    return (own[:, rows] + own[:, columns] - cross) / n_units


def plain_distances(patterns: np.ndarray, n_units: int) -> np.ndarray:
    """Squared distances of patterns, not cross-validated, per unit; shape (n_times, n_pairs).

    Pairs that are too near to each other for inner products are computed from their difference.

    Parameters
    ----------
    patterns : array, shape (n_times, n_conditions, n_units)
    n_units : int
        To divide by.
    """
    products = np.matmul(patterns, np.swapaxes(patterns, 1, 2))
    d, own = distances(products, 1), np.einsum("tii->ti", products)
    rows, columns = pairs_of(patterns.shape[1])
    # Where a difference of large numbers has lost its digits, patterns are subtracted instead.
    time, pair = np.nonzero(d < _RESOLVED * (own[:, rows] + own[:, columns]))
    apart = patterns[time, rows[pair]] - patterns[time, columns[pair]]
    d[time, pair] = np.einsum("ij,ij->i", apart, apart)
    return d / n_units


def correlation_distances(g: np.ndarray, plain: np.ndarray, floor: float = 0.1) -> np.ndarray:
    r"""One minus the correlation whose numerator and variances are cross-validated.

    .. math:: d_{ij} = 1 - \frac{g_{ij}}{\sqrt{v_i v_j}}, \quad v_i = \max(g_{ii}, 0.1 \, k_{ii})

    with :math:`k` the products of the plain means, since a cross-validated variance can be
    negative. Correlations are kept within -1 and 1.

    Parameters
    ----------
    g : array, shape (n_times, n_conditions, n_conditions)
        Of patterns whose mean over units was removed.
    plain : array, shape (n_times, n_conditions)
        Squared lengths of the plain mean patterns.
    floor : float, default=0.1
        Least share of the plain variance.

    References
    ----------
    .. [1] Guggenmos, Sterzer & Cichy (2018), Multivariate pattern analysis for MEG: a comparison
       of dissimilarity measures, NeuroImage 173:434.
       https://doi.org/10.1016/j.neuroimage.2018.02.044
    """
    rows, columns = pairs_of(g.shape[1])
    # Cross-validated squares may be negative: a share of the plain ones is the least.
    lengths = np.sqrt(np.maximum(np.einsum("tii->ti", g), floor * plain))
    cross = (g[:, rows, columns] + g[:, columns, rows]) / 2
    return 1 - np.clip(cross / (lengths[:, rows] * lengths[:, columns]), -1, 1)
