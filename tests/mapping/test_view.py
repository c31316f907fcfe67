"""A model sees the same whichever way it looks."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression

import isocortex as ic
from isocortex.mapping.feature_source import Source
from isocortex.mapping.view import View

FOLD = np.arange(4, 24), np.arange(4)


@pytest.fixture
def view(rng):
    x = rng.normal(size=(24, 6)) + 3
    return View(Source(ic.Responses(x), np.arange(24)), FOLD, "primal")


def test_axes_from_the_gram_and_from_features_are_those_of_a_pca(view):
    x = view.source.noun.values
    pca = PCA().fit(x[FOLD[0]])
    for solver in ("primal", "dual"):
        axes = replace(view, solver=solver).basis()
        np.testing.assert_allclose(axes.variances / 19, pca.explained_variance_)
        np.testing.assert_allclose(np.abs(axes.test), np.abs(pca.transform(x[FOLD[1]])), atol=1e-9)


def test_a_share_of_variance_takes_the_fewest_components_that_hold_it(view):
    x = view.source.noun.values
    n = PCA(0.7).fit(x[FOLD[0]]).n_components_
    assert len(view.basis(0.7).variances) == n
    assert len(view.leading(0.7).basis().variances) == n


def test_kernels_are_products_of_what_features_are_centred_to(view):
    train, test = view.features()
    mean = train.mean(0)
    for solver in ("primal", "dual"):
        within, across = replace(view, solver=solver).kernels()
        np.testing.assert_allclose(within, (train - mean) @ (train - mean).T, atol=1e-10)
        np.testing.assert_allclose(across, (test - mean) @ (train - mean).T, atol=1e-10)


@pytest.mark.parametrize("ddof", [None, 0])
def test_weights_on_stimuli_become_weights_on_features(view, rng, ddof):
    view = replace(view, ddof=ddof)
    y = rng.normal(size=(20, 2))
    within, _ = view.kernels()
    dual = np.linalg.pinv(within, hermitian=True) @ (y - y.mean(0))
    weights, mean = view.on_features(dual)
    fitted = LinearRegression().fit(view.features()[0], y)
    np.testing.assert_allclose(weights.T, fitted.coef_, atol=1e-9)
    np.testing.assert_allclose(y.mean(0) - mean @ weights, fitted.intercept_, atol=1e-9)


def test_inner_bases_never_see_the_inner_test_stimuli(view):
    for train, test, axes in view.inner_bases(4):
        assert not set(train) & set(test)
        pca = PCA().fit(view.features()[0][train])
        np.testing.assert_allclose(axes.variances / (len(train) - 1), pca.explained_variance_)
