from itertools import permutations

import numpy as np
import pytest

from isocortex.numerics.inference.relabelling import (
    permuted_products,
    prepared_rows,
    relabelled_moments,
    relabellings,
)
from isocortex.numerics.measures.comparison import COMPARISONS


def relabelled(rows, order):
    n = len(order)
    i, j = np.triu_indices(n, 1)
    squares = np.zeros((len(rows), n, n))
    squares[:, i, j] = squares[:, j, i] = rows
    return squares[:, order][:, :, order][:, i, j]


@pytest.mark.parametrize(
    "metric", ["pearson", "cosine", "spearman", "rho_a", "whitened_cosine", "whitened_correlation"]
)
@pytest.mark.parametrize("shape", [(3, 2), (2, 3)])
def test_relabelled_products_are_comparisons_of_relabelled_matrices(rng, metric, shape):
    first, second = np.round(rng.random((shape[0], 28)), 1), rng.random((shape[1], 28))
    orders = relabellings(5, 8, rng)
    found = permuted_products(prepared_rows(first, metric), prepared_rows(second, metric), orders)
    for order, some in zip(orders, found, strict=True):
        expected = COMPARISONS[metric](relabelled(first, order), second)
        np.testing.assert_allclose(some, expected, atol=1e-12)


def test_moments_are_those_of_all_relabellings(rng):
    first, second = rng.random((2, 15)), rng.random((3, 15)) - 0.3
    every = np.array([relabelled(first, list(p)) @ second.T for p in permutations(range(6))])
    assert len(every) == 720
    mean, sd = relabelled_moments(first, second)
    np.testing.assert_allclose(mean, every.mean(0), rtol=1e-12)
    np.testing.assert_allclose(sd, every.std(0), rtol=1e-10)


def test_few_stimuli_have_each_relabelling_once(rng):
    orders = relabellings(1000, 6, rng)
    assert len({tuple(each) for each in orders}) == 719
    assert tuple(range(6)) not in {tuple(each) for each in orders}
    assert relabellings(100, 6, rng).shape == (100, 6)


def test_blocks_change_nothing(rng, monkeypatch):
    first, second = rng.random((2, 45)), rng.random((3, 45))
    orders = relabellings(50, 10, rng)
    whole = permuted_products(first, second, orders)
    monkeypatch.setattr("isocortex.numerics.inference.relabelling._BUDGET", 4000)
    np.testing.assert_allclose(permuted_products(first, second, orders), whole, atol=1e-13)
