import numpy as np
import pytest

from isocortex.numerics.series.resampling import Bins, Resampling, averaged, lanczos, latest, summed


def bins(n, tr=2.0, start=0.0):
    starts = start + tr * np.arange(n)
    return Bins(starts, starts + tr / 2, tr)


def slow_lanczos(moments, volumes):
    """The double sum, one pair at a time."""
    weights = np.zeros((len(volumes.moments), len(moments)))
    for i, t in enumerate(volumes.moments):
        for j, s in enumerate(moments):
            u = (t - s) / volumes.tr
            if u == 0:
                weights[i, j] = 1.0
            elif abs(u) <= 3:
                weights[i, j] = 3 * np.sin(np.pi * u) * np.sin(np.pi * u / 3) / (np.pi * u) ** 2
    return weights


@pytest.mark.parametrize("tr", [2.0, 1.5, 0.8])
def test_lanczos_is_the_double_sum(rng, tr):
    volumes = bins(40, tr, start=12.07)
    moments = np.sort(rng.uniform(12.07, 12.07 + 40 * tr, 300))
    np.testing.assert_allclose(
        lanczos(moments, volumes).toarray(), slow_lanczos(moments, volumes), atol=2e-15
    )
    shuffled = rng.permutation(moments)
    np.testing.assert_allclose(
        lanczos(shuffled, volumes).toarray(), slow_lanczos(shuffled, volumes), atol=2e-15
    )


def test_a_moment_that_is_a_volumes_counts_one_there_and_nothing_elsewhere():
    volumes = bins(9)
    exact = lanczos(volumes.moments, volumes).toarray()
    np.testing.assert_allclose(exact, np.eye(9), atol=1e-15)


def test_the_gain_is_one_half_at_half_the_rate_of_volumes():
    """Sines of dense moments; facts: .999 at .1, .500 at .5, .001 at 1 (of the rate)."""
    volumes, step = bins(100), 0.01
    moments = np.arange(0, 200, step) + step / 2
    weights = lanczos(moments, volumes)[50:51]
    for share, gain in ((0.1, 0.999), (0.25, 1.008), (0.5, 0.5), (0.75, -0.009), (1.0, 0.001)):
        wave = np.cos(2 * np.pi * share / 2.0 * (moments - volumes.moments[50]))
        assert (weights @ wave).item() * step / 2 == pytest.approx(gain, abs=6e-4)


def test_bins_hold_what_begins_with_them_and_not_what_begins_the_next():
    volumes = bins(3)
    moments = np.array([0.0, 1.999, 2.0, 5.9, 6.0])
    np.testing.assert_array_equal(
        summed(moments, volumes).toarray(), [[1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 1]]
    )
    np.testing.assert_array_equal(averaged(moments, volumes).toarray()[0], [0.5, 0.5, 0, 0, 0])
    turned = latest(moments[::-1], volumes).toarray()
    np.testing.assert_array_equal(turned, [[0, 0, 0, 1, 0], [0, 0, 1, 0, 0], [1, 0, 0, 0, 0]])


def test_empty_volumes_get_the_mean_of_their_run():
    weights = averaged(np.array([0.5, 4.5]), bins(3))
    whole = Resampling(weights, [np.arange(3)], np.array([False, True, False]))
    np.testing.assert_array_equal(whole(np.array([[1.0], [5.0]])).ravel(), [1, 3, 5])
