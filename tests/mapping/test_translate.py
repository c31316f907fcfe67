"""The door for models: ours as they are, scikit-learn's as ours where they are the same."""

import numpy as np
import pytest
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, RidgeCV
from sklearn.linear_model import Ridge as SklearnRidge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic
from isocortex.mapping.models.composed import AfterPCA, Foreign, OnComponents, Own, Scaled
from isocortex.mapping.models.translate import name_of, tells_classes, translate


class Derived(LinearRegression):
    pass


class OwnFit(ic.Ridge):
    def fit(self, X, y):
        return self


class Bare:
    def prepare(self, view):
        return self


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (LinearRegression(), ic.OLS),
        (SklearnRidge(2.0), ic.Ridge),
        (RidgeCV([1.0, 2.0]), ic.Ridge),
        (PLSRegression(2), ic.PLS),
        (make_pipeline(PCA(3), LinearRegression()), AfterPCA),
        (make_pipeline(PCA(3), Lasso()), OnComponents),
        (make_pipeline(PCA(3, whiten=True), LinearRegression()), OnComponents),
        (make_pipeline(StandardScaler(), ic.Ridge(1.0)), Scaled),
        (make_pipeline(StandardScaler(), Lasso()), Foreign),
        (LinearRegression(fit_intercept=False), Foreign),
        (LinearRegression(positive=True), Foreign),
        (RidgeCV([1.0], scoring="r2"), Foreign),
        (Derived(), Foreign),
        (OwnFit(1.0), Foreign),
        (Bare(), Own),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_is_fitted_as_what_it_is_the_same_as(given, kind):
    assert type(translate(given)) is kind


def test_ours_are_taken_as_they_are():
    model = ic.Ridge([1.0, 2.0])
    assert translate(model) is model


def test_penalties_go_with_the_translation():
    model = translate(RidgeCV(np.array([1.0, 2.0]), alpha_per_target=True))
    np.testing.assert_array_equal(model.alphas, [1.0, 2.0])
    assert model.per_target
    assert model.inner == "loo"


def test_names_are_what_the_user_wrote_in_short():
    assert name_of(make_pipeline(PCA(50), SklearnRidge())) == "PCA(50) + Ridge"


@pytest.mark.parametrize("given", ["ridge", ic.Ridge, object()], ids=["text", "class", "object"])
def test_what_is_no_estimator_is_refused(given):
    with pytest.raises(ic.InputError, match="is not an estimator: it needs fit and predict"):
        translate(given)


def test_classifiers_are_known():
    assert tells_classes(make_pipeline(PCA(3), LogisticRegression()))
    assert not tells_classes(ic.OLS())
