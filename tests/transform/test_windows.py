import numpy as np
import pytest

import isocortex as ic


@pytest.fixture
def trials(rng):
    values = rng.normal(size=(21, 3, 8))
    return ic.Trials(values, ["b", "a"] * 10 + ["a"], times=np.arange(8) / 10)


def test_smoothing_is_a_mean_over_the_window(trials):
    smooth = ic.smooth(trials, 0.2)
    np.testing.assert_allclose(smooth.values[:, :, 3], trials.values[:, :, 2:5].mean(2))
    np.testing.assert_allclose(smooth.values[:, :, 0], trials.values[:, :, :2].mean(2))
    np.testing.assert_allclose(ic.smooth(trials, 1e-6).values, trials.values)


def test_windows_hold_every_sample_of_every_unit(trials):
    windows = ic.time_windows(trials, 0.3, step=0.2)
    assert windows.values.shape == (21, 9, 3)
    np.testing.assert_allclose(windows.times, [0.1, 0.3, 0.5])
    np.testing.assert_array_equal(windows.values[:, 3:6, 1], trials.values[:, 1, 2:5])
    np.testing.assert_allclose(windows.units["lag"][3:6], [-0.1, 0, 0.1], atol=1e-12)
    with pytest.raises(ic.InputError, match="from one sample"):
        ic.time_windows(trials, 5.0)
    with pytest.raises(ic.InputError, match="at least two samples"):
        ic.time_windows(trials.at(0.1), 0.1)


def test_windows_say_what_is_wrong(trials):
    with pytest.raises(ic.InputError, match="needs trials with a time axis"):
        ic.smooth(trials.at(0.1), 0.2)
    with pytest.raises(ic.InputError, match="must be above 0"):
        ic.smooth(trials, 0)
