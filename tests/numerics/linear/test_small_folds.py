"""Folds of few stimuli in stacks: the numbers of each fold by itself, in fewer calls."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, RepeatedKFold

import isocortex as ic
from isocortex.numerics.linear import basis, ridge, small_folds

ALPHAS = np.array([0.5, 3.0, 40.0])


def duplicates(rng):
    x = rng.normal(size=(20, 30))
    x[[1, 2, 3]] = x[0]
    return x


DATA = {
    "wide": lambda rng: rng.normal(size=(18, 50)),
    "offset": lambda rng: rng.normal(size=(18, 50)) + 1e4,
    "tiny": lambda rng: 1e-6 * rng.normal(size=(18, 50)),
    "of low rank": lambda rng: rng.normal(size=(30, 3)) @ rng.normal(size=(3, 40)),
    "duplicates, so that folds differ in rank": duplicates,
    "without variance": lambda rng: np.ones((12, 4)),
}


@pytest.fixture(params=DATA)
def x(request, rng):
    return DATA[request.param](rng)


def one_by_one(x, folds):
    return [(train, test, basis.from_gram(x @ x.T, train, test)) for train, test in folds]


@pytest.mark.parametrize("splitter", [KFold(5), KFold(12), RepeatedKFold(n_splits=4, n_repeats=3)])
def test_axes_are_those_of_each_fold_by_itself(x, splitter):
    folds = list(splitter.split(x))
    found = small_folds.from_gram(x @ x.T, folds)
    assert len(found) == len(folds)
    for (train, test, axes), (rows, others, alone) in zip(found, one_by_one(x, folds), strict=True):
        np.testing.assert_array_equal(train, rows)
        np.testing.assert_array_equal(test, others)
        np.testing.assert_array_equal(axes.variances, alone.variances)
        np.testing.assert_array_equal(axes.train, alone.train)
        size = np.abs(alone.test).max(initial=1e-300)
        np.testing.assert_allclose(axes.test, alone.test, rtol=1e-12, atol=1e-13 * size)


@pytest.mark.parametrize("alphas", [ALPHAS, np.logspace(-2, 3, 20)], ids=["three", "twenty"])
@pytest.mark.parametrize("n_targets", [1, 600])
def test_losses_are_those_of_plain_refitting(x, rng, alphas, n_targets):
    y, folds = rng.normal(size=(len(x), n_targets)), list(KFold(5).split(x))
    # Penalties relative to the features, for which plain refitting has digits enough.
    alphas = alphas * max((x - x.mean(0)).var(), 1e-20)
    expected = np.zeros((len(alphas), n_targets))
    for train, test in folds:
        mean = x[train].mean(0)
        for row, alpha in zip(expected, alphas, strict=True):
            fitted = Ridge(alpha, solver="svd").fit(x[train] - mean, y[train])
            guess = fitted.predict(x[test] - mean).reshape(len(test), -1)
            row += ((guess - y[test]) ** 2).mean(0) / len(folds)
    found = ridge.fold_losses(small_folds.from_gram(x @ x.T, folds), y, alphas)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    alone = ridge.fold_losses(one_by_one(x, folds), y, alphas)
    np.testing.assert_allclose(found, alone, rtol=1e-12 if len(alphas) == 3 else 1e-8)


def test_losses_relative_to_variance_take_the_folds_one_by_one(rng):
    x, y = rng.normal(size=(18, 50)), rng.normal(size=(18, 4))
    folds = list(KFold(5).split(x))
    np.testing.assert_allclose(
        ridge.fold_unexplained(small_folds.from_gram(x @ x.T, folds), y, ALPHAS),
        ridge.fold_unexplained(one_by_one(x, folds), y, ALPHAS),
        rtol=1e-12,
    )


def test_matrices_that_are_factorized_at_once_are_few(rng, monkeypatch):
    monkeypatch.setattr(small_folds, "_TOGETHER", 600)
    x = rng.normal(size=(18, 50))
    folds = list(KFold(6).split(x))
    found = small_folds.from_gram(x @ x.T, folds)
    assert len(found.stacks) == 3
    for (*_, axes), (*_, alone) in zip(found, one_by_one(x, folds), strict=True):
        np.testing.assert_array_equal(axes.train, alone.train)


@pytest.mark.parametrize("sizes", [(20, 10, 3), (40, 4, 2)], ids=["20 stimuli", "40"])
def test_inner_folds_of_one_size_are_one_factorization(rng, monkeypatch, sizes):
    n, n_folds, n_calls = sizes
    calls, eigh = [], np.linalg.eigh

    def counted(matrix):
        calls.append(matrix.shape)
        return eigh(matrix)

    monkeypatch.setattr(np.linalg, "eigh", counted)
    monkeypatch.setattr(np.linalg, "svd", lambda *_, **__: pytest.fail("penalties are few"))
    names = [f"image {i}" for i in range(n)]
    layer = ic.Responses(rng.normal(size=(n, 100)), names)
    region = ic.Responses(rng.normal(size=(n, 20)), names)
    ic.encode(layer, region, ic.Ridge([1.0, 10.0, 100.0]), folds=n_folds)
    # One of all outer folds, and one for each size of inner folds, whichever they are of.
    assert len(calls) == n_calls
    assert sum(shape[0] for shape in calls) == 6 * n_folds
