import numpy as np
import pytest
from sklearn.base import clone
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import BayesianRidge, Lasso, LinearRegression, Ridge, RidgeCV
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

import isocortex as ic

ALPHAS = np.logspace(0, 4, 9)
PCA6 = PCA(6, svd_solver="full")
GRID = {"alpha": ALPHAS}

# Ours (or scikit-learn's, as a user would pass it), and what it must equal fold by fold.
SAME = {
    "OLS": (ic.OLS(), LinearRegression()),
    "LinearRegression": (LinearRegression(), LinearRegression()),
    "PCR": (ic.PCR(6), make_pipeline(PCA6, LinearRegression())),
    "PCA+OLS": (make_pipeline(PCA(6), LinearRegression()), make_pipeline(PCA6, LinearRegression())),
    "PCR share": (
        ic.PCR(0.8),
        make_pipeline(PCA(0.8, svd_solver="full"), LinearRegression()),
    ),
    "Ridge": (ic.Ridge(30.0), Ridge(30.0)),
    "sklearn Ridge": (Ridge(30.0), Ridge(30.0, solver="svd")),
    "PCA+Ridge": (make_pipeline(PCA6, Ridge(5.0)), make_pipeline(PCA6, Ridge(5.0))),
    "Ridge loo": (ic.Ridge(ALPHAS, inner="loo"), RidgeCV(ALPHAS, alpha_per_target=True)),
    "Ridge loo shared": (ic.Ridge(ALPHAS, per_target=False, inner="loo"), RidgeCV(ALPHAS)),
    "RidgeCV": (RidgeCV(ALPHAS), RidgeCV(ALPHAS)),
    "RidgeCV per target": (
        RidgeCV(ALPHAS, alpha_per_target=True),
        RidgeCV(ALPHAS, alpha_per_target=True),
    ),
    "RidgeCV folds": (RidgeCV(ALPHAS, cv=4), GridSearchCV(Ridge(), GRID, cv=4)),
    "Ridge folds shared": (
        ic.Ridge(ALPHAS, per_target=False, inner=4),
        GridSearchCV(Ridge(), GRID, cv=KFold(4), scoring="neg_mean_squared_error"),
    ),
    "PCA+RidgeCV": (make_pipeline(PCA6, RidgeCV(ALPHAS)), make_pipeline(PCA6, RidgeCV(ALPHAS))),
    "scaled OLS on PCs": (
        make_pipeline(StandardScaler(), PCA6, LinearRegression()),
        make_pipeline(StandardScaler(), PCA6, LinearRegression()),
    ),
    "scaled Ridge": (
        make_pipeline(StandardScaler(), Ridge(30.0)),
        make_pipeline(StandardScaler(), Ridge(30.0)),
    ),
    "scaled RidgeCV": (
        make_pipeline(StandardScaler(), RidgeCV(ALPHAS)),
        make_pipeline(StandardScaler(), RidgeCV(ALPHAS)),
    ),
    "PCA+KNN": (
        make_pipeline(PCA6, KNeighborsRegressor(4)),
        make_pipeline(PCA6, KNeighborsRegressor(4)),
    ),
    "whitened PCA+KNN": (
        make_pipeline(PCA(6, whiten=True), KNeighborsRegressor(4)),
        make_pipeline(PCA(6, svd_solver="full", whiten=True), KNeighborsRegressor(4)),
    ),
    "PCA+scaler+Ridge": (
        make_pipeline(PCA6, StandardScaler(), Ridge(3.0)),
        make_pipeline(PCA6, StandardScaler(), Ridge(3.0)),
    ),
    "Lasso": (Lasso(1.0, max_iter=100_000), Lasso(1.0, max_iter=100_000)),
    "SVR": (SVR(), SVR()),
    "forest": (
        RandomForestRegressor(3, random_state=0),
        RandomForestRegressor(3, random_state=0),
    ),
}
SLOWLY_CONVERGING = {
    "PLS": (ic.PLS(4), PLSRegression(4, scale=False, tol=1e-14, max_iter=100_000)),
    "PLSRegression": (PLSRegression(4), PLSRegression(4, tol=1e-14, max_iter=100_000)),
    "PLSRegression unscaled": (
        PLSRegression(4, scale=False),
        PLSRegression(4, scale=False, tol=1e-14, max_iter=100_000),
    ),
}
PLAIN = ("Lasso", "SVR", "forest")
every = pytest.mark.parametrize("name", SAME)


