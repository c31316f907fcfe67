"""Rows that are nearly the same, and rows that follow one another slowly."""

import numpy as np
from scipy.special import gammainc

from isocortex.arrays import pairs_of

_NEAR = (1e-2, 1e-3, 1e-4, 1e-6)
"""Squared distances, as shares of the typical one, below which two rows may be copies."""
_BY_CHANCE = 0.01
"""How many such pairs there may be by chance for the share to say anything."""


def near_copies(gram: np.ndarray) -> np.ndarray:
    r"""Pairs of rows much nearer to one another than chance brings any.

    Of rows in :math:`D = (\operatorname{tr} K)^2 / \|K\|_F^2` dimensions the squared distance is
    about :math:`\chi^2_D`. The largest share of the typical distance is taken that less than a
    hundredth of a pair falls below by chance; in few dimensions there is none.

    Parameters
    ----------
    gram : array, shape (n_rows, n_rows)
        Centred.

    Returns
    -------
    integer array, shape (n_pairs, 2)
    """
    n = len(gram)
    size = np.diag(gram)
    total = size.sum()
    none = np.empty((0, 2), dtype=np.intp)
    if n < 4 or total <= 0:
        return none
    squared = -2 * gram  # (n_rows, n_rows): distances from here on, and none of a row to itself
    squared += size
    squared += size[:, None]
    np.fill_diagonal(squared, np.inf)
    # The mean over pairs is 2 tr K / (n - 1), and no median of what is above 0 exceeds it twice:
    # where no pair is near by that measure, none is by the median, which takes far longer.
    if squared.min() >= _NEAR[0] * 2 * (2 * total / (n - 1)):
        return none
    first, second = pairs_of(n)
    dimensions = total**2 / np.einsum("ij,ij->", gram, gram)
    distances = squared[first, second]
    typical = float(np.median(distances))
    if typical <= 1e-12 * size.max():
        return none
    for share in _NEAR:
        if len(first) * gammainc(dimensions / 2, share * dimensions / 2) < _BY_CHANCE:
            near = distances < share * typical
            return np.column_stack([first[near], second[near]])
    return none


def is_discrete(values: np.ndarray) -> bool:
    """Whether columns repeat a few values, as codes, ratings and categories do.

    Such rows are equal by design; of continuous numbers a column has as many different values
    as there are different rows.
    """
    most = max(len(np.unique(column)) for column in values.T)
    return most < len(np.unique(values, axis=0))


def slowness(gram: np.ndarray) -> tuple[float, float]:
    r"""Autocorrelation at lag 1, and how much smaller a step of one row is than one of three.

    Rows sorted by category are alike at any short distance, with a jump now and then: their
    typical (median) step does not grow; that of a slow series does.

    Parameters
    ----------
    gram : array, shape (n_rows, n_rows)
        Centred, rows in their order.

    Returns
    -------
    correlation : float
    ratio : float
        Of the median squared distances of rows one and three apart; 1 where both are 0.
    """
    n, size = len(gram), np.diag(gram)
    total = size.sum()
    if n < 8 or total <= 0:
        return 0.0, 1.0
    correlation = np.trace(gram, offset=1) / (n - 1) * n / total
    one, three = (float(np.median(size[:-k] + size[k:] - 2 * np.diag(gram, k))) for k in (1, 3))
    negligible = three <= 1e-12 * size.max()
    return float(correlation), 1.0 if negligible else one / three
