"""What is ready for a fold gives predictions, and what is to be told of the fit."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso, LinearRegression, RidgeCV
from sklearn.model_selection import GridSearchCV

from isocortex.mapping.models.prepared import (
    Estimator,
    Smoother,
    at_the_edge,
    chosen_penalty,
    nothing_predicted,
    takes_many_targets,
)
from isocortex.numerics.linear.basis import from_features


@pytest.fixture
def data(rng):
    return rng.normal(size=(20, 4)), rng.normal(size=(5, 4)), rng.normal(size=(20, 3))


def test_a_smoother_is_least_squares_and_knows_how_large_its_fit_is(data):
    x, z, y = data
    axes = from_features(x, z)
    ready = Smoother(axes, 1 / np.sqrt(axes.variances))
    fitted = LinearRegression().fit(x, y)
    outcome = ready.outcome(y, size=True)
    np.testing.assert_allclose(outcome.predicted, fitted.predict(z), atol=1e-12)
    np.testing.assert_allclose(outcome.variance, fitted.predict(x).var(0), atol=1e-12)
    to_test, of_train = ready.factors
    centred = to_test @ of_train @ (y - y.mean(0))
    np.testing.assert_allclose(y.mean(0) + centred, outcome.predicted, atol=1e-12)
    dual, _ = ready.dual(y)
    np.testing.assert_allclose((x - x.mean(0)).T @ dual, fitted.coef_.T, atol=1e-12)


@pytest.mark.parametrize("model", [LinearRegression(), Lasso(0.01)], ids=["many", "single"])
def test_an_estimator_is_fitted_target_by_target_where_it_must(data, model):
    x, z, y = data
    outcome = Estimator(model, x, z).outcome(y, size=True)
    single = [model.fit(x, y[:, t]).predict(z) for t in range(3)]
    np.testing.assert_allclose(outcome.predicted, np.column_stack(single), atol=1e-10)
    assert outcome.variance.shape == (3,)


def test_a_penalty_that_was_chosen_is_told(data):
    x, _, y = data
    fitted = RidgeCV([0.1, 1.0, 10.0]).fit(x, y)
    np.testing.assert_array_equal(chosen_penalty([fitted]), [fitted.alpha_])
    assert chosen_penalty([LinearRegression().fit(x, y)]) is None


def test_an_edge_beyond_which_nothing_would_change_is_none():
    alphas, alpha = np.array([1.0, 10.0, 100.0]), np.array([1.0, 1.0, 10.0, 100.0])
    some = np.zeros(4, dtype=bool)
    found = at_the_edge(alpha, alphas, np.array([50.0, 5.0]), some)
    assert (found.counts.tolist(), *found[1:]) == ([2, 1], 1.0, 100.0, 0)
    # A penalty of 1 shrinks an axis of variance 1000 by a thousandth.
    assert at_the_edge(alpha, alphas, np.array([1e4, 1e3]), some).counts.tolist() == [0, 1]
    assert at_the_edge(alpha, alphas, np.array([0.5, 0.1]), some).counts.tolist() == [2, 0]
    assert at_the_edge(alpha, alphas[:1], np.array([1.0]), some).counts.tolist() == [0, 0]


def test_the_largest_penalty_of_what_nothing_predicts_counts_apart():
    alphas, alpha = np.array([1.0, 10.0]), np.array([1.0, 10.0, 10.0, 10.0])
    of_mean = np.ones(4)
    losses = np.array([[1.0, 1.5, 1.5, 1.5], [1.2, 0.9, 1.01, 1.3]])
    nothing = nothing_predicted(losses, of_mean, True)
    # As good as the mean; better than it is a prediction, much worse is too small a penalty.
    assert nothing.tolist() == [True, False, True, False]
    found = at_the_edge(alpha, alphas, np.array([50.0, 5.0]), nothing)
    assert (found.counts.tolist(), found.n_nothing) == ([1, 2], 1)
    assert not nothing_predicted(losses, of_mean, False).any()
    assert nothing_predicted(losses * 1.02 / losses[1].mean(), of_mean, False).all()


def test_single_target_models_are_known_by_their_tags():
    assert takes_many_targets(LinearRegression())
    assert takes_many_targets(GridSearchCV(LinearRegression(), {}))
    assert takes_many_targets(object())
