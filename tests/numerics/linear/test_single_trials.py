import numpy as np
import pytest

from isocortex.numerics.linear.single_trials import all_at_once, one_against_others, without


@pytest.fixture
def design(rng):
    trials = rng.normal(size=(60, 7)) + 0.5
    nuisance = np.column_stack([np.ones(60), np.linspace(-1, 1, 60), np.zeros(60)])
    values = trials @ rng.normal(size=(7, 3)) + rng.normal(size=(60, 3)) + 1e4
    return trials, nuisance, values


def fit(columns, values):
    return np.linalg.lstsq(np.column_stack(columns), values, rcond=None)[0][0]


def test_all_trials_at_once_are_one_least_squares_fit(design):
    trials, nuisance, values = design
    expected = np.linalg.lstsq(np.hstack([trials, nuisance]), values, rcond=None)[0][:7]
    np.testing.assert_allclose(all_at_once(*design), expected, rtol=1e-8, atol=1e-9)


def test_each_trial_against_the_sum_of_the_others_is_a_fit_of_its_own(design):
    trials, nuisance, values = design
    for k, found in enumerate(one_against_others(*design)):
        others = np.delete(trials, k, axis=1).sum(1)
        expected = fit([trials[:, k], others, nuisance], values)
        np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_scales_of_regressors_and_values_pass_through(design, scale):
    trials, nuisance, values = design
    for estimate in (all_at_once, one_against_others):
        expected = estimate(*design)
        found = estimate(trials * scale, nuisance * scale, values)
        np.testing.assert_allclose(found * scale, expected, rtol=1e-7, atol=1e-8)


def test_a_single_trial_has_no_others(design):
    trials, nuisance, values = design
    expected = fit([trials[:, 0], nuisance], values)
    for estimate in (all_at_once, one_against_others):
        np.testing.assert_allclose(estimate(trials[:, :1], nuisance, values)[0], expected)


def test_trials_that_cannot_be_told_apart_are_named(design):
    trials, nuisance, values = design
    flat, twice = trials.copy(), trials.copy()
    flat[:, 3] = 2.0
    twice[:, 5] = twice[:, 2]
    for estimate in (all_at_once, one_against_others):
        with pytest.raises(np.linalg.LinAlgError) as caught:
            estimate(flat, nuisance, values)
        assert caught.value.args == (3,)
    with pytest.raises(np.linalg.LinAlgError) as caught:
        all_at_once(twice, nuisance, values)
    assert caught.value.args == (5,)
    with pytest.raises(np.linalg.LinAlgError):
        one_against_others(twice[:, [2, 5]], nuisance, values)


def test_dependent_nuisance_takes_out_no_more_than_it_spans(rng):
    nuisance = rng.normal(size=(20, 2))
    values = rng.normal(size=(20, 4))
    left = without(values, np.hstack([nuisance, nuisance * 1e-8, np.zeros((20, 1))]))
    expected = values - nuisance @ np.linalg.lstsq(nuisance, values, rcond=None)[0]
    np.testing.assert_allclose(left, expected, atol=1e-12)
