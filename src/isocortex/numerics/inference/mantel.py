"""Mantel's test of each two RDMs: how often stimuli exchanged at random are as alike."""

from collections.abc import Iterator, Mapping
from math import factorial
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from isocortex.arrays import n_of_pairs, pairs_of
from isocortex.numerics.arrays.constant import is_constant
from isocortex.numerics.arrays.parallel import rows_for
from isocortex.numerics.chance.permutation import n_reaching
from isocortex.numerics.inference.relabelling import (
    pair_places,
    permuted_products,
    prepared_rows,
    relabelled_moments,
    relabellings,
)
from isocortex.numerics.inference.sequential import Sequential, sequential
from isocortex.numerics.measures.comparison import (
    Comparison,
    cosine,
    kendall,
    pearson,
    rho_a,
    spearman,
    tau_a,
    whitened_correlation,
    whitened_cosine,
)
from isocortex.numerics.measures.concordance import compiled, taus
from isocortex.progress import advance

PRODUCTS: Mapping[Comparison, str] = {
    pearson: "pearson",
    spearman: "spearman",
    cosine: "cosine",
    rho_a: "rho_a",
    whitened_cosine: "whitened_cosine",
    whitened_correlation: "whitened_correlation",
}
"""Comparisons that are inner products of prepared rows, also after stimuli were exchanged."""

WITH_MOMENTS = (pearson, spearman, cosine, rho_a)
"""Those of which mean and deviation over all relabellings are known without making any."""

TAUS = (kendall, tau_a)

MOST_FOR_ALL = 7
_BUDGET = 2**25


class Mantel(NamedTuple):
    """What exchanging stimuli says of each model and data RDM."""

    reached: np.ndarray
    """How many relabellings are at least as alike as the data, shape (n_models, n_data)."""
    maxima: np.ndarray
    """The largest comparison of each relabelling, shape (n_orders,)."""
    exact: bool
    """Whether these are all relabellings but the data's own."""

    @property
    def p(self) -> np.ndarray:
        r"""One-sided, :math:`(b + 1) / (n + 1)`."""
        return (1 + self.reached) / (1 + len(self.maxima))


def mantel(
    function: Comparison, models: np.ndarray, data: np.ndarray, n: int, rng: np.random.Generator
) -> Mantel:
    """Exchange the stimuli of all models together, and compare them with the data again.

    Parameters
    ----------
    function : callable
        A comparison of models one by one.
    models, data : array, shape (n_models, n_pairs), (n_data, n_pairs)
        Complete.
    n : int
        How many relabellings; all where there are no more and at most seven stimuli.
    rng : numpy.random.Generator
    """
    n_stimuli = n_of_pairs(models.shape[1])
    orders = relabellings(n, n_stimuli, rng)
    observed, blocks = _comparisons(function, models, data, orders)
    reached = np.zeros(observed.shape, dtype=np.intp)
    maxima = []
    for block in blocks:
        reached += n_reaching(observed, block)
        advance(len(block))
        maxima.append(np.where(np.isnan(block), -np.inf, block).max((1, 2)))
    # Where all fit, the order of the data is not among them.
    exact = n >= factorial(n_stimuli) - 1 if n_stimuli <= MOST_FOR_ALL else False
    return Mantel(reached, np.concatenate(maxima), exact)


def moments(
    function: Comparison, models: np.ndarray, data: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """z of each comparison over all relabellings, exactly, and the p of a normal deviate.

    Returns
    -------
    z, p : array, shape (n_models, n_data)
        Mean and deviation are exact; p is an approximation, since the null is not normal.
    """
    first, second = (prepared_rows(rows, PRODUCTS[function]) for rows in (models, data))
    mean, sd = relabelled_moments(first, second)
    z = (first @ second.T - mean) / np.where(sd > 0, sd, np.inf)
    return z, ndtr(-z)


def until_known(
    function: Comparison, models: np.ndarray, data: np.ndarray, n: int, rng: np.random.Generator
) -> Sequential:
    """Exchange stimuli for each two RDMs until their p is known well enough, at most n times.

    Parameters
    ----------
    function : callable
        One of ``PRODUCTS``.
    models, data : array, shape (n_models, n_pairs), (n_data, n_pairs)
    n : int
    rng : numpy.random.Generator
    """
    n_stimuli = n_of_pairs(models.shape[1])
    first, second = (prepared_rows(rows, PRODUCTS[function]) for rows in (models, data))
    return sequential(first, second, n_stimuli, n, rng)


def _comparisons(
    function: Comparison, models: np.ndarray, data: np.ndarray, orders: np.ndarray
) -> tuple[np.ndarray, Iterator[np.ndarray]]:
    """The comparison of the data, and blocks (n_orders, n_models, n_data) of the relabelled."""
    size = rows_for(8 * max(len(models) * len(data), models.size), _BUDGET)
    blocks = (orders[i : i + size] for i in range(0, len(orders), size))
    if function in TAUS and compiled() is not None:
        corrected = function is kendall
        x, y = (np.where(is_constant(rows, 1)[:, None], 0.0, rows) for rows in (models, data))
        return np.asarray(function(models, data)), (
            taus(x, y, pair_places(some, models.shape[1]), corrected) for some in blocks
        )
    if function in PRODUCTS:
        first, second = (prepared_rows(rows, PRODUCTS[function]) for rows in (models, data))
        return first @ second.T, (permuted_products(first, second, some) for some in blocks)
    n = orders.shape[1]
    rows, columns = pairs_of(n)
    squares = np.zeros((len(models), n, n))
    squares[:, rows, columns] = squares[:, columns, rows] = models

    def compared(order: np.ndarray) -> np.ndarray:
        return np.asarray(function(squares[:, order[rows], order[columns]], data))

    once = compared(np.arange(n))
    return once, (np.array([compared(order) for order in some]) for some in blocks)
