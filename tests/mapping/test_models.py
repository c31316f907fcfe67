"""Models say themselves how they are prepared: ours, those derived from ours, and a user's own."""

import inspect
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LinearRegression
from sklearn.linear_model import Ridge as SklearnRidge
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic
from isocortex.mapping.models.base import Model, in_short
from isocortex.mapping.models.known import MODELS

ALPHAS = np.logspace(0, 4, 5)
PARENTS = {
    "OLS": ic.OLS(),
    "PCR": ic.PCR(5),
    "PCR share": ic.PCR(0.8),
    "Ridge": ic.Ridge(30.0),
    "Ridge folds": ic.Ridge(ALPHAS),
    "Ridge shared": ic.Ridge(ALPHAS, per_target=False),
    "Ridge loo": ic.Ridge(ALPHAS, inner="loo"),
    "Ridge gcv": ic.Ridge(ALPHAS, inner="gcv"),
    "Ridge fixed": ic.Ridge(np.logspace(0, 3, 6)[None]),
    "PLS": ic.PLS(3),
    "PLS scaled": ic.PLS(3, scale=True),
    "BandedRidge": ic.BandedRidge(ALPHAS, mixtures=1),
    "Stacked": ic.Stacked(ic.Ridge(ALPHAS)),
    "Univariate": ic.Univariate(),
    "SelectiveRidge": ic.SelectiveRidge(5),
}


class RelativeRidge(BaseEstimator):
    """Ridge whose penalty is a multiple of the mean variance, whatever the units."""

    needs, columnwise = "gram", True

    def __init__(self, ratio=1.0):
        self.ratio = ratio

    def prepare(self, view):
        axes = view.basis()
        alpha = self.ratio * axes.variances.mean()
        return ic.Smoother(axes, np.sqrt(axes.variances) / (axes.variances + alpha))


class Nearest(BaseEstimator):
    """Targets of training stimuli, averaged by their likeness: from inner products alone."""

    needs = "gram"

    def prepare(self, view):
        self.likeness = softmax(view.kernels()[1] / view.n_features, axis=1)
        return self

    def predict(self, y):
        return self.likeness @ y


def test_every_model_of_the_front_door_is_known_and_tried_here():
    classes = {each for each in vars(ic).values() if isinstance(each, type)}
    classes |= {getattr(ic, name) for name in ic.__all__ if isinstance(getattr(ic, name), type)}
    public = {each for each in classes if issubclass(each, Model)} - {ic.LinearModel}
    assert public == set(MODELS), "the entry in mapping/models/known.py, or the public name"
    assert {type(each) for each in PARENTS.values()} == set(MODELS), "an entry in PARENTS"


def child(model):
    """The same model of a class that a user derived from it."""
    kind = type("Mine", (type(model),), {})
    # scikit-learn reads parameters from the signature, which the parent's __init__ gives.
    return kind(**model.get_params(deep=False))


def same(first, second):
    assert first.tables["layer"].solver.tolist() == second.tables["layer"].solver.tolist()
    np.testing.assert_array_equal(first.values, second.values)
    for name, column in second.columns.items():
        np.testing.assert_array_equal(first.columns[name], column)


@pytest.mark.parametrize("name", PARENTS)
def test_a_subclass_behaves_as_its_parent(name, arrays, pair):
    parent, mine = PARENTS[name], child(PARENTS[name])
    x, y = arrays
    fitted = clone(mine).fit(x, y).predict(x)
    np.testing.assert_array_equal(fitted, clone(parent).fit(x, y).predict(x))
    asked = {"folds": 4, "permutations": 5}
    same(ic.encode(*pair, mine, **asked), ic.encode(*pair, parent, **asked))
    same(
        ic.encode(*pair, mine, folds=3, pooled=True), ic.encode(*pair, parent, folds=3, pooled=True)
    )
    if parent.needs == "gram" and parent.ddof is None:
        features, recording = pair
        of_gram = ic.gram(features)
        same(ic.encode(of_gram, recording, mine), ic.encode(of_gram, recording, parent))
        pipelines = [make_pipeline(StandardScaler(), clone(model)) for model in (mine, parent)]
        same(*[ic.encode(*pair, each, folds=4) for each in pipelines])
    if not parent.joint:
        kept = [ic.encode(*pair, m, folds=4, keep_model=True).models[0] for m in (mine, parent)]
        new = ic.Responses(x[:5] + 1)
        np.testing.assert_array_equal(*[each.predict(new).values for each in kept])


def test_a_subclass_that_predicts_otherwise_is_fitted_as_it_is(pair):
    class Unsigned(ic.Ridge):
        def predict(self, X):
            return np.abs(super().predict(X))

    features, recording = pair
    scores = ic.encode(features, recording, Unsigned(30.0), folds=5, keep_model=True)
    plain = ic.encode(features, recording, ic.Ridge(30.0), folds=5, keep_model=True)
    assert scores.tables["layer"].solver.tolist() == ["plain"]
    expected = np.abs(plain.predicted[0].values)
    np.testing.assert_allclose(scores.predicted[0].values, expected, atol=1e-8)


