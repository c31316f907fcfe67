"""Weights of stimuli: whole ones are copies, 0 leaves out, and scikit-learn's are the same."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import BaggingRegressor
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.linear_model import Ridge as SklearnRidge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.utils.estimator_checks import (
    check_sample_weights_list,
    check_sample_weights_pandas_series,
    check_sample_weights_shape,
)
from sklearn.utils.validation import has_fit_parameter

import isocortex as ic

MODELS = {
    "OLS": ic.OLS(),
    "PCR": ic.PCR(4),
    "PCR of variance": ic.PCR(0.7),
    "Ridge": ic.Ridge(9.0),
    "Ridge of each": ic.Ridge(np.logspace(0, 3, 6)[None]),
    "GCV": ic.Ridge([1.0, 30.0, 900.0], inner="gcv"),
    "PLS": ic.PLS(3),
    "PLS scaled": ic.PLS(3, scale=True),
    "Univariate": ic.Univariate(),
    "Selective": ic.SelectiveRidge(5, 3.0),
}


@pytest.fixture
def counts(rng):
    return rng.integers(0, 4, 45)


@pytest.mark.parametrize("offset", [0.0, 1e4])
@pytest.mark.parametrize("name", MODELS)
def test_whole_weights_are_copies_and_zero_is_none(name, offset, arrays, counts):
    x, y = arrays
    if name != "Selective":
        x = x + offset
    weighted = MODELS[name].fit(x, y, sample_weight=counts).predict(x)
    copies = MODELS[name].fit(np.repeat(x, counts, 0), np.repeat(y, counts, 0)).predict(x)
    np.testing.assert_allclose(weighted, copies, atol=1e-6 * np.abs(y).max())
    there = counts > 0
    without = MODELS[name].fit(x[there], y[there], sample_weight=counts[there]).predict(x)
    np.testing.assert_allclose(weighted, without, atol=1e-8 * np.abs(y).max())


@pytest.mark.parametrize("name", MODELS)
def test_equal_weights_are_none(name, arrays):
    x, y = arrays
    plain = MODELS[name].fit(x, y).predict(x)
    for weights in (np.ones(45), pd.Series(np.ones(45)), [1.0] * 45):
        again = MODELS[name].fit(x, y, sample_weight=weights).predict(x)
        np.testing.assert_allclose(again, plain, atol=1e-7 * np.abs(y).max())


def test_equals_scikit_learn_where_it_has_weights(arrays, rng):
    x, y = arrays
    weights = rng.exponential(size=45)
    alphas = [0.1, 10.0, 1e3, 1e5]
    pairs = [
        (ic.OLS(), LinearRegression()),
        (ic.Ridge(7.0), SklearnRidge(7.0)),
        (ic.Ridge(alphas, inner="loo"), RidgeCV(alphas, alpha_per_target=True)),
        (ic.Ridge(alphas, inner="loo", per_target=False), RidgeCV(alphas)),
    ]
    for ours, theirs in pairs:
        ours.fit(x, y, sample_weight=weights)
        theirs.fit(x, y, sample_weight=weights)
        np.testing.assert_allclose(ours.predict(x), theirs.predict(x), atol=1e-6 * np.abs(y).max())
        if hasattr(theirs, "alpha_"):
            np.testing.assert_array_equal(ours.alpha_, np.broadcast_to(theirs.alpha_, 6))


def test_inner_folds_count_errors_by_their_weight(arrays, rng):
    x, y = arrays
    weights, alphas = rng.exponential(size=45), np.array([0.1, 10.0, 1e3, 1e5])
    losses = np.zeros((4, 6))
    for train, test in KFold(5).split(x):
        for i, alpha in enumerate(alphas):
            guess = SklearnRidge(alpha).fit(x[train], y[train], weights[train]).predict(x[test])
            losses[i] += np.average((y[test] - guess) ** 2, axis=0, weights=weights[test])
    fitted = ic.Ridge(alphas).fit(x, y, sample_weight=weights)
    np.testing.assert_array_equal(fitted.alpha_, alphas[losses.argmin(0)])


@pytest.mark.parametrize("name", MODELS)
def test_weights_that_are_none_are_refused(name, arrays):
    model, (x, y) = MODELS[name], arrays
    for weights, words in (
        (-np.ones(45), "45 numbers from 0"),
        (np.ones(44), "45 numbers from 0"),
        (np.full(45, np.nan), "45 numbers from 0"),
        (np.zeros(45), "at least one non-zero"),
        (["one"] * 45, "45 numbers from 0.*could not convert"),
    ):
        with pytest.raises(ic.InputError, match=words):
            model.fit(x, y, sample_weight=weights)


@pytest.mark.parametrize("name", ["OLS", "PCR of variance", "Ridge", "GCV", "PLS", "Univariate"])
def test_scikit_learns_own_checks_and_searches(name, arrays, rng):
    model = MODELS[name] if "PLS" not in name else ic.PLS(1)
    for check in (
        check_sample_weights_pandas_series,
        check_sample_weights_list,
        check_sample_weights_shape,
    ):
        check(name, model)
    assert has_fit_parameter(model, "sample_weight")
    x, y = arrays
    weights = rng.integers(1, 3, 45).astype(float)
    BaggingRegressor(model, n_estimators=3, random_state=0).fit(x, y[:, 0], weights)
    if name == "Ridge":
        search = GridSearchCV(model, {"alphas": [1.0, 1e4]}, cv=3)
        theirs = GridSearchCV(SklearnRidge(), {"alpha": [1.0, 1e4]}, cv=3)
        ours = search.fit(x, y, sample_weight=weights).predict(x)
        right = theirs.fit(x, y, sample_weight=weights).predict(x)
        np.testing.assert_allclose(ours, right, atol=1e-7 * np.abs(y).max())


def test_selective_ridge_in_a_bag(arrays):
    x, y = arrays
    bag = BaggingRegressor(ic.SelectiveRidge(4, 1.0), n_estimators=3, random_state=0)
    assert bag.fit(x, y[:, 0]).predict(x).shape == (45,)
