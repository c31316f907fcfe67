import tracemalloc
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


@pytest.mark.parametrize("n_way", [2, 5])
def test_rows_at_a_time_and_all_at_once_say_the_same(n_way, rng, monkeypatch):
    decoded, true = rng.normal(size=(23, 8)), rng.normal(size=(30, 8))
    true[7] = true[3]
    decoded[5] = 0.0  # like no candidate: no similarity, and no share
    own = rng.permutation(30)[:23]
    whole = identification.share_identified(identification.correlations(decoded, true), own, n_way)
    monkeypatch.setattr(identification, "_FEW", 0)
    monkeypatch.setattr(identification, "_BLOCK", 8 * 30 * 4)
    np.testing.assert_array_equal(identification.shares(decoded, true, own, n_way), whole)
    assert np.isnan(whole[5])
    assert np.isfinite(np.delete(whole, 5)).all()


def _plain(rng):
    true = rng.normal(size=(60, 7))
    return true[:40] + 2 * rng.normal(size=(40, 7)), true


def _tied(rng):
    decoded, true = _plain(rng)
    return np.round(decoded), np.round(true)


def _repeated(rng):
    true = _plain(rng)[1]
    return true[:40].copy(), true[rng.integers(0, 10, 60)]


def _undefined(rng):
    decoded, true = _plain(rng)
    decoded[::5] = true[::7] = 0.0
    return decoded, true


def _out_of_range(rng):
    decoded, true = _plain(rng)
    return decoded * 1e-90, true * 1e90


@pytest.mark.parametrize("n_way", [2, 5, 60])
@pytest.mark.parametrize("make", [_plain, _tied, _repeated, _undefined, _out_of_range])
def test_counting_by_products_says_what_correlations_say(make, n_way, rng, monkeypatch):
    """With ties, repeated candidates, features that do not vary, and numbers near the limits."""
    decoded, true = make(rng)
    own = rng.integers(0, 60, 40)
    whole = identification.share_identified(identification.correlations(decoded, true), own, n_way)
    monkeypatch.setattr(identification, "_FEW", 0)
    monkeypatch.setattr(identification, "_PRODUCT", 8 * 60 * 16)
    np.testing.assert_array_equal(identification.shares(decoded, true, own, n_way), whole)


def test_only_rows_with_a_near_tie_are_looked_at_again(rng, monkeypatch):
    decoded, true = _plain(rng)
    own, seen = np.arange(40), []
    true[50] = true[3]
    usual = identification.correlations
    monkeypatch.setattr(identification, "_FEW", 0)
    monkeypatch.setattr(
        identification, "correlations", lambda a, b: seen.append(len(a)) or usual(a, b)
    )
    identification.shares(decoded, true, own, 2)
    assert seen == [1]


def test_memory_is_that_of_few_rows_of_similarities(rng):
    decoded = rng.normal(size=(3000, 4))
    tracemalloc.start()
    identification.shares(decoded, decoded, np.arange(3000), 2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.4 * 8 * 3000**2
