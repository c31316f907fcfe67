import numpy as np
import pytest

from isocortex.numerics.linear.band_mixtures import (
    designed_mixtures,
    random_mixtures,
    unit_scales,
)


@pytest.mark.parametrize(("n_bands", "n"), [(1, 1), (2, 5), (3, 13), (5, 41)])
def test_designed_mixtures_are_shares_without_doubles(n_bands, n):
    found = designed_mixtures(n_bands)
    np.testing.assert_allclose(found.sum(1), 1)
    assert found.shape == (n, n_bands) == np.unique(found.round(9), axis=0).shape
    np.testing.assert_array_equal(found[:n_bands], np.eye(n_bands))


def test_mixtures_are_shares_with_each_band_alone_and_all_alike(rng):
    found = random_mixtures(20, 3, rng)
    np.testing.assert_allclose(found.sum(1), 1)
    np.testing.assert_allclose(found[:4], [[1 / 3] * 3, [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert len(random_mixtures(2, 3, rng)) == 2


def test_scales_bring_the_mean_diagonal_to_one_and_leave_what_does_not_vary():
    assert unit_scales([np.zeros((3, 3)), 2 * np.eye(3)]).tolist() == [1, 2]
