"""Variance partitioning against regressions, and against the arithmetic of Net2Brain."""

from itertools import combinations, permutations

import numpy as np
import pytest

from isocortex.numerics.inference.partition import (
    Grams,
    expected_explained,
    expected_product,
    explained,
    parts_matrix,
    product_measure,
    shapley_matrix,
)


def r2(x, y):
    design = np.column_stack([x.T, np.ones(len(y))])
    left = y - design @ np.linalg.lstsq(design, y)[0]
    return 1 - (left**2).sum() / ((y - y.mean()) ** 2).sum()


def grams(x, y):
    x, y = (rows - rows.mean(1, keepdims=True) for rows in (x, y))
    return Grams((x @ x.T)[None], (x @ y.T)[None], (y**2).sum(1)[None])


def made(rng, sizes=(1, 2, 1, 1), n_pairs=66):
    rows = np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
    x = rng.normal(size=(sum(sizes), n_pairs))
    x += 0.7 * rng.normal(size=n_pairs)
    return x, x.sum(0) / 2 + rng.normal(size=(3, n_pairs)), rows


def by_name(x, y, sets):
    """R of every union of sets, by the digits of its sets: R["13"]."""
    names = range(1, len(sets) + 1)
    return {
        "".join(map(str, union)): r2(x[np.concatenate([sets[k - 1] for k in union])], y)
        for size in names
        for union in combinations(names, size)
    }


def test_parts_of_three_sets_are_those_of_net2brain(rng):
    # Its names: R's are of unions; y's are parts, those of exactly these sets.
    x, y, sets = made(rng, (1, 2, 1))
    found = parts_matrix(3) @ explained(grams(x, y), grams(x, y), sets)[0]
    for person in range(3):
        r = by_name(x, y[person], sets)
        right = {
            0b001: r["123"] - r["23"],
            0b010: r["123"] - r["13"],
            0b100: r["123"] - r["12"],
            0b011: r["13"] + r["23"] - r["3"] - r["123"],
            0b101: r["12"] + r["23"] - r["2"] - r["123"],
            0b110: r["12"] + r["13"] - r["1"] - r["123"],
            0b111: r["1"] + r["2"] + r["3"] - r["12"] - r["13"] - r["23"] + r["123"],
        }
        for part, value in right.items():
            assert found[part - 1, person] == pytest.approx(value, abs=1e-12)


def test_parts_of_two_and_four_sets_are_those_of_net2brain(rng):
    x, y, sets = made(rng, (1, 1))
    found = parts_matrix(2) @ explained(grams(x, y), grams(x, y), sets)[0]
    r = by_name(x, y[0], sets)
    right = [r["12"] - r["2"], r["12"] - r["1"], r["1"] + r["2"] - r["12"]]
    np.testing.assert_allclose(found[:, 0], right, atol=1e-12)
    x, y, sets = made(rng)
    found = parts_matrix(4) @ explained(grams(x, y), grams(x, y), sets)[0]
    r = by_name(x, y[0], sets)
    singles = sum(r[k] for k in "1234")
    twos = sum(r[k] for k in ("12", "13", "14", "23", "24", "34"))
    threes = sum(r[k] for k in ("123", "124", "134", "234"))
    assert found[0, 0] == pytest.approx(r["1234"] - r["234"], abs=1e-12)
    y12 = r["134"] + r["234"] - r["34"] - r["1234"]
    assert found[0b0011 - 1, 0] == pytest.approx(y12, abs=1e-12)
    y123 = r["14"] + r["24"] + r["34"] - r["4"] - r["124"] - r["134"] - r["234"] + r["1234"]
    assert found[0b0111 - 1, 0] == pytest.approx(y123, abs=1e-12)
    assert found[0b1111 - 1, 0] == pytest.approx(singles - twos + threes - r["1234"], abs=1e-12)


@pytest.mark.parametrize("sizes", [(2,), (1, 2), (1, 1, 2), (1, 2, 1, 1), (1, 1, 1, 1, 1)])
def test_parts_and_shares_add_up_to_what_all_explain(rng, sizes):
    x, y, sets = made(rng, sizes)
    whole = grams(x, y)
    of_subsets = explained(whole, whole, sets)[0]
    total = [r2(x, row) for row in y]
    np.testing.assert_allclose((parts_matrix(len(sizes)) @ of_subsets).sum(0), total, atol=1e-12)
    np.testing.assert_allclose((shapley_matrix(len(sizes)) @ of_subsets).sum(0), total, atol=1e-12)
    np.testing.assert_allclose(product_measure(whole, whole, sets)[0].sum(0), total, atol=1e-12)


