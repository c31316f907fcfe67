"""What a reader of scores is told, and when not."""

import warnings

import numpy as np
import pytest

from isocortex.errors import IsocortexWarning, PenaltyWarning, SmallFoldsWarning
from isocortex.mapping.score_warnings import warn_edges, warn_small_folds, warn_undefined

ROWS = np.arange(30)


def folds(size):
    return [(np.setdiff1d(ROWS, ROWS[i : i + size]), ROWS[i : i + size]) for i in (0, size)]


@pytest.fixture
def silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_nine_test_stimuli_are_few():
    with pytest.warns(SmallFoldsWarning, match=r"has 9 stimuli.*\(1 - r\^2\) / 18"):
        warn_small_folds(folds(9), "pearson", False)


def test_ten_are_not_nor_pools_nor_functions(silent):
    warn_small_folds(folds(10), "pearson", False)
    warn_small_folds(folds(9), "pearson", True)
    warn_small_folds(folds(9), "my own", False)


def test_constant_targets_and_flat_predictions_are_counted_apart(rng):
    y = rng.normal(size=(30, 4))
    y[:, 0] = 1.0
    y[:10, 1] = 2.0
    values = np.ones((1, 2, 4))
    values[:, :, [0, 1, 2]] = np.nan
    words = r"2 of 4 targets are constant.*\(1 are.*predictions of 1 of 4"
    with pytest.warns(IsocortexWarning, match=words):
        assert warn_undefined(values, y, folds(10), "pearson") == {"n_constant": 2}


def test_a_quarter_of_penalties_at_an_edge_is_told_and_less_is_not(silent):
    warn_edges([(np.array([1, 1]), 0.1, 10.0)], 9)
    warn_edges([], 0)
    with pytest.warns(PenaltyWarning, match="25% of the penalties.*12% the smallest, 0.1"):
        warn_edges([(np.array([1, 1]), 0.1, 10.0)], 8)
