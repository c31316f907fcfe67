"""Penalties: a fixed one for each target, and those that were chosen are seen."""

import warnings

import numpy as np
import pytest
from sklearn.linear_model import ElasticNetCV, RidgeCV
from sklearn.linear_model import Ridge as SklearnRidge
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic
from isocortex.errors import PenaltyWarning

ALPHAS = np.logspace(0, 5, 6)


@pytest.mark.parametrize(
    "model",
    [
        ic.Ridge(ALPHAS, inner="loo"),
        RidgeCV(ALPHAS, alpha_per_target=True),
        make_pipeline(StandardScaler(), RidgeCV(ALPHAS, alpha_per_target=True)),
        RidgeCV(ALPHAS),
        # Not known to the fast solvers, and fitted as it is.
        RidgeCV(ALPHAS, scoring="neg_mean_squared_error"),
    ],
)
def test_the_chosen_penalty_of_each_fold_and_target_is_told(model, arrays, pair):
    x, y = arrays
    found = ic.encode(pair[0], ic.Responses(y), model, folds=5, keep_model=True)
    theirs = model
    if isinstance(model, ic.Ridge):
        theirs = RidgeCV(ALPHAS, alpha_per_target=True)
    expected = []
    for train, _ in KFold(5).split(x):
        fitted = theirs.fit(x[train], y[train])
        alpha = getattr(fitted, "alpha_", None)
        alpha = fitted[-1].alpha_ if alpha is None else alpha
        expected.append(np.broadcast_to(alpha, 6))
    np.testing.assert_allclose(found.columns["alpha"][0], expected)
    whole = theirs.fit(x, y)
    alpha = whole[-1].alpha_ if hasattr(whole, "steps") else whole.alpha_
    np.testing.assert_allclose(
        found.models[0].alpha_, np.broadcast_to(alpha, np.shape(found.models[0].alpha_))
    )
    pooled = ic.encode(pair[0], ic.Responses(y), model, folds=5, pooled=True)
    np.testing.assert_allclose(pooled.columns["alpha"][0], np.exp(np.log(expected).mean(0)))


def test_bands_tell_their_penalty_and_mixture(pair):
    features, recording = pair
    both = [features.units_where([0, 1, 2]), features.units_where([3, 4, 5])]
    found = ic.encode(both, recording, ic.BandedRidge(ALPHAS, mixtures=6), folds=5)
    assert found.columns["alpha"].shape == found.values.shape
    assert set(np.unique(found.columns["alpha"])) <= set(ALPHAS)
    assert found.columns["mixture"].shape == (*found.values.shape, 2)
    np.testing.assert_allclose(found.columns["mixture"].sum(-1), 1)
    assert ic.encode(*pair, ic.OLS(), folds=5).columns == {}


def test_a_search_fitted_target_by_target_tells_its_penalty_too(pair):
    found = ic.encode(*pair, ElasticNetCV(alphas=[0.5, 2.0, 4.0], l1_ratio=0.1), folds=3)
    assert set(np.unique(found.columns["alpha"])) <= {0.5, 2.0, 4.0}


@pytest.mark.parametrize("keep", [False, True])
def test_a_fixed_penalty_for_each_target(keep, arrays, pair):
    x, y = arrays
    own = np.logspace(-1, 4, 6)
    for model in (ic.Ridge(own[None]), SklearnRidge(own)):
        found = ic.encode(pair[0], ic.Responses(y), model, folds=5, keep_model=keep)
        for target, alpha in enumerate(own):
            alone = ic.encode(pair[0], ic.Responses(y[:, [target]]), ic.Ridge(alpha), folds=5)
            np.testing.assert_allclose(found.values[..., [target]], alone.values, atol=1e-10)
        if keep:
            np.testing.assert_array_equal(found.models[0].alpha_, own)
    theirs = SklearnRidge(own).fit(x, y)
    ours = ic.Ridge(own[None]).fit(x, y)
    np.testing.assert_allclose(ours.predict(x), theirs.predict(x), atol=1e-7)
    np.testing.assert_array_equal(ours.alpha_, own)
    null = ic.encode(pair[0], ic.Responses(y), ic.Ridge(own[None]), folds=5, permutations=9)
    assert null.columns["p"].shape == (1, 1, 6)


