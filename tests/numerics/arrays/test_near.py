import warnings

import numpy as np
import pytest
from scipy.spatial.distance import squareform

from isocortex.errors import IsocortexWarning
from isocortex.numerics.arrays.gram import gram
from isocortex.numerics.arrays.near import (
    Pairs,
    Unresolved,
    resolution,
    squared_residuals,
    without_rows,
)
from isocortex.numerics.arrays.products import Products, lost_share


def test_pairs_below_a_limit_are_those_of_a_loop(rng):
    points = rng.normal(size=(12, 2))
    d = np.linalg.norm(points[:, None] - points[None], axis=2)
    pairs = Pairs.below(d.copy(), 1.0)
    expected = [(i, j) for i in range(12) for j in range(i + 1, 12) if d[i, j] < 1.0]
    assert list(zip(pairs.i, pairs.j, strict=True)) == expected
    np.testing.assert_array_equal(
        squareform(d, checks=False)[pairs.condensed(12)], d[pairs.i, pairs.j]
    )
    later = Pairs.below(d[5:8, 5:].copy(), 1.0, first=5)
    assert list(zip(later.i, later.j, strict=True)) == [p for p in expected if 5 <= p[0] < 8]


def test_where_none_is_near_there_is_no_pair():
    assert len(Pairs.below(np.ones((4, 4)), 0.5)) == 0


def test_residuals_are_those_of_a_loop(rng):
    x = rng.normal(size=(6, 40)) + 1e5
    pairs = Pairs(np.array([0, 2]), np.array([1, 5]))
    plain = squared_residuals(x, pairs)
    np.testing.assert_allclose(plain, ((x[[1, 5]] - x[[0, 2]]) ** 2).sum(1), rtol=1e-12)
    centred = x - x.mean(1, keepdims=True)
    found = squared_residuals(x, pairs, np.array([0.5, 2.0]), x.mean(1), unit=1.0)
    expected = ((centred[[1, 5]] - [[0.5], [2.0]] * centred[[0, 2]]) ** 2).sum(1)
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_distances_lost_in_the_products_are_told_and_equal_rows_are_at_zero(rng):
    x = rng.normal(size=(4, 30))
    x[1] = x[0]
    x[3] = x[2] + 1e-12
    k = Products.of_raw(x @ x.T, x.sum(1), 30)
    own, pairs = k.kept.diagonal(), Pairs(np.array([0, 2]), np.array([1, 3]))
    products = k.kept[pairs.i, pairs.j]
    found = own[pairs.i] + own[pairs.j] - 2 * products
    near = Unresolved(pairs, found, np.full(2, 1e-14) / lost_share(k), products)
    with pytest.warns(IsocortexWarning, match="1 of 6 distances are so small"):
        assert without_rows(near, own, np.ones(2, dtype=bool), k)[0] == 0


@pytest.mark.parametrize(("distance", "lost"), [(5e-13, True), (2e-11, False)])
def test_a_distance_is_lost_below_a_hundred_times_its_error(distance, lost, rng):
    x = rng.normal(size=(3, 30))
    k = Products.of_raw(x @ x.T, x.sum(1), 30)
    pair = Pairs(np.array([0]), np.array([1]))
    reach = np.full(1, 1e-14) / lost_share(k)
    near = Unresolved(pair, np.full(1, distance), reach, k.kept[pair.i, pair.j])
    with warnings.catch_warnings(record=True, action="always") as told:
        found = without_rows(near, k.kept.diagonal(), np.ones(1, dtype=bool), k)
    assert bool(told) == lost
    assert found == distance


def test_float32_products_resolve_less(rng):
    x = rng.normal(size=(5, 20))
    double, single = gram(x), Products.of_raw((x @ x.T).astype(np.float32), x.sum(1), 20)
    assert resolution(single) > 1e3 * resolution(double)
