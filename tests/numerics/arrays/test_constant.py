import numpy as np
import pytest

from isocortex.numerics.arrays.constant import is_constant, is_rounding


@pytest.mark.parametrize("level", [0.0, 1.0, -3e5, 1e-200, 1e200])
def test_a_value_with_rounding_is_constant_and_a_hundred_roundings_are_not(level):
    rounding = np.full((5, 2), level)
    rounding[0, 0] = np.nextafter(level, np.inf)
    rounding[0, 1] = level + max(100 * np.spacing(abs(level)), 1e-300)
    assert is_constant(rounding).tolist() == [bool(level), False]


def test_scale_changes_nothing_and_any_axes_may_be_taken(rng):
    values = rng.normal(size=(4, 3, 5))
    values[:, 1] = 7.0
    for scale in (1e-9, 1.0, 1e9):
        assert is_constant(scale * values, axis=(0, 2)).tolist() == [False, True, False]


def test_rounding_is_that_of_the_type():
    assert is_rounding(np.float64(1e-7), 1.0, np.float32)
    assert not is_rounding(np.float64(1e-7), 1.0)