def test_a_users_own_model_is_solved_through_the_gram(arrays, pair):
    x, y = arrays
    wide = x.shape[1] > len(x)
    scores = ic.encode(*pair, RelativeRidge(0.5), folds=5, permutations=30)
    assert scores.tables["layer"].solver.tolist() == ["dual" if wide else "primal"]
    for f in range(5):
        test = np.arange(9 * f, 9 * f + 9)
        train = np.setdiff1d(np.arange(45), test)
        variances = np.linalg.svd(x[train] - x[train].mean(0), compute_uv=False) ** 2
        alpha = 0.5 * variances[variances > 1e-9].mean()
        predicted = SklearnRidge(alpha).fit(x[train], y[train]).predict(x[test])
        loop = [np.corrcoef(predicted[:, t], y[test, t])[0, 1] for t in range(6)]
        np.testing.assert_allclose(scores.values[0, f], loop, atol=1e-8)
    from_gram = ic.encode(ic.gram(pair[0]), pair[1], RelativeRidge(0.5), folds=5, permutations=30)
    np.testing.assert_allclose(from_gram.values, scores.values, atol=1e-8)
    np.testing.assert_array_equal(from_gram.columns["p"], scores.columns["p"])


def test_the_page_on_encoding_has_that_model():
    page = Path(__file__).parents[2] / "docs" / "mapping.md"
    source = inspect.getsource(RelativeRidge)
    assert source in page.read_text()
    assert len(source.splitlines()) <= 15


def test_a_model_that_only_predicts_is_pooled_and_permuted(arrays, pair):
    x, y = arrays
    features, recording = pair
    scores = ic.encode(features, recording, Nearest(), folds=5, permutations=20)
    for f in range(5):
        test = np.arange(9 * f, 9 * f + 9)
        train = np.setdiff1d(np.arange(45), test)
        mean = x[train].mean(0)
        likeness = (x[test] - mean) @ (x[train] - mean).T / x.shape[1]
        predicted = softmax(likeness, axis=1) @ y[train]
        loop = [np.corrcoef(predicted[:, t], y[test, t])[0, 1] for t in range(6)]
        np.testing.assert_allclose(scores.values[0, f], loop, atol=1e-8)
    pooled = ic.encode(features, recording, Nearest(), folds=5, pooled=True, permutations=20)
    assert np.isfinite(pooled.values).all()
    with pytest.raises(ic.InputError, match="keep_model=True needs a model with fit"):
        ic.encode(features, recording, Nearest(), folds=5, keep_model=True)


def test_what_a_model_needs_is_asked_before_work(pair):
    features, recording = pair
    model = RelativeRidge()
    model.needs = "all"
    with pytest.raises(ic.InputError, match="RelativeRidge: needs='all' must be 'gram'"):
        ic.encode(features, recording, model)
    model.needs = "features"
    assert ic.encode(features, recording, model).tables["layer"].solver.tolist() == ["primal"]
    with pytest.raises(ic.InputError, match=r"RelativeRidge\(\) needs the features themselves"):
        ic.encode(ic.gram(features), recording, model)


def test_a_linear_model_of_ones_own_is_an_estimator(arrays, pair):
    class Least(ic.LinearModel):
        columnwise = True

        def prepare(self, view):
            axes = view.basis()
            return ic.Smoother(axes, 1 / np.sqrt(axes.variances))

    x, y = arrays
    fitted, theirs = Least().fit(x, y), LinearRegression().fit(x, y)
    np.testing.assert_allclose(fitted.predict(x), theirs.predict(x), atol=1e-8 * np.abs(y).max())
    kept = ic.encode(*pair, Least(), folds=5, keep_model=True).models[0]
    np.testing.assert_allclose(kept.weights.T, theirs.coef_, atol=1e-8)
    with pytest.raises(ic.InputError, match="Least takes no sample_weight"):
        Least().fit(x, y, np.ones(45))


def test_an_estimator_of_no_library_is_fitted_as_it_is(arrays, pair):
    class Mean:
        def fit(self, X, y):
            self.slope = y.mean(0) / X.mean()
            return self

        def predict(self, X):
            return X.mean(1)[:, None] * self.slope

    scores = ic.encode(*pair, Mean(), folds=5)
    assert scores.tables["layer"].solver.tolist() == ["plain"]
    expected = np.corrcoef(arrays[0][:9].mean(1), arrays[1][:9, 0])[0, 1]
    np.testing.assert_allclose(abs(scores.values[0, 0, 0]), abs(expected), atol=1e-10)


@pytest.mark.parametrize(
    "model",
    [
        ic.OLS(),
        ic.PCR(10),
        ic.PLS(5, scale=False),
        ic.Ridge(2.0),
        ic.Ridge([0.1, 1, 1e20], inner="loo", per_target=False),
        ic.Ridge(np.logspace(0, 3, 4)),
        ic.Ridge(list(range(1, 40))),
        ic.Ridge([1.0], inner=KFold(3)),
    ],
    ids=str,
)
def test_a_model_in_short_is_what_its_repr_says(model):
    assert in_short(model) == " ".join(repr(model).split())
