"""Models after a scaler or a PCA equal the pipeline that they stand for, fold by fold."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.linear_model import Ridge as SklearnRidge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic
from isocortex.mapping.feature_source import Source
from isocortex.mapping.models.translate import prepared, translate
from isocortex.mapping.solver import views_of

FOLD = np.arange(5, 30), np.arange(5)
PIPELINES = {
    "scaled": make_pipeline(StandardScaler(), SklearnRidge(3.0)),
    "pca": make_pipeline(PCA(4, svd_solver="full"), LinearRegression()),
    "whitened": make_pipeline(PCA(4, whiten=True, svd_solver="full"), SklearnRidge(3.0)),
    "scaled pca": make_pipeline(StandardScaler(), PCA(4, svd_solver="full"), LinearRegression()),
    "foreign": make_pipeline(StandardScaler(), StandardScaler(), SklearnRidge(3.0)),
}


@pytest.mark.parametrize("n_units", [8, 60], ids=["narrow", "wide"])
@pytest.mark.parametrize("name", PIPELINES)
def test_predictions_are_those_of_the_pipeline(rng, name, n_units):
    x = rng.normal(size=(30, n_units)) * np.exp(rng.normal(size=n_units)) + 5
    y = rng.normal(size=(25, 2))
    given = PIPELINES[name]
    model = translate(given)
    (view,) = views_of(given, model, [Source(ic.Responses(x), np.arange(30))], 30, [FOLD], None)
    found = prepared(model, view.on(*FOLD)).predict(y)
    truth = clone(given).fit(x[FOLD[0]], y).predict(x[FOLD[1]])
    np.testing.assert_allclose(found, truth, atol=1e-9)


def test_more_components_than_the_training_stimuli_have_are_refused(rng):
    given = make_pipeline(PCA(40), LinearRegression())
    source = Source(ic.Responses(rng.normal(size=(30, 60))), np.arange(30))
    model = translate(given)
    (view,) = views_of(given, model, [source], 30, [FOLD], None)
    with pytest.raises(ic.InputError, match="asks for 40 components.*at most 24"):
        model.check(view.on(*FOLD), 2)
