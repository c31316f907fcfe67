"""Which stimulus was it? Decoded features are compared with those of all candidates."""

from math import comb

import numpy as np
from scipy import linalg


def coordinates(matrix: np.ndarray, row_sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""At most n coordinates for each stimulus with the inner products of all its units.

    A model that treats all units alike gives the same inner products of decoded and true
    features whether it decodes the units or these coordinates. The sum over units, which a
    correlation over units needs, is one direction in them.

    Parameters
    ----------
    matrix : array, shape (n_stimuli, n_stimuli)
        The Gram, not centred.
    row_sums : array, shape (n_stimuli,)

    Returns
    -------
    values : array, shape (n_stimuli, n_axes)
        :math:`Y` with :math:`Y Y^\top = K`.
    summed : array, shape (n_axes,)
        The direction :math:`b` with :math:`Y b = X 1`.
    """
    variances, vectors = linalg.eigh(matrix, driver="evd")
    keep = variances > len(matrix) * np.finfo(float).eps * max(variances[-1], 0.0)
    roots = np.sqrt(variances[keep])
    return vectors[:, keep] * roots, (vectors[:, keep].T @ row_sums) / roots


def correlations(
    decoded: np.ndarray, true: np.ndarray, summed: np.ndarray, n_units: int
) -> np.ndarray:
    """Pearson correlation over units of decoded and true features, from their coordinates.

    Parameters
    ----------
    decoded : array, shape (n_decoded, n_axes)
    true : array, shape (n_candidates, n_axes)
    summed : array, shape (n_axes,)
        From coordinates to the sum over units; ones for the units themselves.
    n_units : int

    Returns
    -------
    array, shape (n_decoded, n_candidates)
        From -1 to 1; NaN where one does not vary over units.
    """
    sums_d, sums_t = decoded @ summed, true @ summed
    products = decoded @ true.T - np.outer(sums_d, sums_t) / n_units
    left = np.einsum("ij,ij->i", decoded, decoded) - sums_d**2 / n_units
    right = np.einsum("ij,ij->i", true, true) - sums_t**2 / n_units
    scale = np.sqrt(np.outer(np.maximum(left, 0), np.maximum(right, 0)))
    answer = np.full(products.shape, np.nan)
    np.divide(products, scale, out=answer, where=scale > 0)
    return np.clip(answer, -1, 1)


def share_identified(similarity: np.ndarray, own: np.ndarray, n_way: int) -> np.ndarray:
    r"""The probability that the true stimulus wins against n - 1 others drawn at random.

    Exact, not by drawing: with w of the m other candidates less similar than the true one, it
    is :math:`\binom{w}{n-1} / \binom{m}{n-1}`. A tie counts half of a win.

    Parameters
    ----------
    similarity : array, shape (n_decoded, n_candidates)
    own : integer array, shape (n_decoded,)
        The candidate that is the true one.
    n_way : int
        From 2 to the number of candidates.

    Returns
    -------
    array, shape (n_decoded,)
        From 0 to 1, chance 1 / n_way; NaN where the similarity to the true one is.
    """
    rows = np.arange(len(similarity))
    true = similarity[rows, own][:, None]
    others = _without(similarity, own)
    beaten = (others < true).sum(1) + 0.5 * (others == true).sum(1)
    chances = np.array([_wins(each, others.shape[1], n_way) for each in beaten])
    return np.where(np.isnan(true[:, 0]), np.nan, chances)


def _without(similarity: np.ndarray, own: np.ndarray) -> np.ndarray:
    keep = np.ones(similarity.shape, dtype=bool)
    keep[np.arange(len(own)), own] = False
    return similarity[keep].reshape(len(own), -1)


def _wins(beaten: float, others: int, n_way: int) -> float:
    low, drawn = int(np.floor(beaten)), n_way - 1
    share = comb(low, drawn) / comb(others, drawn)
    if beaten == low:
        return share
    return (share + comb(low + 1, drawn) / comb(others, drawn)) / 2
