import numpy as np
import pytest

from isocortex.numerics.arrays.small_solves import inverse, inverse_root, solve_in_place


@pytest.mark.parametrize("p", [1, 2, 7, 12, 13, 17, 40, 64])
def test_inverses_equal_numpy(rng, p):
    x = rng.normal(size=(3, 5, p + 4, p))
    s = np.swapaxes(x, -1, -2) @ x
    np.testing.assert_allclose(inverse(s), np.linalg.inv(s), rtol=1e-6, atol=1e-8)
    root = inverse_root(s)
    identity = root @ s @ np.swapaxes(root, -1, -2)
    np.testing.assert_allclose(identity, np.broadcast_to(np.eye(p), s.shape), atol=1e-8)
    assert (np.triu(root, 1) == 0).all()


def test_what_is_not_positive_definite_is_nan_and_harms_no_other(rng):
    s = np.stack([np.eye(3), -np.eye(3), 2 * np.eye(3)])
    got = inverse(s)
    assert np.isnan(got[1]).any()
    np.testing.assert_allclose(got[[0, 2]], [np.eye(3), np.eye(3) / 2])


def test_systems_are_solved_in_place(rng):
    x = rng.normal(size=(60, 33))
    matrix, right = x.T @ x + np.eye(33), rng.normal(size=33)
    expected = np.linalg.solve(matrix, right)
    lower_spoilt = np.triu(matrix) + np.tril(np.full((33, 33), 99.0), -1)
    assert solve_in_place(lower_spoilt, right)
    np.testing.assert_allclose(right, expected, atol=1e-12)
    assert not solve_in_place(-np.eye(3), np.ones(3))
