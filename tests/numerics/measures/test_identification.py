from itertools import combinations

import numpy as np
import pytest

from isocortex.numerics.arrays.gram import gram
from isocortex.numerics.measures import identification


def test_coordinates_keep_inner_products_over_units(rng):
    x = rng.normal(size=(12, 50)) + 1
    for offset in (0.0, 1e2, 1e6):
        found = identification.coordinates(gram(x + offset + 20 * (np.arange(50) < 2)))
        values = found.over_units(found.values)
        y = x + 20 * (np.arange(50) < 2)
        y = y - y.mean(1, keepdims=True)
        np.testing.assert_allclose(values @ values.T, y @ y.T, atol=1e-8)


def test_correlations_over_units(rng):
    x, decoded = rng.normal(size=(6, 30)) + 1, rng.normal(size=(4, 30))
    over_units = [each - each.mean(1, keepdims=True) for each in (decoded, x)]
    found = identification.correlations(*over_units)
    np.testing.assert_allclose(found, np.corrcoef(decoded, x)[:4, 4:], atol=1e-12)


@pytest.mark.parametrize("n_way", [2, 3, 6])
def test_the_share_is_the_mean_over_all_draws(n_way, rng):
    similarity = rng.normal(size=(5, 6))
    own = np.array([0, 3, 2, 5, 1])
    found = identification.share_identified(similarity, own, n_way)
    for i, true in enumerate(own):
        others = [j for j in range(6) if j != true]
        draws = list(combinations(others, n_way - 1))
        wins = [all(similarity[i, true] > similarity[i, j] for j in draw) for draw in draws]
        assert found[i] == pytest.approx(np.mean(wins))


def test_a_tie_is_half_a_win():
    assert identification.share_identified(np.ones((1, 3)), np.array([1]), 2)[0] == 0.5
