"""What a reader of scores is told, and when not."""

import re
import warnings

import numpy as np
import pytest

import isocortex as ic
from isocortex.errors import IsocortexWarning, PenaltyWarning, SmallFoldsWarning
from isocortex.mapping.models.prepared import Edges
from isocortex.mapping.score_warnings import (
    warn_edges,
    warn_few_permutations,
    warn_small_folds,
    warn_undefined,
)
from isocortex.numerics.chance.multiple import fdr

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


def columns_of(p):
    return {"p": p, "p_fdr": fdr(p)}


@pytest.mark.parametrize("n_least", [1, 5, 12, 13, 109, 110, 400])
def test_few_permutations_are_told_where_p_fdr_cannot_come_to_05(n_least):
    """Benjamini-Hochberg: of 5480 voxels 110 must have the least p of 1000 permutations."""
    p = np.linspace(0.2, 1, 5480)
    p[:n_least] = 1 / 1001
    assert (fdr(p).min() <= 0.05) == (n_least >= 110)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        warn_few_permutations(columns_of(p), 1000, False)
    # Of so many voxels of noise five or six have it, and seldom more than twelve.
    assert len(told) == (13 <= n_least < 110)
    for each in told:
        said = str(each.message)
        assert "110 of them have the least p, 0.001" in said
        assert f"here {n_least} have" in said
        # So many as it says do: these would have the least p of those, and be found.
        more = int(re.findall(r"Take (\d+) permutations", said)[0])
        p[:n_least] = 1 / (1 + more)
        assert fdr(p).min() <= 0.05
        assert more < 1.2 * 20 * 5480 / n_least


def test_few_permutations_are_not_told_where_more_would_not_help(silent):
    warn_few_permutations(columns_of(np.linspace(0.2, 1, 5480)), 1000, False)  # nothing is strong
    warn_few_permutations(columns_of(np.full(9, 0.05)[:, None]), 19, False)  # few tests
    warn_few_permutations(columns_of(np.full(50, np.nan)), 19, False)
    warn_few_permutations(columns_of(np.repeat([0.1, 1], 50)), 9, False)  # nor can p
    p = np.repeat([0.05, 1], 50)
    with pytest.warns(IsocortexWarning, match="no more permutations: go by p_max"):
        warn_few_permutations(columns_of(p), 19, True)


def test_encode_tells_of_few_permutations_once(rng):
    x, y = rng.normal(size=(40, 5)), rng.normal(size=(40, 300))
    y[:, :20] += x @ rng.normal(size=(5, 20)) * 2
    for pooled in (True, False):
        with pytest.warns(IsocortexWarning, match=r"p_fdr of 300 tests .* only where 60") as told:
            ic.encode(
                ic.Responses(x), ic.Responses(y), ic.OLS(), folds=4, permutations=99, pooled=pooled
            )
        assert sum("p_fdr" in str(each.message) for each in told) == 1


def test_a_quarter_of_penalties_at_an_edge_is_told_and_less_is_not(silent):
    warn_edges([Edges(np.array([1, 1]), 0.1, 10.0)], 9)
    warn_edges([], 0)
    with pytest.warns(PenaltyWarning, match="25% of the penalties.*12% the smallest, 0.1"):
        warn_edges([Edges(np.array([1, 1]), 0.1, 10.0)], 8)
    # Of 100 choices 92 say nothing of the grid: two of the eight others are a quarter.
    with pytest.warns(PenaltyWarning, match="25% of the .* without the 92% where nothing is"):
        warn_edges([Edges(np.array([0, 2]), 0.1, 10.0, 92)], 100)
    warn_edges([Edges(np.array([0, 0]), 0.1, 10.0, 100)], 100)