def fold_by_fold(model, x, y, folds=5):
    """Held-out predictions of a slow loop."""
    predicted = np.empty(y.shape)
    for train, test in KFold(folds).split(x):
        try:
            predicted[test] = clone(model).fit(x[train], y[train]).predict(x[test])
        except ValueError:
            for t in range(y.shape[1]):
                fitted = clone(model).fit(x[train], y[train, t])
                predicted[test, t] = fitted.predict(x[test])
    return predicted


@every
def test_every_known_model_equals_scikit_learn(name, arrays, pair):
    ours, theirs = SAME[name]
    scores = ic.encode(*pair, ours, folds=5, keep_model=True)
    expected = fold_by_fold(theirs, *arrays)
    np.testing.assert_allclose(
        scores.predicted[0].numpy(), expected, atol=1e-8 * np.abs(expected).max(), rtol=0
    )


@every
def test_scores_are_correlations_within_folds(name, arrays, pair):
    ours, theirs = SAME[name]
    x, y = arrays
    expected = fold_by_fold(theirs, x, y)
    loop = [
        [np.corrcoef(y[test, t], expected[test, t])[0, 1] for t in range(y.shape[1])]
        for _, test in KFold(5).split(x)
    ]
    found = ic.encode(*pair, ours, folds=5).values[0]
    np.testing.assert_allclose(found, loop, atol=1e-8)


@pytest.mark.parametrize("name", SLOWLY_CONVERGING)
def test_pls_equals_a_converged_pls(name, arrays, pair):
    ours, theirs = SLOWLY_CONVERGING[name]
    scores = ic.encode(*pair, ours, folds=5, keep_model=True)
    expected = fold_by_fold(theirs, *arrays)
    np.testing.assert_allclose(
        scores.predicted[0].numpy(), expected, atol=1e-5 * expected.std(), rtol=0
    )


@every
def test_the_road_and_why_are_told(name, arrays, pair):
    told = ic.encode(*pair, SAME[name][0], folds=5).tables["layer"].iloc[0]
    few = arrays[0].shape[1] < len(arrays[0])
    assert told["solver"] == ("plain" if name in PLAIN else "primal" if few else "dual")
    assert len(told["why"]) > 20


@pytest.mark.parametrize("name", [name for name in SAME if name not in PLAIN])
def test_the_gram_alone_suffices(name, pair):
    model = SAME[name][0]
    features, recording = pair
    if name.startswith("scaled"):
        with pytest.raises(ic.InputError, match=r"scales each feature .* Gram"):
            ic.encode(ic.gram(features), recording, model, folds=5)
        return
    whole = ic.encode(features, recording, model, folds=5)
    from_gram = ic.encode(ic.gram(features), recording, model, folds=5)
    assert from_gram.tables["layer"].solver[0] == "dual"
    np.testing.assert_allclose(from_gram.values, whole.values, atol=1e-7)


@every
def test_kept_models_predict_new_stimuli(name, arrays, pair, rng):
    ours, theirs = SAME[name]
    x, y = arrays
    kept = ic.encode(*pair, ours, folds=5, keep_model=True).models[0]
    new = rng.normal(size=(4, x.shape[1])) + 2
    found = kept.predict(ic.Responses(new, ["a", "b", "c", "d"]))
    try:
        expected = clone(theirs).fit(x, y).predict(new)
    except ValueError:
        expected = np.column_stack(
            [clone(theirs).fit(x, y[:, t]).predict(new) for t in range(y.shape[1])]
        )
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-8 * np.abs(expected).max(), rtol=0)
    assert found.stimuli == ("a", "b", "c", "d")


def test_weights_are_those_of_the_features(arrays, pair):
    x, y = arrays
    kept = ic.encode(*pair, ic.Ridge(30.0), folds=5, keep_model=True).models[0]
    loop = Ridge(30.0).fit(x, y)
    np.testing.assert_allclose(kept.weights.T, loop.coef_, atol=1e-8)
    np.testing.assert_allclose(kept.intercept, loop.intercept_, atol=1e-7)
    scaled = make_pipeline(StandardScaler(), Ridge(30.0))
    kept = ic.encode(*pair, scaled, folds=5, keep_model=True).models[0]
    per_unit = clone(scaled).fit(x, y)[-1].coef_ / x.std(0)
    np.testing.assert_allclose(kept.weights.T, per_unit, atol=1e-8)


