"""A common offset changes no prediction: every solver, offset and structure of features."""

import numpy as np
import pytest
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.linear_model import Ridge as SklearnRidge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic

N = 40
ALPHAS = np.logspace(-3, 6, 10)
NAMES = [f"s{i:02d}" for i in range(N)]
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
    scores = ic.encode(features, recording, model, folds=4, keep_model=True)
    return np.asarray(scores.predicted[0].values)


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda each: each.__name__)
@pytest.mark.parametrize("p", [12, 30, 40, 90])
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
