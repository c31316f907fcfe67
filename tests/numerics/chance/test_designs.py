"""Maps of t after exchanges, against SciPy and against fits made one by one."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from isocortex.numerics.chance.designs import flips, regression


def ols_t(y, columns):
    """t of the last column, by least squares."""
    x = np.column_stack(columns)
    b, *_ = np.linalg.lstsq(x, y, rcond=None)
    left = ((y - x @ b) ** 2).sum() / (len(y) - x.shape[1])
    return b[-1] / np.sqrt(left * np.linalg.inv(x.T @ x)[-1, -1])


def all_maps(design, x, n_rows=7):
    return np.concatenate(list(design.blocks(x, n_rows)))


def test_flips_are_t_tests_of_flipped_subjects(rng):
    x = rng.normal(size=(6, 4)) + 0.5
    design = flips(6, 10_000, 1, rng)
    assert design.exact
    assert design.n == 64
    assert design.least == 1 / 64
    expected = [stats.ttest_1samp(s[:, None] * x, 0).statistic for s in design.signs]
    np.testing.assert_allclose(all_maps(design, x), expected)
    np.testing.assert_allclose(all_maps(design, x)[0], stats.ttest_1samp(x, 0).statistic)


def test_on_two_sides_half_of_all_flips_tell_all(rng):
    x = rng.normal(size=(5, 3))
    both, one = (np.abs(all_maps(flips(5, 10_000, tail, rng), x)).max(1) for tail in (0, 1))
    assert len(both) == 16
    np.testing.assert_allclose(np.sort(np.repeat(both, 2)), np.sort(one))
    assert flips(5, 10_000, 0, rng).least == 1 / 16


@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_a_slope_is_that_of_least_squares_after_freedman_and_lane(rng, offset):
    age, iq, x = rng.normal(size=5), rng.normal(size=(5, 1)) + 10, rng.normal(size=(5, 3)) + offset
    design = regression(age, iq, 10_000, rng)
    assert design.exact
    assert design.n == 120
    assert design.least == 1 / 120
    ones = np.ones(5)
    z = np.column_stack([ones, iq])
    fitted = z @ np.linalg.lstsq(z, x, rcond=None)[0]
    expected = [
        [ols_t((fitted + (x - fitted)[list(order)])[:, k], [ones, iq, age]) for k in range(3)]
        for order in permutations(range(5))
    ]
    np.testing.assert_allclose(
        np.sort(all_maps(design, x), 0), np.sort(expected, 0), rtol=1e-9 if not offset else 1e-4
    )
    np.testing.assert_allclose(
        all_maps(design, x)[0], expected[0], rtol=1e-9 if not offset else 1e-4
    )


def test_a_slope_alone_is_that_of_scipy(rng):
    age, x = rng.normal(size=12), rng.normal(size=(12, 5))
    design = regression(age, np.empty((12, 0)), 100, rng)
    assert not design.exact
    assert design.n == 100
    assert design.freedom == 10
    expected = [stats.linregress(age, y) for y in x.T]
    np.testing.assert_allclose(
        all_maps(design, x)[0], [each.slope / each.stderr for each in expected]
    )


def test_two_groups_tell_fewer_orders_apart(rng):
    design = regression(np.array([0.0, 0, 1, 1, 1]), np.empty((5, 0)), 10_000, rng)
    assert design.least == pytest.approx(2 * 6 / 120)


def test_what_others_tell_has_no_slope(rng):
    others = rng.normal(size=(8, 2))
    assert not regression(others @ [1.0, 2.0] + 3, others, 50, rng).tested.any()
    assert not regression(np.full(8, 1e3), np.empty((8, 0)), 50, rng).tested.any()
