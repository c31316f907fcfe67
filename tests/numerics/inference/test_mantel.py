"""Mantel's test against a loop over all relabellings."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import norm, pearsonr, spearmanr

from isocortex.numerics.inference.mantel import mantel, moments
from isocortex.numerics.measures.comparison import kendall, pearson, spearman

N = 5
I, J = np.triu_indices(N, 1)


def relabelled(row):
    """The row after every order of its stimuli, the data's own first."""
    square = np.zeros((N, N))
    square[I, J] = square[J, I] = row
    return np.array([square[np.ix_(o, o)][I, J] for o in map(list, permutations(range(N)))])


@pytest.mark.parametrize("function", [pearson, spearman, kendall])
def test_all_relabellings_of_five_stimuli(rng, function):
    models, data = rng.random((2, 10)), rng.random((3, 10))
    found = mantel(function, models, data, 1000, rng)
    assert found.exact
    assert len(found.maxima) == 119
    every = np.array([function(relabelled(model), data) for model in models])  # (2, 120, 3)
    reached = (every[:, 1:] >= every[:, :1] - 1e-9).sum(1)
    np.testing.assert_array_equal(found.reached, reached)
    np.testing.assert_allclose(found.p, (1 + reached) / 120)
    np.testing.assert_allclose(np.sort(found.maxima), np.sort(every[:, 1:].max((0, 2))))


@pytest.mark.parametrize(("function", "slow"), [(pearson, pearsonr), (spearman, spearmanr)])
def test_moments_are_those_of_all_relabellings(rng, function, slow):
    models, data = rng.random((2, 10)), rng.random((3, 10))
    z, p = moments(function, models, data)
    for m, model in enumerate(models):
        for d, row in enumerate(data):
            null = np.array([slow(each, row)[0] for each in relabelled(model)])
            truth = (null[0] - null.mean()) / null.std()
            assert z[m, d] == pytest.approx(truth)
            assert p[m, d] == pytest.approx(norm.sf(truth))
