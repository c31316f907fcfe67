"""Centred values are right to the rounding of what is left."""

import numpy as np
import pytest

from isocortex.numerics.arrays.centre import without_common, without_mean
from isocortex.numerics.arrays.constant import is_constant, is_rounding


@pytest.mark.parametrize("offset", [0.0, 1e2, 1e6, 1e12])
@pytest.mark.parametrize("axis", [0, 1])
def test_no_digit_is_lost_to_an_offset(rng, offset, axis):
    x = rng.normal(size=(30, 7)) + offset
    exact = (x - offset).astype(np.longdouble)  # This difference is exact.
    exact = exact - exact.mean(axis, keepdims=True)
    np.testing.assert_allclose(without_mean(x, axis), exact.astype(float), rtol=0, atol=2e-15)


def test_constants_become_exact_zeros():
    x = np.full((7, 3), 0.1) * [1, 1e6, 1e-300]
    assert not without_mean(x).any()


def test_distances_do_not_see_the_common_pattern(rng):
    x = rng.normal(size=(2, 5, 4)) + 1e6
    y = without_common(x)
    np.testing.assert_allclose(y[:, 1:] - y[:, :1], x[:, 1:] - x[:, :1], rtol=0, atol=1e-15)


def test_constant_is_what_varies_no_more_than_rounding(rng):
    x = np.ones((50, 3)) * [0.1, 1e6, 3.0]
    x[:, 1] *= 1 + 2e-16 * rng.integers(0, 3, 50)
    x[:, 2] += 1e-12 * rng.normal(size=50)
    np.testing.assert_array_equal(is_constant(x), [True, True, False])


def test_constant_is_judged_in_the_precision_of_what_went_in():
    assert is_rounding(1e-7, 1.0, np.float32)
    assert not is_rounding(1e-7, 1.0)
