from itertools import combinations

import numpy as np
import pytest

from isocortex.numerics.pairs import crossnobis


def made(rng, counts, n_times=2, n_units=6, offset=0.0):
    """Trials of each partition and condition, in random order."""
    partition, condition = np.nonzero(np.ones_like(counts))
    times = counts.ravel()
    partition, condition = np.repeat(partition, times), np.repeat(condition, times)
    order = rng.permutation(len(partition))
    values = rng.normal(size=(n_times, len(partition), n_units)) + offset
    return values, condition[order], partition[order]


EQUAL = np.full((3, 4), 2)
UNEQUAL = np.array([[2, 1, 3, 1], [1, 1, 0, 2], [1, 4, 2, 1]])


def mean_of(values, condition, partition, c, p):
    return values[:, (condition == c) & (partition == p)].mean(1)


def slow(values, condition, partition, counts):
    """Products of differences in two partitions, each weighted by its harmonic numbers."""
    n_partitions, n_conditions = counts.shape
    found = []
    for a, b in combinations(range(n_conditions), 2):
        total, weight = 0.0, 0.0
        for p, q in combinations(range(n_partitions), 2):
            n = [counts[i, a] * counts[i, b] / max(counts[i, a] + counts[i, b], 1) for i in (p, q)]
            if n[0] * n[1] == 0:
                continue
            difference = [
                mean_of(values, condition, partition, a, i)
                - mean_of(values, condition, partition, b, i)
                for i in (p, q)
            ]
            total = total + n[0] * n[1] * (difference[0] * difference[1]).sum(1)
            weight += n[0] * n[1]
        found.append(total / weight / values.shape[2])
    return np.transpose(found)


@pytest.mark.parametrize("counts", [EQUAL, UNEQUAL], ids=["equal", "unequal"])
@pytest.mark.parametrize("offset", [0.0, 1e5])
def test_distances_across_partitions_are_a_loop(counts, offset, rng):
    values, condition, partition = made(rng, counts, offset=offset)
    cells, found = crossnobis.cell_means(values, condition, partition)
    np.testing.assert_array_equal(found, counts)
    cells = crossnobis.take_shared(cells, counts)
    d = crossnobis.distances_across(cells, cells, counts)
    np.testing.assert_allclose(d, slow(values, condition, partition, counts), atol=1e-8)
    pairwise = crossnobis.pairwise_distances(
        lambda p, q: np.matmul(cells[p], np.swapaxes(cells[q], 1, 2)), counts, 6
    )
    np.testing.assert_allclose(pairwise, d, atol=1e-8)


def test_means_are_sums_over_numbers(rng):
    values, condition, partition = made(rng, UNEQUAL)
    sums, counts = crossnobis.sums_by_partition(values, condition, partition)
    cells, _ = crossnobis.cell_means(values, condition, partition)
    for p in range(3):
        for c in np.nonzero(counts[p])[0]:
            expected = mean_of(values, condition, partition, c, p)
            np.testing.assert_allclose(cells[p][:, c], expected)
            np.testing.assert_allclose(sums[p][:, c], counts[p, c] * expected)


def test_inner_products_count_every_pair_of_trials_of_two_partitions_once(rng):
    values, condition, partition = made(rng, UNEQUAL)
    sums, counts = crossnobis.sums_by_partition(values, condition, partition)
    found = crossnobis.inner_products(sums, sums, counts)
    meetings = crossnobis.meetings(counts)
    for a in range(4):
        for b in range(4):
            products = [
                (values[:, i] * values[:, j]).sum(1)
                for i in np.nonzero(condition == a)[0]
                for j in np.nonzero(condition == b)[0]
                if partition[i] != partition[j]
            ]
            assert meetings[a, b] == len(products)
            np.testing.assert_allclose(found[:, a, b], np.mean(products, 0), atol=1e-12)


def test_where_each_trial_is_a_partition_no_trial_meets_itself(rng):
    values, condition, _ = made(rng, EQUAL)
    found = crossnobis.trial_products(values, condition)
    for a in range(4):
        rows = np.nonzero(condition == a)[0]
        own = [(values[:, i] * values[:, j]).sum(1) for i in rows for j in rows if i != j]
        np.testing.assert_allclose(found[:, a, a], np.mean(own, 0), atol=1e-12)


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_plain_distances_keep_their_digits(offset, rng):
    patterns = rng.normal(size=(2, 5, 6))
    patterns[:, 1] = patterns[:, 0] + 1e-9
    expected = [((patterns[:, i] - patterns[:, j]) ** 2).sum(1) / 6
                for i, j in combinations(range(5), 2)]  # fmt: skip
    found = crossnobis.plain_distances(patterns + offset, 6)
    np.testing.assert_allclose(found[:, 1:], np.transpose(expected)[:, 1:], rtol=1e-8)


def test_correlations_are_kept_within_one_and_variances_above_a_tenth(rng):
    g, plain = rng.normal(size=(3, 4, 4)), rng.uniform(1, 2, size=(3, 4))
    g = (g + np.swapaxes(g, 1, 2)) / 2
    d = crossnobis.correlation_distances(g, plain)
    variance = np.maximum(np.einsum("tii->ti", g), 0.1 * plain)
    for pair, (i, j) in enumerate(combinations(range(4), 2)):
        r = g[:, i, j] / np.sqrt(variance[:, i] * variance[:, j])
        np.testing.assert_allclose(d[:, pair], 1 - np.clip(r, -1, 1))


def test_shares_and_weights_of_partitions():
    assert crossnobis.proportional(EQUAL)
    assert crossnobis.proportional(np.array([[2, 4], [1, 2]]))
    assert not crossnobis.proportional(UNEQUAL)
    weights = crossnobis.pair_weights(UNEQUAL)
    assert weights[0, 0] == pytest.approx(2 / 3)
    expected = sum(weights[p] * weights[q] for p, q in combinations(range(3), 2))
    np.testing.assert_allclose(crossnobis.shared_weight(weights), expected)