def test_fixed_penalties_that_do_not_fit_are_refused(pair):
    for model in (ic.Ridge([[1.0, 2.0]]), SklearnRidge(np.ones(5))):
        with pytest.raises(ic.InputError, match="a penalty for each of . targets, but there are 6"):
            ic.encode(*pair, model)
    with pytest.raises(ic.InputError, match="penalties above 0"):
        ic.encode(*pair, ic.Ridge([[1.0, -2.0]]))
    with pytest.raises(ic.InputError, match=r"array of shape \(1, n_targets\)"):
        ic.encode(*pair, ic.Ridge([[1.0], [2.0]]))


@pytest.mark.parametrize(
    "model", [ic.Ridge([1e-3, 1e-2, 1e-1]), ic.BandedRidge([1e-3, 1e-2, 1e-1], mixtures=2)]
)
def test_choices_at_the_edge_are_told_once_with_their_share(model, rng):
    x, y = (
        ic.Responses(rng.normal(size=(40, 60)), "by position"),
        ic.Responses(rng.normal(size=(40, 5)), "by position"),
    )
    with pytest.warns(PenaltyWarning, match=r"\d+% .* at the edge .* largest, 0.1") as caught:
        ic.encode(x, y, model, pooled=True)
    assert len(caught) == 1


def test_a_pipeline_tells_of_the_edge_too(rng):
    x, y = (
        ic.Responses(rng.normal(size=(40, 60)), "by position"),
        ic.Responses(rng.normal(size=(40, 5)), "by position"),
    )
    model = make_pipeline(StandardScaler(), RidgeCV([1e-3, 1e-2, 1e-1]))
    with pytest.warns(PenaltyWarning, match="largest, 0.1"):
        ic.encode(x, y, model, pooled=True)


def test_an_edge_beyond_which_nothing_changes_is_none(rng):
    x, y = (
        ic.Responses(rng.normal(size=(60, 80)), "by position"),
        ic.Responses(rng.normal(size=(60, 5)), "by position"),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ic.encode(x, y, ic.Ridge(np.logspace(-3, 6, 10)), folds=5)


@pytest.fixture(scope="module")
def brain():
    """Of 400 voxels ten are predicted, and best by small penalties."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(80, 100)) * np.arange(1, 101) ** -0.5, rng.normal(size=(80, 400))
    y[:, :10] = x @ rng.normal(size=(100, 10)) * 3 + 0.3 * y[:, :10]
    return ic.Responses(x, "by position"), ic.Responses(y, "by position")


WIDE = np.logspace(-2, 3, 6)


@pytest.mark.parametrize("inner", [5, "loo", "gcv"])
def test_a_brain_of_noise_is_no_reason_for_a_wider_range(brain, inner):
    x, y = brain
    with warnings.catch_warnings():
        warnings.simplefilter("error", PenaltyWarning)
        found = ic.encode(x, y, ic.Ridge(WIDE, inner=inner), folds=4)
    # Nearly half of all penalties are the largest none the less.
    assert (found.columns["alpha"] == WIDE.max()).mean() > 0.4


@pytest.mark.parametrize("inner", [5, "loo", "gcv"])
def test_predicted_targets_at_the_edge_are_told_in_spite_of_others(brain, inner):
    x, y = brain
    few = ic.Responses(y.numpy()[:, :10], "by position")
    with pytest.warns(PenaltyWarning, match="100% the smallest, 1000"):
        ic.encode(x, few, ic.Ridge(np.logspace(3, 5, 3), inner=inner), folds=4)
    with pytest.warns(PenaltyWarning, match="the largest, 0.1"):
        ic.encode(x, y, ic.Ridge([1e-3, 1e-2, 1e-1], inner=inner), folds=4)
