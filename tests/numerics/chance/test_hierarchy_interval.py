"""The variance of a hierarchy score against sums that are written out, and its coverage."""

import numpy as np
import pytest

from isocortex.numerics.chance.hierarchy_interval import over_layers
from isocortex.numerics.measures import hierarchy as algebra

A = np.array([-3.0, -1.0, 0.5, 0.0, 1.5, 4.0])
B = np.array([-1.0, 0.5, 2.0])


def linear(tables):
    """A score whose slopes are known: A and B."""
    shares = tables / tables.sum(-1, keepdims=True)
    return np.einsum("tij,i,j->t", shares, A, B)


def test_the_variance_is_a_quarter_cluster_robust_and_three_of_equal_noise(rng):
    table = rng.integers(1, 40, (6, 3))
    y = (table / table.sum(1, keepdims=True)) @ B
    line = np.column_stack([np.ones(6), np.arange(6)])
    left = y - line @ np.linalg.lstsq(line, y, rcond=None)[0]
    leverage = [row @ np.linalg.inv(line.T @ line) @ row for row in line]
    noise = [left[i] ** 2 / (1 - leverage[i]) for i in range(6)]
    robust = sum(A[i] ** 2 * noise[i] for i in range(6))
    equal = sum(A[i] ** 2 for i in range(6)) * sum(noise) / 6
    found = over_layers(table, linear)
    assert found.error**2 == pytest.approx(robust / 4 + 3 * equal / 4, rel=1e-9)
    assert found.freedom == 4


def test_layers_without_units_are_passed_over(rng):
    table = rng.integers(1, 40, (7, 3))
    table[2] = 0
    kept = np.delete(table, 2, axis=0)
    whole, part = (over_layers(each, algebra.rank_correlation) for each in (table, kept))
    assert np.isfinite(whole.error)
    assert whole.freedom == part.freedom == 4
    assert np.isnan(over_layers(table[:4], algebra.rank_correlation).error)


@pytest.mark.parametrize("n_clusters", [4, 10, 120])
@pytest.mark.parametrize("n_layers", [5, 8, 12])
def test_95_percent_intervals_cover_90_to_98_of_100(n_layers, n_clusters, rng):
    shares = np.linspace([4, 3, 2, 1], [1, 2, 3, 4], n_layers) / 10
    truth = algebra.rank_correlation(shares * 1e6)
    drawn = rng.multinomial(n_clusters, shares, size=(150, n_layers)) * (120 // n_clusters)
    covered = []
    for table in drawn:
        value = algebra.rank_correlation(table)
        covered.append(
            abs(value - truth) <= over_layers(table, algebra.rank_correlation).half(0.95)
        )
    # Of 150 the share found is within .05 of the true one.
    assert 0.88 <= np.mean(covered) <= 0.995
