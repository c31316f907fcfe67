r"""Stimuli exchanged: what two dissimilarity matrices have in common by chance.

Rows and columns of one matrix move together (Mantel's test), since dissimilarities of a stimulus
are not independent of one another: exchanging single pairs is no test.

References
----------
.. [1] Mantel (1967), The detection of disease clustering and a generalized regression approach,
   Cancer Res. 27:209.
"""

from itertools import permutations
from math import factorial

import numpy as np

from isocortex.arrays import n_of_pairs, pairs_of
from isocortex.numerics.arrays.parallel import rows_for
from isocortex.numerics.arrays.ranks import midranks
from isocortex.numerics.measures.comparison import COMPARISONS, pooling

_ALL = 7
_BUDGET = 2**25


def prepared_rows(values: np.ndarray, metric: str) -> np.ndarray:
    """Rows whose plain inner product is the comparison, also after stimuli were exchanged.

    Parameters
    ----------
    values : array, shape (n_rows, n_pairs)
    metric : str
        A correlation, cosine, or rho-a, whitened or not.

    Returns
    -------
    array, shape (n_rows, n_pairs), or (n_rows, n_pairs + n_stimuli) where it is whitened
        The latter have the diagonals of the double-centred matrices behind the pairs.

    Raises
    ------
    UndefinedError
        If the comparison is undefined for a row.
    """
    if metric.startswith("whitened"):
        return _double_centred(pooling(COMPARISONS[metric])(values))
    if metric == "rho_a":
        n = values.shape[1]
        return (midranks(values) - (n + 1) / 2) * np.sqrt(12 / (n**3 - n))
    if metric == "spearman":
        values = midranks(values)
    return pooling(COMPARISONS["cosine" if metric == "cosine" else "pearson"])(values)


def relabellings(n: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Orders of ``size`` stimuli; every other one than theirs where there are no more than n.

    Returns
    -------
    integer array, shape (n_orders, size)
        At most ``n`` orders, without that of the data where they are all.
    """
    if size <= _ALL and factorial(size) - 1 <= n:
        return np.array(list(permutations(range(size)))[1:], dtype=np.intp)
    return rng.permuted(np.tile(np.arange(size), (n, 1)), axis=1)


def permuted_products(first: np.ndarray, second: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Inner products of rows of which the stimuli were exchanged with others.

    Parameters
    ----------
    first : array, shape (n_first, n_values)
    second : array, shape (n_second, n_values)
        As :func:`prepared_rows` makes them.
    orders : integer array, shape (n_orders, n_stimuli)

    Returns
    -------
    array, shape (n_orders, n_first, n_second)
    """
    exchanged = len(first) < len(second)
    still, moved = (second, first) if exchanged else (first, second)
    found = np.empty((len(orders), len(still), len(moved)))
    size = rows_for(8 * moved.size + 4 * moved.shape[1], _BUDGET)
    for start in range(0, len(orders), size):
        some = orders[start : start + size]
        # Moving one side is to move the other back.
        places = pair_places(some if exchanged else np.argsort(some, 1), moved.shape[1])
        for k, row in enumerate(moved):
            found[start : start + size, :, k] = row[places] @ still.T
    return found.transpose(0, 2, 1) if exchanged else found


def relabelled_moments(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Mean and standard deviation of inner products over all relabellings, without making any.

    With :math:`s = \sum_{ij} A_{ij}`, :math:`q = \sum_{ij} A_{ij}^2`,
    :math:`\rho = \sum_i (\sum_j A_{ij})^2` of the square matrices and :math:`A_1 = 2q`,
    :math:`A_2 = 4(\rho - q)`, :math:`A_3 = s^2 + 2q - 4\rho`, the mean of :math:`\sum_{ij} A B` is
    :math:`s_A s_B / C(C-1)` and the mean of its square
    :math:`A_1 B_1 / 2C(C-1) + A_2 B_2 / 4C(C-1)(C-2) + A_3 B_3 / C(C-1)(C-2)(C-3)`.

    Parameters
    ----------
    first, second : array, shape (n_first, n_pairs), (n_second, n_pairs)
        Of at least 4 stimuli.

    Returns
    -------
    mean, sd : array, shape (n_first, n_second)
        Of the sum over pairs i < j.
    """
    n = n_of_pairs(first.shape[1])
    (s_a, *a), (s_b, *b) = _moments(first, n), _moments(second, n)
    pairs = n * (n - 1)
    mean = np.outer(s_a, s_b) / (2 * pairs)
    below = (2 * pairs, 4 * pairs * (n - 2), pairs * (n - 2) * (n - 3))
    square = sum(np.outer(x, y) / each for x, y, each in zip(a, b, below, strict=True)) / 4
    return mean, np.sqrt(np.maximum(square - mean**2, 0.0))


def _moments(rows: np.ndarray, n: int) -> tuple[np.ndarray, ...]:
    i, j = pairs_of(n)
    sums = np.array([np.bincount(i, row, n) + np.bincount(j, row, n) for row in rows])
    s, q, rho = sums.sum(1), 2 * (rows**2).sum(1), (sums**2).sum(1)
    return s, 2 * q, 4 * (rho - q), s**2 + 2 * q - 4 * rho


def _double_centred(rows: np.ndarray) -> np.ndarray:
    n = n_of_pairs(rows.shape[1])
    i, j = pairs_of(n)
    squares = np.zeros((len(rows), n, n))
    squares[:, i, j] = squares[:, j, i] = -rows / 2
    squares -= squares.mean(1, keepdims=True)
    squares -= squares.mean(2, keepdims=True)
    found = np.concatenate([squares[:, i, j] * np.sqrt(2), np.einsum("nii->ni", squares)], 1)
    return found / np.sqrt((found**2).sum(1, keepdims=True))


def pair_places(orders: np.ndarray, n_values: int) -> np.ndarray:
    """Where the values of relabelled rows are taken from, for each order of the stimuli.

    Parameters
    ----------
    orders : integer array, shape (n_orders, n_stimuli)
    n_values : int
        Of a row: its pairs, and where it is whitened also its diagonal.

    Returns
    -------
    integer array, shape (n_orders, n_values)
    """
    n = orders.shape[1]
    i, j = pairs_of(n)
    place = np.zeros((n, n), dtype=np.int32)
    place[i, j] = place[j, i] = np.arange(len(i))
    places = place[orders[:, i], orders[:, j]]
    if n_values == len(i):
        return places
    return np.concatenate([places, len(i) + orders.astype(np.int32)], 1)