def test_shapley_values_are_means_over_orders(rng):
    x, y, sets = made(rng, (1, 2, 1))
    found = shapley_matrix(3) @ explained(grams(x, y), grams(x, y), sets)[0]
    gains = np.zeros((3, 6))
    for column, order in enumerate(permutations(range(3))):
        before = 0.0
        for place, k in enumerate(order):
            rows = np.concatenate([sets[each] for each in order[: place + 1]])
            now = r2(x[rows], y[0])
            gains[k, column], before = now - before, now
    np.testing.assert_allclose(found[:, 0], gains.mean(1), atol=1e-12)


def test_suppression_is_shown_as_a_negative_part(rng):
    noise, signal = rng.normal(size=(2, 500))
    x = np.stack([signal + noise, noise])
    y = signal[None] + 0.05 * rng.normal(size=500)
    found = parts_matrix(2) @ explained(grams(x, y), grams(x, y), [np.array([0]), np.array([1])])[0]
    assert found[2, 0] < -0.3
    assert found[:2, 0].min() > 0.3


def test_copies_explain_what_one_of_them_does(rng):
    x, y, _ = made(rng, (1,))
    x = np.concatenate([x, 3 * x])
    found = explained(grams(x, y), grams(x, y), [np.array([0]), np.array([1])])[0]
    np.testing.assert_allclose(found[1], found[3], atol=1e-12)


def relabelled(row, order):
    n = len(order)
    i, j = np.triu_indices(n, 1)
    square = np.zeros((n, n))
    square[i, j] = square[j, i] = row
    return square[np.ix_(order, order)][i, j]


def test_the_mean_over_all_relabellings_needs_none(rng):
    x, y = rng.random((3, 15)), rng.random((2, 15))
    sets = [np.array([0]), np.array([1, 2])]
    every = [
        grams(x, np.array([relabelled(row, order) for row in y]))
        for order in permutations(range(6))
    ]
    right = np.mean([explained(each, each, sets)[0] for each in every], 0)
    np.testing.assert_allclose(expected_explained(x, y, sets), right, atol=1e-12)
    right = np.mean([product_measure(each, each, sets)[0] for each in every], 0)
    np.testing.assert_allclose(expected_product(x, y, sets), right, atol=1e-12)


def test_weights_of_other_data_can_explain_less_than_nothing(rng):
    x, y, sets = made(rng, (1, 2))
    train, test = slice(0, 33), slice(33, 66)
    found = explained(grams(x[:, train], y[:, train]), grams(x[:, test], y[:, test]), sets)[0]
    rows = np.array([0, 1, 2])
    a, b = x[rows][:, train], y[:, train]
    a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    theta = np.linalg.lstsq(a.T, b.T)[0]
    left = y[:, test] - theta.T @ x[rows][:, test]
    right = 1 - left.var(1) / y[:, test].var(1)
    np.testing.assert_allclose(found[3], right, atol=1e-12)


def test_the_chance_of_the_rest_is_its_mean_over_relabellings(rng):
    """Of six stimuli all 720: what a subset explains of its own residuals by chance."""
    x, y = rng.normal(size=(3, 15)), rng.normal(size=(2, 15))
    y += 3 * x[0]
    sets = [np.array([0]), np.array([1, 2])]
    found = expected_explained(x, y, sets, of_rest=True)
    product = expected_product(x, y, sets, of_rest=True)
    i, j = np.triu_indices(6, 1)
    place = np.zeros((6, 6), dtype=int)
    place[i, j] = place[j, i] = np.arange(15)
    moved = [place[order[i], order[j]] for order in map(np.array, permutations(range(6)))]
    for subset, rows in ((1, [0]), (2, [1, 2]), (3, [0, 1, 2])):
        design = np.column_stack([x[rows].T, np.ones(15)])
        for person, row in enumerate(y):
            rest = row - design @ np.linalg.lstsq(design, row)[0]
            right = np.mean([r2(x[rows], rest[each]) for each in moved])
            assert found[subset, person] == pytest.approx(right, abs=1e-12)
    np.testing.assert_allclose(product.sum(0), found[3], atol=1e-12)


def test_the_chance_of_a_rest_that_is_nothing_is_that_of_the_person(rng):
    x = rng.normal(size=(1, 15))
    y, sets = 2 * x + 1, [np.array([0])]
    found = expected_explained(x, y, sets, of_rest=True)
    np.testing.assert_allclose(found, expected_explained(x, y, sets), atol=1e-12)
