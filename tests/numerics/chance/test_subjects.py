from itertools import product

import numpy as np
import pytest
from scipy import stats

from isocortex.numerics.chance.subjects import flip_inference, least_flip_p, t_inference

TAILS = {"two_sided": "two-sided", "greater": "greater", "less": "less"}


@pytest.mark.parametrize("tail", TAILS)
def test_t_is_that_of_scipy(tail, rng):
    x = rng.normal(0.4, 1, size=(9, 3))
    found = t_inference(x.mean(0), stats.sem(x), 9, 0.9, tail)
    theirs = stats.ttest_1samp(x, 0, alternative=TAILS[tail])
    interval = theirs.confidence_interval(0.9)
    np.testing.assert_allclose(found.p, theirs.pvalue)
    np.testing.assert_allclose(found.low, interval.low)
    np.testing.assert_allclose(found.high, interval.high)


def all_flips(n):
    return np.array(list(product([1, -1], repeat=n)))[1:]


@pytest.mark.parametrize("tail", TAILS)
def test_flips_give_the_p_value_of_scipy(tail, rng):
    x = rng.normal(0.6, 1, 7)
    found = flip_inference(x, all_flips(7), 0.95, tail)
    theirs = stats.permutation_test(
        (x,), np.mean, permutation_type="samples", alternative=TAILS[tail], n_resamples=np.inf
    )
    assert found.p == pytest.approx(theirs.pvalue)


@pytest.mark.parametrize("tail", TAILS)
def test_the_interval_holds_the_means_that_are_not_rejected(tail, rng):
    x, flips = rng.normal(0.6, 1, 7), all_flips(7)
    found = flip_inference(x, flips, 0.9, tail)
    for mean in np.linspace(-2, 3, 101):
        rejected = flip_inference(x - mean, flips, 0.9, tail).p <= 0.1
        assert rejected == (not found.low <= mean <= found.high)


def test_too_few_flips_leave_an_end_open(rng):
    found = flip_inference(rng.normal(size=3), all_flips(3), 0.95, "two_sided")
    assert (found.low, found.high) == (-np.inf, np.inf)
    assert least_flip_p(8, "two_sided") == 0.25
    assert least_flip_p(8, "greater") == 0.125
