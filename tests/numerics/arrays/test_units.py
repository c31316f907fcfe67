import numpy as np
import pytest

from isocortex.numerics.arrays.units import in_own_units


@pytest.mark.parametrize("size", [1e-300, 1e-180, 1e180, 1e300])
def test_rows_beyond_what_squares_can_hold_come_into_a_unit_of_two_to_a_power(size, rng):
    rows = np.stack([rng.normal(size=20), size * rng.normal(size=20)])
    scaled, exponents = in_own_units(rows)
    np.testing.assert_array_equal(np.ldexp(scaled, exponents[:, None]), rows)
    squares = (scaled**2).sum(1)
    assert np.isfinite(squares).all()
    assert (squares > 1e-3).all()
    assert exponents[0] == 0


def test_usual_rows_and_zeros_stay_the_same_array(rng):
    rows = np.stack([rng.normal(size=20), np.zeros(20)])
    scaled, exponents = in_own_units(rows)
    assert scaled is rows
    assert not exponents.any()
