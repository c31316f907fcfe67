r"""Distances between conditions from sums over partitions: no loops over folds or pairs.

For partition f let :math:`S_{if}` be the sum of the trials of condition i in it, and
:math:`n_{if}` their number. The inner product of two conditions across partitions,

.. math:: g_{ij} = \frac{S_i \cdot S_j - \sum_f S_{if} \cdot S_{jf}}
                        {n_i n_j - \sum_f n_{if} n_{jf}},

uses every pair of trials from different partitions once, so noise that is independent between
partitions adds nothing to its mean. The distance :math:`d_{ij} = g_{ii} + g_{jj} - 2 g_{ij}` is
unbiased: around zero, with both signs, where two conditions do not differ. Its root and its
clipping would not be, and are not offered.
"""

import numpy as np


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
    if counts.max() <= 1:
        sums = np.zeros((n_partitions, len(values), n_conditions, values.shape[2]))
        sums[partition, :, condition] = np.swapaxes(values, 0, 1)
        return sums, counts
    member = np.zeros((n_partitions, n_conditions, values.shape[1]))
    member[partition, condition, np.arange(values.shape[1])] = 1.0
    sums = np.stack([np.matmul(m[:, m.any(0)], values[:, m.any(0)]) for m in member])
    return sums, counts


def inner_products(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Inner products across partitions, :math:`g`, by the formula above.

    Parameters
    ----------
    sums : array, shape (n_partitions, n_times, n_conditions, n_units)
        In units of the noise (whitened) where that is wanted.
    counts : array, shape (n_partitions, n_conditions)

    Returns
    -------
    g : array, shape (n_times, n_conditions, n_conditions)
        NaN where two conditions never meet in different partitions.
    """
    total = sums.sum(0)
    products = np.matmul(total, np.swapaxes(total, 1, 2))
    for each in sums:
        products -= np.matmul(each, np.swapaxes(each, 1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return products / meetings(counts)


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
    own = np.matmul((values**2).sum(2), member.T)
    np.einsum("tii->ti", products)[:] -= own
    with np.errstate(divide="ignore", invalid="ignore"):
        return products / (np.outer(counts, counts) - np.diag(counts))


def weighted_products(means: np.ndarray, precisions: np.ndarray) -> np.ndarray:
    """Inner products across partitions under a precision for each pair of partitions.

    Parameters
    ----------
    means : array, shape (n_partitions, n_times, n_conditions, n_units)
    precisions : array, shape (n_pairs of partitions, n_times or 1, n_units, n_units)
        In the order of the upper triangle.

    Returns
    -------
    g : array, shape (n_times, n_conditions, n_conditions)
        The mean over pairs of partitions, symmetric.
    """
    total = np.zeros((means.shape[1], means.shape[2], means.shape[2]))
    pairs = list(zip(*np.triu_indices(len(means), 1), strict=True))
    for (m, n), precision in zip(pairs, precisions, strict=True):
        product = np.matmul(means[m] @ precision, np.swapaxes(means[n], 1, 2))
        total = total + product + np.swapaxes(product, 1, 2)
    return total / (2 * len(pairs))


def distances(g: np.ndarray, n_units: int) -> np.ndarray:
    """Squared distances per unit from inner products, shape (n_times, n_pairs).

    Parameters
    ----------
    g : array, shape (n_times, n_conditions, n_conditions)
    n_units : int
    """
    rows, columns = np.triu_indices(g.shape[1], 1)
    own = np.einsum("tii->ti", g)
    cross = g[:, rows, columns] + g[:, columns, rows]
    return (own[:, rows] + own[:, columns] - cross) / n_units


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
    rows, columns = np.triu_indices(g.shape[1], 1)
    lengths = np.sqrt(np.maximum(np.einsum("tii->ti", g), floor * plain))
    cross = (g[:, rows, columns] + g[:, columns, rows]) / 2
    return 1 - np.clip(cross / (lengths[:, rows] * lengths[:, columns]), -1, 1)
