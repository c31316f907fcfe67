import numpy as np
import pytest

from isocortex.numerics.arrays.pilot import level, middle, offset


def test_the_middle_is_a_number_of_the_column_and_no_strange_row_moves_it(rng):
    block = rng.normal(size=(40, 7)) + 100
    block[0], block[20] = 1e9, -1e9
    found = middle(block)
    assert all(found[i] in block[:, i] for i in range(7))
    assert (np.abs(found - 100) < 5).all()


def test_what_is_not_finite_is_no_middle():
    assert middle(np.full((9, 2), np.nan)).tolist() == [0, 0]


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_an_offset_is_found_where_it_is_large_and_only_there(dtype, rng):
    rows = rng.normal(size=(30, 50))
    assert (offset(rows.astype(dtype)) == 0).all()
    pattern = 50 * rng.normal(size=50)
    found = offset((rows + pattern).astype(dtype))
    assert np.abs(found - pattern).max() < 6
    assert found.dtype == np.float64


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_rows_have_an_offset_too(n, rng):
    pattern = 1e4 * rng.normal(size=20)
    assert np.abs(offset(pattern + rng.normal(size=(n, 20))) - pattern).max() < 6


def test_the_level_is_one_of_the_numbers():
    assert level(np.array([5.0, 5.0, 5.0, 99.0, -3.0])) == 5.0
