"""Flipped signs and t over subjects."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from isocortex.numerics.chance.sign_flips import sign_flips, t_values


def test_t_is_that_of_the_flipped_subjects(rng):
    x = rng.normal(size=(7, 4)) + 0.5
    np.testing.assert_allclose(t_values(x), ttest_1samp(x, 0).statistic)
    signs, _ = sign_flips(7, 20, rng)
    truth = [ttest_1samp(x * row[:, None], 0).statistic for row in signs]
    np.testing.assert_allclose(t_values(x, signs), truth)


def test_nothing_at_all_is_no_evidence():
    np.testing.assert_array_equal(t_values(np.zeros((4, 2))), [0.0, 0.0])


def test_few_subjects_have_all_their_patterns_once(rng):
    signs, exact = sign_flips(4, 16, rng)
    assert exact
    assert len(np.unique(signs, axis=0)) == len(signs) == 16
    np.testing.assert_array_equal(signs[0], 1)


def test_many_have_random_ones_and_the_data_among_them(rng):
    signs, exact = sign_flips(12, 1000, rng)
    assert not exact
    np.testing.assert_array_equal(signs[0], 1)
    assert signs[1:].mean() == pytest.approx(0, abs=0.05)
