"""Runs and trials of a stimulus stay together unless told otherwise."""

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut

import isocortex as ic
from isocortex.mapping.default_folds import folds_of_stimuli, folds_of_trials, together
from isocortex.mapping.folds import Folds, split


def slowly_together(stimuli, runs, n_stimuli):
    """Groups grow for as long as a run has stimuli of two of them."""
    group = np.arange(n_stimuli)
    for _ in range(n_stimuli):
        for run in np.unique(runs):
            inside = stimuli[runs == run]
            group[np.isin(group, group[inside])] = group[inside].min()
    return group


def same_partition(a, b):
    return len(set(zip(a, b, strict=True))) == len(set(a)) == len(set(b))


def test_what_hangs_together_through_runs_and_stimuli_is_one_group(rng):
    for _ in range(20):
        stimuli = np.concatenate([np.arange(12), rng.integers(0, 12, 4)])
        runs = np.unique(rng.integers(0, 9, 16), return_inverse=True)[1]
        assert same_partition(together(stimuli, runs, 12), slowly_together(stimuli, runs, 12))


def trials(rng, shared):
    stimuli = [f"s{i}" for i in (range(6) if shared else range(12))] * (2 if shared else 1)
    return ic.Trials(rng.normal(size=(12, 3)), stimuli, runs=np.repeat([1, 2], 6))


def test_averages_of_runs_that_share_no_stimulus_are_split_by_run(rng):
    given = trials(rng, shared=False)
    folds = folds_of_stimuli(Folds(None), [given], given.conditions)
    assert isinstance(folds.splitter, LeaveOneGroupOut)
    tests = [set(test) for _, test in split(folds, given.conditions)]
    assert sorted(map(len, tests)) == [6, 6]


def test_averages_over_runs_have_no_run(rng):
    given = trials(rng, shared=True)
    assert folds_of_stimuli(Folds(None), [given], given.conditions).groups is None


def test_trials_of_a_stimulus_stay_together_where_labels_come_by_stimulus(rng):
    given = ic.Trials(rng.normal(size=(12, 3)), [f"s{i}" for i in range(6)] * 2)
    folds = folds_of_trials(Folds(3), given, list(range(6)) * 2, few=False)
    assert isinstance(folds.splitter, GroupKFold)
    for train, test in split(folds, tuple(f"trial {i}" for i in range(12))):
        assert not set(train % 6) & set(test % 6)


def test_more_folds_than_runs_are_refused(rng):
    given = trials(rng, shared=False)
    with pytest.raises(ic.InputError, match="there are 2 .*choose 2 to 2"):
        folds_of_stimuli(Folds(3), [given], given.conditions)
