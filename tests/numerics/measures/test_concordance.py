"""Concordant less discordant pairs, by the loop as it stands and compiled, against all pairs."""

import numpy as np
import pytest
from scipy.stats import kendalltau

from isocortex.numerics.measures import comparison
from isocortex.numerics.measures.concordance import compiled, concordance, dense_ranks, taus

LOOPS = [pytest.param(concordance, id="plain")]
LOOPS += [pytest.param(compiled(), id="compiled")] if compiled() else []


def slow(x, y):
    return (np.sign(x[:, None] - x) * np.sign(y[:, None] - y)).sum() // 2


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("n", [1, 2, 3, 15, 17, 66])
@pytest.mark.parametrize("levels", [2, 5, 10**6])
def test_concordance_is_the_sum_over_all_pairs(rng, loop, n, levels):
    x, y = rng.integers(0, levels, (2, n)), rng.integers(0, levels, (3, n))
    places = np.stack([np.arange(n), rng.permutation(n)]).astype(np.int32)
    a, b = dense_ranks(x), dense_ranks(y)
    found = loop(a, b, np.argsort(b, 1, kind="stable").astype(np.int32), places)
    right = [[[slow(row[place], other) for other in y] for row in x] for place in places]
    np.testing.assert_array_equal(found, right)


@pytest.mark.parametrize("decimals", [1, 9])
def test_taus_are_those_of_scipy(rng, decimals):
    x, y = rng.random((2, 45)).round(decimals), rng.random((3, 45)).round(decimals)
    places = np.arange(45)[None]
    right = [[kendalltau(a, b).statistic for b in y] for a in x]
    np.testing.assert_allclose(taus(x, y, places, corrected=True)[0], right, atol=1e-12)
    plain = [[slow(a, b) / 990 for b in y] for a in x]
    np.testing.assert_allclose(taus(x, y, places, corrected=False)[0], plain, atol=1e-12)


@pytest.mark.parametrize("name", ["kendall", "tau_a"])
def test_many_taus_are_the_same_by_either_way(rng, name, monkeypatch):
    x, y = rng.random((2, 45)).round(1), rng.random((3, 45))
    found = {}
    for worth in (True, False):
        monkeypatch.setattr(comparison, "worth_compiling", lambda _, worth=worth: worth)
        found[worth] = comparison.COMPARISONS[name](x, y)
    np.testing.assert_allclose(found[True], found[False], atol=1e-12)
