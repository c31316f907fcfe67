from itertools import combinations_with_replacement, product
from math import factorial

import numpy as np
import pytest

from isocortex.numerics.inference.draws import default_folds, draws, fold_numbers
from isocortex.numerics.inference.products import similarities
from isocortex.numerics.inference.two_factor import (
    fold_covariance,
    satterthwaite,
    two_factor_parts,
    two_factor_variance,
)


def all_counts(size):
    """Every sample with replacement as counts, with its probability."""
    rows, weights = [], []
    for chosen in combinations_with_replacement(range(size), size):
        count = np.bincount(chosen, minlength=size)
        rows.append(count)
        weights.append(factorial(size) / np.prod([float(factorial(c)) for c in count]) / size**size)
    return np.array(rows), np.array(weights)


def weighted_variance(values, weights):
    there = ~np.isnan(values)
    weights = np.where(there, weights, 0) / weights[there].sum()
    values = np.where(there, values, 0)
    return weights @ values**2 - (weights @ values) ** 2


def test_six_stimuli_and_three_people_enumerated_equal_many_draws(rng):
    rows = rng.random((4, 15))
    rows[1:] += rows[0]
    w, p_w = all_counts(6)
    u, p_u = all_counts(3)
    assert (len(w), len(u)) == (462, 10)
    assert p_w.sum() == pytest.approx(1)
    alike = similarities(rows, w, "pearson", [0], [1, 2, 3])[:, 0]
    whole = similarities(rows, np.ones((1, 6)), "pearson", [0], [1, 2, 3])[0, 0]
    exact = (
        weighted_variance(whole @ u.T / 3, p_u),
        weighted_variance(alike.mean(1), p_w),
        weighted_variance((alike @ u.T / 3).ravel(), np.outer(p_w, p_u).ravel()),
    )
    assert exact[0] == pytest.approx(whole.var() / 3, rel=1e-9)
    n = 40000
    some_w, some_u = draws(n, 6, rng), draws(n, 3, rng)
    alike = similarities(rows, some_w, "pearson", [0], [1, 2, 3])[:, 0]
    drawn = [some_u @ whole / 3, alike.mean(1), (alike * some_u).sum(1) / 3]
    np.testing.assert_allclose([np.nanvar(x, ddof=1) for x in drawn], exact, rtol=0.03)
    found = two_factor_variance(*drawn, 3, 6)
    np.testing.assert_allclose(found, two_factor_parts(*exact, 3, 6).total, rtol=0.05)


def test_the_floor_comes_before_the_cap():
    # a v_p = 3 is above v_ps = 2: held to the floor first, it ends at the cap.
    assert two_factor_parts(np.array(2.0), np.array(1.0), np.array(2.0), 3, 10).total == 2.0
    # The interaction counted once less: 1.5 * 1 + 1.2 * 1 - 1.8 * (2.5 - 2).
    found = two_factor_parts(np.array(1.0), np.array(1.0), np.array(2.5), 3, 6)
    assert found.total == pytest.approx(1.5 + 1.2 - 1.8 * 0.5)
    assert (found.people, found.stimuli) == (1.5, 1.2)


def test_the_variance_of_a_mean_of_two_independent_factors_is_found(rng):
    people, stimuli = rng.normal(size=(20000, 1)), 2 * rng.normal(size=(20000, 1))
    both = rng.normal(size=(20000, 1)) + 2 * rng.normal(size=(20000, 1))
    found = two_factor_variance(people, stimuli, both, 1000, 1000)
    np.testing.assert_allclose(found, 5, rtol=0.06)


def test_degrees_of_freedom_lie_between_the_fewest_and_all():
    assert satterthwaite(np.array(1.0), np.array(0.0), 5, 30) == pytest.approx(4)
    assert satterthwaite(np.array(0.0), np.array(1.0), 5, 30) == pytest.approx(29)
    assert satterthwaite(np.array(1.0), np.array(1.0), 5, 30) == pytest.approx(4 / (1 / 4 + 1 / 29))
    assert satterthwaite(np.array(0.0), np.array(0.0), 5, 30) == 4


def test_the_lot_of_the_folds_counts_as_often_as_folds_were_drawn(rng):
    signal, lot = rng.normal(size=(50000, 1, 1)), rng.normal(size=(50000, 2, 1))
    for n_on_data in (1, 4, 1000):
        found = fold_covariance(signal + lot, n_on_data)
        assert found[0, 0] == pytest.approx(1 + 1 / n_on_data, abs=0.05)
    assert fold_covariance(lot, 10**6)[0, 0] == pytest.approx(0, abs=0.02)
    pair = np.concatenate([signal, 2 * signal], 2)
    np.testing.assert_allclose(fold_covariance(pair), np.cov(pair[:, 0].T))


def test_draws_are_with_replacement(rng):
    found = draws(5000, 6, rng)
    assert (found.sum(1) == 6).all()
    np.testing.assert_allclose(found.mean(0), 1, atol=0.05)
    np.testing.assert_allclose(found.var(0), 5 / 6, atol=0.05)


def test_folds_are_even_and_copies_never_part(rng):
    counts = draws(200, 13, rng)
    folds = fold_numbers(counts, 3, rng)
    assert ((folds == -1) == (counts == 0)).all()
    sizes = np.stack([(folds == k).sum(1) for k in range(3)])
    assert (sizes.max(0) - sizes.min(0)).max() <= 1
    both = [tuple(row) for row in folds]
    assert len(set(both)) > 190


@pytest.mark.parametrize(
    ("people", "stimuli", "bootstrap"), list(product((5, 6, 20), (10, 40), (0, 1)))
)
def test_more_folds_where_there_is_more_to_fold(people, stimuli, bootstrap):
    share = 1 - np.exp(-1) if bootstrap else 1
    expected = (
        2 + sum(stimuli * share >= each for each in (12, 24, 40)),
        2 + sum(people * share >= each for each in (6, 12, 20)),
    )
    assert default_folds(stimuli, people, bool(bootstrap)) == expected
