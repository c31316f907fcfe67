import numpy as np
import pytest

from isocortex.numerics.inference.simulated import noisy


def test_noise_has_the_covariance_of_estimated_distances(rng):
    truth = rng.random(15)
    found = noisy(truth, 2.0, 60_000, rng)
    i, j = np.triu_indices(6, 1)
    contrasts = np.zeros((15, 6))
    contrasts[range(15), i] = 1
    contrasts[range(15), j] = -1
    right = (contrasts @ contrasts.T) ** 2  # 4 on the diagonal
    np.testing.assert_allclose(np.cov(found.T), right, atol=0.12)
    np.testing.assert_allclose(found.mean(0), truth, atol=0.05)


@pytest.mark.parametrize("level", [0.0, np.inf])
def test_no_noise_and_noise_alone(rng, level):
    truth = 100 + rng.random(15)
    found = noisy(truth, level, 4000, rng)
    if level == 0:
        np.testing.assert_array_equal(found, np.tile(truth, (4000, 1)))
    else:
        assert np.abs(found.mean(0)).max() < 0.1
        assert found.std() == pytest.approx(1, abs=0.03)
