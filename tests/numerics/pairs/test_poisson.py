import numpy as np
import pytest
from scipy.stats import poisson

from isocortex.numerics.pairs.poisson import poisson_distances, with_prior


def divergence(a, b):
    """Kullback and Leibler's, summed over counts."""
    counts = np.arange(200)
    return float(poisson.pmf(counts, a) @ (poisson.logpmf(counts, a) - poisson.logpmf(counts, b)))


def test_the_distance_is_the_divergence_both_ways_in_the_mean_over_units(rng):
    rates = rng.uniform(0.2, 20, size=(2, 3, 4))
    found = poisson_distances(rates, rates)
    for t in range(2):
        for pair, (i, j) in enumerate([(0, 1), (0, 2), (1, 2)]):
            both = [
                divergence(a, b) + divergence(b, a)
                for a, b in zip(rates[t, i], rates[t, j], strict=True)
            ]
            assert found[t, pair] == pytest.approx(np.mean(both), rel=1e-9)


def test_rates_of_one_set_meet_the_logarithms_of_another(rng):
    first, second = rng.uniform(1, 5, size=(2, 1, 2, 7))
    slow = np.mean((first[0, 0] - first[0, 1]) * np.log(second[0, 0] / second[0, 1]))
    assert poisson_distances(first, second)[0, 0] == pytest.approx(slow)


def test_a_silent_unit_has_a_logarithm_and_a_rate_of_one_stays():
    np.testing.assert_allclose(with_prior(np.array([0.0, 1.0, 12.0])), [0.1 / 1.1, 1, 12.1 / 1.1])
