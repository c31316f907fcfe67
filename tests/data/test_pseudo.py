import numpy as np
import pytest

import isocortex as ic


@pytest.fixture
def trials(rng):
    values = rng.normal(size=(21, 3, 8))
    runs = np.arange(21) // 11
    return ic.Trials(values, ["b", "a"] * 10 + ["a"], times=np.arange(8) / 10, runs=runs)


def test_every_trial_goes_into_one_group_of_its_condition_and_run(trials):
    numbered = ic.Trials(np.eye(21)[:, :, None], trials.stimuli, runs=trials.runs)
    pseudo = ic.pseudo_trials(numbered, 2, seed=1)
    used = pseudo.values[:, :, 0] * 2
    assert used.sum(1).tolist() == [2] * pseudo.n_trials
    assert used.sum(0).max() == 1
    for row, stimulus, run in zip(used, pseudo.stimuli, pseudo.runs, strict=True):
        members = np.nonzero(row)[0]
        assert {trials.stimuli[i] for i in members} == {stimulus}
        assert {trials.runs[i] for i in members} == {run}


def test_is_seeded(trials):
    first, again, other = (ic.pseudo_trials(trials, 3, seed=s) for s in (0, 0, 1))
    np.testing.assert_array_equal(first.values, again.values)
    assert not np.array_equal(first.values, other.values)


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


def test_says_what_is_wrong(trials):
    with pytest.raises(ic.InputError, match="averages of 9 trials are not possible for 'a', 'b'"):
        ic.pseudo_trials(trials, 9)
    with pytest.raises(ic.InputError, match="whole number from 1"):
        ic.pseudo_trials(trials, 0)
    with pytest.raises(ic.InputError, match="needs trials with a time axis"):
        ic.smooth(trials.at(0.1), 0.2)
    with pytest.raises(ic.InputError, match="must be above 0"):
        ic.smooth(trials, 0)


def test_trials_name_the_channels_and_trials_with_nan(rng):
    values = rng.normal(size=(6, 3, 4))
    values[2, 1, 0] = np.nan
    with pytest.raises(ic.InputError, match=r"1 of 3 units \('Pz'\) and 1 of 6 trials \('2'\)"):
        ic.Trials(values, list("ababab"), units={"channel": ["Cz", "Pz", "Oz"]})
    with pytest.raises(ic.InputError, match=r"4 time points but times has shape \(3,\)"):
        ic.Trials(np.ones((6, 3, 4)), list("ababab"), times=[0, 1, 2])
