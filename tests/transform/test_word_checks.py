"""Words and volumes that cannot be of one recording are told, with what to look at."""

import numpy as np
import pytest

import isocortex as ic


def words(onset, run):
    table = {"onset": onset, "offset": np.asarray(onset) + 0.4, "run": run}
    return ic.Responses(np.arange(len(onset), dtype=float)[:, None], table=table)


def test_words_that_end_long_before_their_volumes_are_told():
    onset = np.linspace(10, 390, 400)
    two = words(np.tile(onset, 2), np.repeat(["1", "2"], 400))
    ic.resample(two, {"1": 267, "2": 400}, tr=1.5)  # one run that is long is a pause
    with pytest.warns(ic.IsocortexWarning, match=r"'1' end at 390 s, 73% .* volumes 2 s apart\?"):
        ic.resample(two, {"1": 267, "2": 278}, tr=2.0)


def test_words_outside_the_volumes_are_asked_for_tr_and_order_first():
    two = words([1.0, 30.0, 1.0, 18.0], ["1", "1", "2", "2"])
    with pytest.raises(ic.InputError, match=r"Are volumes 2 s apart, and is each run .* If so"):
        ic.resample(two, {"1": 10, "2": 20}, tr=2.0)
