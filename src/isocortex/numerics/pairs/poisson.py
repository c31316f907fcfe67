"""Distances between spike counts or rates, under Poisson noise."""

import numpy as np

from isocortex.arrays import pairs_of

PRIOR_RATE, PRIOR_WEIGHT = 1.0, 0.1


def with_prior(rates: np.ndarray) -> np.ndarray:
    """Rates drawn a little towards 1, so that the logarithm of a silent unit exists."""
    return (rates + PRIOR_RATE * PRIOR_WEIGHT) / (1 + PRIOR_WEIGHT)


def poisson_distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    r"""Symmetrized Kullback-Leibler divergence between Poisson rates, per unit.

    .. math:: d_{ij} = \frac1P \sum_k (\lambda_{ik} - \lambda_{jk})
                                      (\log \lambda'_{ik} - \log \lambda'_{jk})

    with :math:`\lambda = \lambda'` the rates of one set of trials, or, cross-validated, of two.

    Parameters
    ----------
    first, second : arrays, shape (n_times, n_conditions, n_units)
        Rates above zero.

    Returns
    -------
    d : array, shape (n_times, n_pairs)
        From 0 where both are the same; otherwise with both signs.

    References
    ----------
    .. [1] Schütt et al. (2023), Statistical inference on representational geometries, eLife
       12:e82566. https://doi.org/10.7554/eLife.82566
    """
    logs = np.log(second)
    products = np.matmul(first, np.swapaxes(logs, 1, 2))
    own = np.einsum("tii->ti", products)
    rows, columns = pairs_of(first.shape[1])
    cross = products[:, rows, columns] + products[:, columns, rows]
    return (own[:, rows] + own[:, columns] - cross) / first.shape[2]