@pytest.mark.parametrize("name", ["OLS", "PCR", "Ridge", "Ridge loo", "Ridge folds shared"])
def test_our_models_are_estimators(name, arrays, rng):
    ours, theirs = SAME[name]
    x, y = arrays
    new = rng.normal(size=(4, x.shape[1])) + 2
    fitted = clone(ours).fit(x, y)
    expected = clone(theirs).fit(x, y).predict(new)
    np.testing.assert_allclose(fitted.predict(new), expected, atol=1e-8 * np.abs(expected).max())
    single = clone(ours).fit(x, y[:, 0])
    assert single.coef_.shape == (x.shape[1],)
    assert single.predict(new).shape == (4,)
    assert not hasattr(ours, "coef_")


def test_the_users_model_is_left_unfitted(pair):
    for model in (
        Ridge(1.0),
        ic.Ridge([1.0, 2.0]),
        BayesianRidge(),
        make_pipeline(PCA(3), Ridge()),
    ):
        ic.encode(*pair, model, folds=5, keep_model=True)
        last = model[-1] if hasattr(model, "steps") else model
        assert not hasattr(last, "coef_")


def test_per_target_ridge_equals_himalaya(arrays, pair):
    himalaya = pytest.importorskip("himalaya.kernel_ridge")
    x, y = arrays
    predicted = np.empty(y.shape)
    chosen = ic.Ridge(ALPHAS, inner=4)
    for train, test in KFold(5).split(x):
        mean_x, mean_y = x[train].mean(0), y[train].mean(0)
        theirs = himalaya.KernelRidgeCV(
            alphas=ALPHAS,
            cv=KFold(4),
            kernel="linear",
            solver_params={"local_alpha": True},
            fit_intercept=True,
            warn=False,
        ).fit(x[train] - mean_x, y[train] - mean_y)
        predicted[test] = theirs.predict(x[test] - mean_x) + mean_y
        ours = clone(chosen).fit(x[train], y[train])
        np.testing.assert_allclose(ours.alpha_, theirs.best_alphas_)
    found = ic.encode(*pair, chosen, folds=5, keep_model=True).predicted[0].numpy()
    np.testing.assert_allclose(found, predicted, atol=1e-7 * np.abs(predicted).max())


def test_scaling_one_feature_by_a_constant_changes_nothing_after_scaling(pair):
    features, recording = pair
    model = make_pipeline(StandardScaler(), Ridge(10.0))
    scale = np.linspace(0.1, 9, features.n_units)
    first = ic.encode(features, recording, model, folds=5)
    second = ic.encode(features.replace(values=features.values * scale), recording, model, folds=5)
    np.testing.assert_allclose(first.values, second.values, atol=1e-9)


def test_a_constant_feature_is_harmless(pair):
    features, recording = pair
    padded = np.column_stack([features.values, np.full(features.n_stimuli, 7.0)])
    for model in (ic.OLS(), ic.Ridge(3.0), make_pipeline(StandardScaler(), Ridge(3.0))):
        first = ic.encode(features, recording, model, folds=5)
        second = ic.encode(features.replace(values=padded, units=None), recording, model, folds=5)
        np.testing.assert_allclose(first.values, second.values, atol=1e-8)


def test_a_search_is_fitted_to_all_targets_together_as_scikit_learn_does(rng):
    x, y = rng.normal(size=(40, 6)), rng.normal(size=(40, 3)) * [1, 5, 30]
    search = GridSearchCV(Ridge(), {"alpha": [0.01, 1.0, 100.0, 1e4]}, cv=4)
    folds = list(KFold(4).split(x))
    made = ic.encode(ic.Responses(x), ic.Responses(y), search, folds=folds, keep_model=True)
    for train, test in folds:
        expected = clone(search).fit(x[train], y[train]).predict(x[test])
        np.testing.assert_allclose(made.predicted[0].numpy()[test], expected)


@pytest.mark.parametrize("model", [ic.OLS(), ic.Ridge([1.0, 2.0]), ic.Univariate(), Lasso()])
def test_a_layer_without_features_is_a_sentence(model, rng):
    with pytest.raises(ic.InputError, match="needs features, but .* has none"):
        ic.encode(ic.Responses(np.ones((12, 0))), ic.Responses(rng.random((12, 2))), model, folds=3)


def test_penalties_that_are_no_numbers_are_a_sentence(rng):
    pair = ic.Responses(rng.random((12, 3))), ic.Responses(rng.random((12, 2)))
    for alphas in ("strong", [1.0, None], [[1.0], [1.0, 2.0]]):
        with pytest.raises(ic.InputError, match="penalties above 0, not alphas="):
            ic.encode(*pair, ic.Ridge(alphas), folds=3)
