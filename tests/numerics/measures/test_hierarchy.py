"""The table operations against scipy and against brute force."""

import time
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from isocortex.numerics.measures import hierarchy as algebra


def brute(table):
    """Spearman of the observations behind a table."""
    rows, columns = np.nonzero(table)
    times = table[rows, columns]
    if len(set(rows)) < 2 or len(set(columns)) < 2:
        return np.nan
    return spearmanr(np.repeat(rows, times), np.repeat(columns, times))[0]


@pytest.mark.parametrize("shape", [(2, 2), (5, 5), (8, 3)])
def test_rank_correlation_equals_scipy(shape, rng):
    tables = rng.integers(0, 30, (20, *shape))
    tables[0, 0] = 0
    found = algebra.rank_correlation(tables)
    np.testing.assert_allclose(found, [brute(table) for table in tables], atol=1e-13)


def test_without_two_rows_or_columns_it_is_undefined():
    table = np.zeros((3, 4), dtype=int)
    assert np.isnan(algebra.rank_correlation(table))
    table[1] = 5
    assert np.isnan(algebra.rank_correlation(table))
    assert np.isnan(algebra.rank_correlation(table.T))


@pytest.mark.parametrize(("n_layers", "size"), [(5, 5), (6, 5), (8, 5), (7, 3), (7, 6)])
def test_the_mean_over_choices_equals_brute_force(n_layers, size, rng):
    table = rng.integers(0, 20, (n_layers, 5))
    scores = [
        brute(table[[0, *middle, n_layers - 1]])
        for middle in combinations(range(1, n_layers - 1), size - 2)
    ]
    assert len(scores) == algebra.n_subsets(n_layers, size)
    found, undefined = algebra.subset_mean(table, size)
    assert found == pytest.approx(np.mean(scores), abs=1e-13)
    assert undefined == 0
    rows = np.concatenate(list(algebra.subset_rows(n_layers, size)))
    assert algebra.subset_means(table[None], rows)[0] == pytest.approx(found, abs=1e-13)


def test_undefined_choices_are_counted():
    table = np.zeros((6, 3), dtype=int)
    table[[0, 5], 1] = 10  # both ends have one and the same top
    table[2] = [4, 0, 3]
    found, undefined = algebra.subset_mean(table, 5)
    with_2 = [brute(table[[0, *middle, 5]]) for middle in combinations(range(1, 5), 3)]
    assert undefined == np.isnan(with_2).sum() == 1
    assert found == pytest.approx(np.nanmean(with_2))


def test_99_layers_take_less_than_two_seconds(rng):
    table = rng.integers(0, 600, (99, 5))
    started = time.perf_counter()
    algebra.subset_mean(table, 5)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(("n", "p"), [(50, 0.05), (23, 0.05), (50, 0.001), (8, 0.2)])
def test_the_t_test_keeps_what_scipy_finds_significant(n, p, rng):
    r, expected = [], []
    for strength in np.linspace(-1, 1.5, 60):
        x = rng.normal(size=n)
        found = pearsonr(x, strength * x + rng.normal(size=n))
        r.append(found.statistic)
        expected.append(found.pvalue < p and found.statistic > 0)
    np.testing.assert_array_equal(algebra.keep_t(np.array(r), n, p), expected)


def test_thresholds():
    r = np.linspace(0, 1, 100_001)
    kept = r[algebra.keep_t(r, 50, 0.05)]
    assert (round(kept.min(), 4), kept.max()) == (0.2787, 1.0)
    kept = r[algebra.keep_bhscore2021(r, 50, 0.05)]
    assert (round(kept.min(), 4), round(kept.max(), 4)) == (0.3047, 0.9524)
    assert not algebra.keep_bhscore2021(r, 50, 0.0011).any()
    odd = np.array([np.nan, -0.9, 1.0, 1.0000001])
    assert algebra.keep_t(odd, 50, 0.05).tolist() == [False, False, True, True]
    assert not algebra.keep_bhscore2021(odd, 50, 0.05).any()


def test_tops_pass_over_nan_and_leave_the_argument():
    accuracy = np.array([[0.5, np.nan, np.nan, 0.1], [0.5, 0.4, np.nan, 0.2]])
    accuracy.flags.writeable = False
    found = algebra.top_regions(accuracy, algebra.keep_t, 50, 0.05)
    assert found.top.tolist() == [0, 1, -1, -1]
    assert (found.n_nan, found.n_undefined) == (3, 1)
