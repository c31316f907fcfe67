import numpy as np
import pytest

from isocortex.numerics.arrays.gram import gram
from isocortex.numerics.arrays.moments import Scaled, moments, standardized_gram


class Lazy:
    """Columns that are read three at a time."""

    def __init__(self, x):
        self.x, self.shape, self.dtype, self.ndim, self.chunk_columns = x, x.shape, x.dtype, 2, 3

    def __getitem__(self, index):
        return self.x[index]


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_moments_are_those_of_numpy(axis, lazy, offset, rng):
    x = rng.normal(size=(6, 11)) + offset
    x[:, 4] = 3.0
    x[2] = -1.0
    mean, deviation, constant = moments(Lazy(x) if lazy else x, axis)
    np.testing.assert_allclose(mean, x.mean(axis), rtol=1e-12)
    np.testing.assert_allclose(deviation, x.std(axis), rtol=1e-9, atol=1e-12)
    assert constant.tolist() == (np.ptp(x, axis) == 0).tolist()


@pytest.mark.parametrize("axis", [0, 1])
def test_a_scaled_matrix_is_scaled_where_it_is_read(axis, rng):
    x = rng.normal(size=(6, 11)) * 5 + 2
    mean, deviation, _ = moments(x, axis)
    whole = (x - np.expand_dims(mean, axis)) / np.expand_dims(deviation, axis)
    found = Scaled(x, mean, deviation, axis)
    np.testing.assert_allclose(np.asarray(found), whole)
    np.testing.assert_allclose(found[1:4], whole[1:4])
    np.testing.assert_allclose(found[:, [2, 7]], whole[:, [2, 7]])
    np.testing.assert_allclose(found[3, 2:5], whole[3, 2:5])
    assert (len(found), found.shape, found.ndim) == (6, (6, 11), 2)


@pytest.mark.parametrize("offset", [0.0, 1e5])
def test_the_gram_of_standardized_rows_follows_from_the_gram(offset, rng):
    x = rng.normal(size=(7, 20)) * rng.uniform(0.1, 9, size=(7, 1)) + offset
    x[3] = 4.0
    matrix, sums, constant = standardized_gram(gram(x))
    z = x - x.mean(1, keepdims=True)
    z /= np.where(np.arange(7) == 3, 1, x.std(1))[:, None]
    assert constant.tolist() == [i == 3 for i in range(7)]
    rest = np.ix_(~constant, ~constant)
    np.testing.assert_allclose(matrix[rest], (z @ z.T)[rest], atol=1e-6)
    assert (sums == 0).all()
