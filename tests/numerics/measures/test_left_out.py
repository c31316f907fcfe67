"""Each row against the mean of the others, without ranking anything twice."""

import numpy as np
import pytest

import isocortex as ic
from isocortex.numerics.arrays import ranks
from isocortex.numerics.measures.comparison import COMPARISONS, JOINT, pooling
from isocortex.numerics.measures.left_out import against_two, means_by_group, sums_of_others
from isocortex.rsa.ceiling import rdm_ceiling

ALONE = {name: function for name, function in COMPARISONS.items() if function not in JOINT}


@pytest.mark.parametrize("size", [1.0, 1e12])
def test_sums_of_others_lose_no_digit_to_a_huge_row(size, rng):
    rows, group = rng.random((7, 5)), np.array([0, 1, 1, 2, 3, 0, 4])
    rows[3] *= size
    for place, found in enumerate(sums_of_others(rows, group)):
        np.testing.assert_allclose(found, rows[group != place].sum(0), rtol=1e-14)


def test_sums_of_others_of_two():
    found = sums_of_others(np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([0, 1]))
    np.testing.assert_array_equal(found, [[3.0, 5.0], [1.0, 2.0]])


@pytest.mark.parametrize("name", ALONE)
def test_each_row_meets_its_own_model_and_one_of_all(name, rng):
    function = ALONE[name]
    data, models = rng.integers(0, 9, (6, 45)) * 1.0, rng.integers(0, 9, (3, 45)) * 1.0
    group = np.array([2, 0, 1, 1, 0, 2])
    own, whole = against_two(function, data, group, models, models[:1])
    slow = [function(models[[g]], row[None])[0, 0] for g, row in zip(group, data, strict=True)]
    np.testing.assert_allclose(own, slow, rtol=0, atol=1e-12)
    np.testing.assert_allclose(whole, function(models[:1], data)[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("name", ALONE)
def test_ceilings_are_those_of_the_definition(name, ties, rng):
    function, group = ALONE[name], np.array([0, 0, 1, 2, 3])
    values = rng.random(28) + rng.random((5, 28))
    values = np.round(values * 4) if ties else values
    low, high = [], []
    for who in range(4):
        out = group == who
        others = pooling(function)(values[~out]).mean(0, keepdims=True)
        low.append(function(others, values[out]).mean())
        high.append(function(pooling(function)(values).mean(0)[None], values[out]).mean())
    found = rdm_ceiling(ic.RDMs(values, list("abcdefgh"), {"subject": group}), name)
    np.testing.assert_allclose(found, [np.mean(low), np.mean(high)], rtol=0, atol=1e-12)


def test_means_by_group():
    found = means_by_group(np.array([1.0, 3.0, 5.0]), np.array([1, 0, 1]))
    np.testing.assert_array_equal(found, [3.0, 3.0])


def test_rankings_grow_as_subjects_not_as_their_square(rng, monkeypatch):
    ranked = []
    once = ranks._rank
    monkeypatch.setattr(ranks, "_rank", lambda *each: (ranked.append(1), once(*each)))
    counts = []
    for n in (10, 40):
        ranked.clear()
        rdm_ceiling(ic.RDMs(rng.random((n, 28)), list("abcdefgh"), {"subject": range(n)}))
        counts.append(len(ranked))
    # Each twice (for their mean, and to be compared), each mean of others, and the mean of all.
    assert counts == [3 * 10 + 1, 3 * 40 + 1]
