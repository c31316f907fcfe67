"""What rows have to do with one another."""

import warnings

import numpy as np
import pytest

import isocortex as ic
from isocortex.mapping.dependence import same_features, warn_of_series
from isocortex.mapping.feature_source import Source
from isocortex.mapping.permutation import Null, Permutation


def source(x):
    return Source(ic.Responses(x), np.arange(len(x)))


def walk(rng, shape):
    return np.cumsum(rng.normal(size=shape), 0)


def rows_exchanged(n):
    orders = np.array([np.arange(n)[::-1]])
    return Null(orders, Permutation(1), "rows", 1e9, False)


@pytest.mark.parametrize("n_units", [3, 100], ids=["narrow", "wide"])
def test_features_that_differ_within_a_group_by_rounding_alone_are_the_same(rng, n_units):
    x = np.repeat(rng.normal(size=(5, n_units)), 4, axis=0)
    groups = np.repeat(np.arange(5), 4)
    assert same_features([source(x * (1 + 1e-9 * rng.normal(size=x.shape)))])(groups)
    assert not same_features([source(x)])(np.roll(groups, 1))
    assert not same_features([source(x)])(np.arange(20))


@pytest.mark.parametrize("n_units", [3, 100], ids=["narrow", "wide"])
def test_two_slow_series_are_told_and_one_is_not(rng, n_units):
    slow, quick = walk(rng, (60, n_units)), rng.normal(size=(60, n_units))
    y = walk(rng, (60, 2))
    with pytest.warns(ic.errors.IsocortexWarning, match="rows that follow one another are alike"):
        warn_of_series(rows_exchanged(60), y, [source(slow)], None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_series(rows_exchanged(60), y, [source(quick)], None)
        warn_of_series(rows_exchanged(60), rng.normal(size=(60, 2)), [source(slow)], None)
        warn_of_series(None, y, [source(slow)], None)
