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


def test_says_what_is_wrong(trials):
    with pytest.raises(ic.InputError, match="averages of 9 trials are not possible for 'a', 'b'"):
        ic.pseudo_trials(trials, 9)
    with pytest.raises(ic.InputError, match="whole number from 1"):
        ic.pseudo_trials(trials, 0)
