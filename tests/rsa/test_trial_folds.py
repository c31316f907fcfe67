"""Trials are balanced, and each is in one fold."""

import numpy as np
import pytest

import isocortex as ic
from isocortex.rsa.trial_folds import (
    assign_folds,
    by_run_or,
    labels_over_time,
    over_time,
    trials_of,
)


@pytest.fixture
def trials(rng):
    stimuli = ["a"] * 6 + ["b"] * 9
    runs = np.arange(15) % 3
    return ic.Trials(rng.normal(size=(15, 4)), stimuli, runs=runs, labels={"subject": "s1"})


def test_balance_draws_as_many_of_each_condition(trials):
    one = assign_folds(trials, "leave_one_pair_out", "draw", 0, 1)
    np.testing.assert_array_equal(np.bincount(one.condition), [6, 6])
    for c in range(2):
        np.testing.assert_array_equal(np.sort(one.fold[one.condition == c]), range(6))
    assert "of each condition as many trials drawn as the rarest has, seed 0" in one.note


def test_weights_keep_all_trials(trials):
    one = assign_folds(trials, 3, "weights", 0, 1)
    np.testing.assert_array_equal(np.bincount(one.condition), [6, 9])
    np.testing.assert_array_equal(np.bincount(one.fold), [5, 5, 5])


def test_runs_are_folds_where_there_are_several(trials):
    assert by_run_or(5, trials, None) == "leave_one_run_out"
    assert by_run_or(5, trials, 2) == 2
    assert by_run_or(5, ic.Trials(trials.values, trials.stimuli), None) == 5
    one = assign_folds(trials, "leave_one_run_out", "weights", 0, 1)
    np.testing.assert_array_equal(one.fold, trials.runs)


def test_too_few_trials_and_folds_that_cannot_be_are_refused(trials):
    with pytest.raises(ic.InputError, match="from 2 to 6"):
        assign_folds(trials, 7, "weights", 0, 1)
    with pytest.raises(ic.InputError, match="needs at least 7 trials.*'a' has 6"):
        assign_folds(trials, 3, "weights", 0, 6)


def test_times_come_first_and_label_the_rows(rng):
    values = rng.normal(size=(4, 3, 2))
    trials = ic.Trials(values, list("abab"), times=[0.0, 0.1], labels={"subject": "s1"})
    np.testing.assert_array_equal(over_time(trials), np.moveaxis(values, 2, 0))
    found = labels_over_time(trials, 2)
    assert list(found["subject"]) == ["s1", "s1"]
    np.testing.assert_array_equal(found["time"], [0.0, 0.1])
    assert trials_of({"x": trials}, "rdms") == [trials]
