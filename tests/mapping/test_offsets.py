"""A common offset changes no prediction: every solver, offset and structure of features."""

import numpy as np
import pytest
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.linear_model import Ridge as SklearnRidge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic

N = 40
ALPHAS = np.logspace(-3, 6, 10)
NAMES = [f"s{i:02d}" for i in range(N)]
AROUND_N = pytest.param(39, marks=pytest.mark.slow)
WITHIN = {1e2: 1e-9, 1e4: 1e-8, 1e6: 1e-6}
"""How far predictions may move, relative to the targets, at each offset."""

MODELS = {
    "OLS": ic.OLS(),
    "PCR": ic.PCR(4),
    "Ridge": ic.Ridge([1.0]),
    "Ridge loo": ic.Ridge(ALPHAS, inner="loo"),
    "Ridge gcv": ic.Ridge(ALPHAS, inner="gcv"),
    "Ridge folds": ic.Ridge(ALPHAS, inner=4),
    "PLS": ic.PLS(3),
    "Univariate": ic.Univariate(),
    "RidgeCV": RidgeCV(ALPHAS),
    "PLSRegression": PLSRegression(3, scale=False),
    "scaled": make_pipeline(StandardScaler(), SklearnRidge(10.0)),
    "PCA": make_pipeline(PCA(4), LinearRegression()),
}


def plain(x, z, rng):
    return x


def two_outlier_units(x, z, rng):
    return x + 300.0 * (np.arange(x.shape[1]) < 2)


def duplicates(x, z, rng):
    return x[[0, 1, 2, 3, 3, 3, 6, 6, *range(8, N)]]


def low_rank(x, z, rng):
    return z @ rng.normal(size=(4, x.shape[1]))


STRUCTURES = [plain, two_outlier_units, duplicates, low_rank]


def features_and_targets(p, structure, rng):
    z = rng.normal(size=(N, 4))
    x = z @ rng.normal(size=(4, p)) + 2 * rng.normal(size=(N, p))
    return structure(x, z, rng), z[:, :3] + 1.5 * rng.normal(size=(N, 3))


def predictions(x, y, model):
    features, recording = ic.Responses(x, NAMES), ic.Responses(y, NAMES)
    scores = ic.encode(features, recording, model, folds=3, keep_model=True)
    return np.asarray(scores.predicted[0].values)


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda each: each.__name__)
@pytest.mark.parametrize("p", [12, AROUND_N, 90])
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.filterwarnings("ignore::isocortex.IsocortexWarning")
def test_predictions_do_not_see_an_offset(model, p, structure, rng):
    x, y = features_and_targets(p, structure, rng)
    for offset, within in WITHIN.items():
        moved = x + offset
        # The difference is exact: the same numbers, rounded once, without their offset.
        expected = predictions(moved - offset if structure is not low_rank else x, y, model)
        np.testing.assert_allclose(
            predictions(moved, y, model), expected, rtol=0, atol=within * np.abs(y).max()
        )


@pytest.mark.parametrize("p", [12, AROUND_N, 90])
@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda each: each.__name__)
@pytest.mark.parametrize(
    ("inner", "cv"), [("loo", None), pytest.param(4, 4, marks=pytest.mark.slow)]
)
@pytest.mark.filterwarnings("ignore::isocortex.IsocortexWarning")
def test_the_penalty_is_scikit_learns_at_every_offset(inner, cv, structure, p, rng):
    x, y = features_and_targets(p, structure, rng)
    train = np.arange(N) >= N // 2  # What a first fold of two trains on.
    for offset in (0.0, 1e4, 1e6):
        moved = x + offset
        model = ic.Ridge(ALPHAS, inner=inner).fit(moved[train], y[train])
        for t in range(3):
            peer = RidgeCV(ALPHAS, cv=cv, scoring="neg_mean_squared_error")
            assert model.alpha_[t] == peer.fit(x[train], y[train][:, t]).alpha_
        features, recording = ic.Responses(moved, NAMES), ic.Responses(y, NAMES)
        scores = ic.encode(features, recording, ic.Ridge(ALPHAS, inner=inner), folds=2)
        np.testing.assert_array_equal(
            np.asarray(scores.columns["alpha"]).reshape(2, 3)[0], model.alpha_
        )


@pytest.mark.filterwarnings("ignore::isocortex.IsocortexWarning")
def test_bands_do_not_see_an_offset(rng):
    (x, y), (z, _) = (features_and_targets(p, plain, rng) for p in (30, 70))
    recording, model = ic.Responses(y, NAMES), ic.BandedRidge(ALPHAS, mixtures=4)
    found = {
        offset: ic.encode(
            [ic.Responses(each + offset, NAMES) for each in (x, z)], recording, model, folds=3
        ).values
        for offset in (0.0, 1e4, 1e6)
    }
    np.testing.assert_allclose(found[1e4], found[0.0], rtol=0, atol=1e-8)
    np.testing.assert_allclose(found[1e6], found[0.0], rtol=0, atol=1e-6)


OF_CONSTANT = {
    **{name: MODELS[name] for name in ("OLS", "Ridge loo", "Ridge folds", "RidgeCV", "PLS")},
    "Ridge": ic.Ridge([1.0]),
    "PCR": ic.PCR(3),
}


@pytest.mark.parametrize("p", [8, 90])
@pytest.mark.parametrize("model", OF_CONSTANT.values(), ids=OF_CONSTANT)
@pytest.mark.filterwarnings("ignore::isocortex.IsocortexWarning")
def test_a_layer_with_one_row_for_all_predicts_the_mean(model, p, rng):
    constant = np.tile(1e3 * rng.normal(size=p), (N, 1))
    y = rng.normal(size=(N, 3))
    found = predictions(constant, y, model)
    np.testing.assert_allclose(found[:14], np.tile(y[14:].mean(0), (14, 1)), atol=1e-12)


@pytest.mark.filterwarnings("ignore::isocortex.IsocortexWarning")
def test_dead_bands_predict_the_mean(rng):
    constant, y = ic.Responses(np.full((N, 8), 1e3)), ic.Responses(rng.normal(size=(N, 3)))
    model = ic.BandedRidge(ALPHAS, bands=[4, 4], mixtures=3, inner=4)
    found = ic.encode(constant, y, model, folds=3, accuracy=lambda _, guess: np.ptp(guess, axis=0))
    np.testing.assert_allclose(found.values, 0, atol=1e-12)


@pytest.mark.parametrize("p", [8, 90])
@pytest.mark.filterwarnings("ignore::isocortex.IsocortexWarning")
def test_a_layer_that_is_dead_in_some_inner_folds_alone(p, rng):
    x, y = np.zeros((N, p)), rng.normal(size=(N, 3))
    x[-5:] = rng.normal(size=(5, p))
    theirs = GridSearchCV(
        SklearnRidge(), {"alpha": ALPHAS}, cv=KFold(4), scoring="neg_mean_squared_error"
    )
    expected = theirs.fit(x[14:], y[14:]).predict(x[:14])
    model = ic.Ridge(ALPHAS, inner=4, per_target=False)
    np.testing.assert_allclose(predictions(x, y, model)[:14], expected, atol=1e-12)
