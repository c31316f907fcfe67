"""The simulations of the page on inference, with fewer sets of data."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from isocortex.inference.contrasts import ON_THE_DATA
from isocortex.inference.crossvalidated import repetitions
from isocortex.numerics.inference.two_factor import fold_covariance

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def simulate():
    path = ROOT / "benchmarks" / "simulate_inference.py"
    spec = importlib.util.spec_from_file_location("simulate_inference", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check(rates, n):
    """No rate above .05 and no coverage below .95 by more than three standard errors."""
    slack = 3 * np.sqrt(0.05 * 0.95 / n)
    for each in rates:
        if each.method.startswith("two-factor"):
            assert max(each.above, each.pair) <= 0.05 + slack
            assert min(each.cover) >= 0.95 - slack
            assert each.below == 0
        if each.method == "label permutation":
            assert each.above <= 0.05 + slack


def test_rates_are_what_is_promised(simulate):
    check(simulate.simulated(40, people=(5, 12), stimuli=(12,), seed=1), 40)


@pytest.mark.slow
def test_rates_of_many_people_and_stimuli_are_what_is_promised(simulate):
    check(simulate.simulated(60, people=(5, 20), stimuli=(30, 60), seed=2), 60)


def above_zero(n_samples, n_drawings, n_sets, rng):
    """How often a score of nothing is above 0, where the lot of the folds is four times its own."""
    v, lot = 1.0, 4.0
    score = rng.normal(0, np.sqrt(v + lot / ON_THE_DATA), n_sets)
    found = []
    for _ in range(n_sets):
        own = rng.normal(0, np.sqrt(v), (n_samples, 1, 1))
        columns = own + rng.normal(0, np.sqrt(lot), (n_samples, n_drawings, 1))
        found.append(fold_covariance(columns, ON_THE_DATA)[0, 0])
    return np.mean(score > stats.norm.ppf(0.95) * np.sqrt(found))


@pytest.mark.parametrize("n_samples", [100, 400, 1000])
def test_the_lot_of_the_folds_costs_no_level_with_few_samples(n_samples, rng):
    rate = above_zero(n_samples, repetitions(n_samples), 1000, rng)
    assert rate <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1000)


def test_two_drawings_of_100_samples_would_not_do(rng):
    assert above_zero(100, 2, 4000, rng) > 0.058


@pytest.mark.slow
def test_fitted_models_of_unrelated_brains_keep_to_the_level(simulate):
    for each in simulate.fitted(25, sizes=((8, 24),), samples=(100,), seed=3):
        assert each.above.mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 50)
        assert each.pair.mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 25)
        assert each.cover.mean() >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / 50)
