import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold, ShuffleSplit, cross_val_score

from isocortex.numerics.arrays.from_sums import FROM_SUMS
from isocortex.numerics.linear import univariate
from isocortex.numerics.measures.accuracy import ACCURACIES

N, P, T = 40, 7, 3


@pytest.fixture
def data(rng):
    x = rng.normal(size=(N, P)) * 5 + 3
    return x, x[:, :T] - 2 * x[:, 1 : T + 1] + rng.normal(size=(N, T)) * 6


@pytest.mark.parametrize("name", FROM_SUMS)
def test_equals_cross_val_score_of_every_unit_and_target(name, data):
    x, y = data
    scoring = {"pearson": _pearson}.get(name, name)
    found = np.array([univariate.scores(x, y, fold, name) for fold in KFold(5).split(x)])
    for j in range(P):
        for t in range(T):
            loop = cross_val_score(
                LinearRegression(), x[:, [j]], y[:, t], cv=KFold(5), scoring=scoring
            )
            np.testing.assert_allclose(found[:, j, t], loop, atol=1e-8)


def test_a_fold_that_draws_rows_again_is_no_complement(data, rng):
    x, y = data[0], rng.normal(size=(N, 60))
    train, test = np.r_[:20, 0:10], np.r_[5:15]  # 40 rows together, of which 20 are never used
    chosen = univariate.best_in_training(x, y, [(train, test)])[0]
    r = np.corrcoef(x[train].T, y[train].T)[:P, P:]
    np.testing.assert_array_equal(chosen, np.abs(r).argmax(0))
    overlap = np.r_[:30], np.r_[20:N]  # All rows, some on both sides.
    chosen = univariate.best_in_training(x, y, [overlap])[0]
    r = np.corrcoef(x[:30].T, y[:30].T)[:P, P:]
    np.testing.assert_array_equal(chosen, np.abs(r).argmax(0))


@pytest.mark.parametrize("offset", [0.0, 1e4])
@pytest.mark.parametrize("name", FROM_SUMS)
def test_scores_are_the_accuracies_of_the_predictions(name, offset, data):
    x, y = data[0] + offset, 1e-3 * data[1] - offset
    x[30:, 1], y[30:, 2] = offset, -offset  # Constant in the test stimuli.
    x[:30, 3] = offset  # No prediction.
    fold = np.arange(30), np.arange(30, N)
    found = univariate.scores(x, y, fold, name)
    for unit in (u for u in range(P) if u != 3):
        line = [np.polyfit(x[:30, unit] - offset, target, 1) for target in y[:30].T]
        predicted = np.stack([np.polyval(each, x[30:, unit] - offset) for each in line], 1)
        wanted = ACCURACIES[name](y[30:], predicted)
        np.testing.assert_allclose(found[unit], wanted, rtol=1e-7, atol=1e-9)
    assert np.isnan(found[3]).all()
    assert np.isnan(found[:, 2]).all()


def _pearson(model, x, y):
    return np.corrcoef(model.predict(x), y)[0, 1]


@pytest.mark.parametrize("splitter", [KFold(5), ShuffleSplit(4, test_size=9, random_state=0)])
@pytest.mark.parametrize("block", [10**9, 700])
def test_chooses_the_best_correlation_of_the_training_part(splitter, block, data, monkeypatch):
    x, y = data
    monkeypatch.setattr(univariate, "_BLOCK", block)
    folds = list(splitter.split(x))
    chosen = univariate.best_in_training(x, y, folds)
    for f, (train, _) in enumerate(folds):
        r = np.corrcoef(x[train].T, y[train].T)[:P, P:]
        assert chosen[f].tolist() == np.abs(r).argmax(0).tolist()


def test_predictions_are_those_of_the_chosen_unit(data):
    x, y = data
    train, test = np.arange(30), np.arange(30, N)
    found = univariate.predictions(x, y, np.array([4, 0, 4]), (train, test))
    for t, j in enumerate([4, 0, 4]):
        slow = LinearRegression().fit(x[train][:, [j]], y[train, t]).predict(x[test][:, [j]])
        np.testing.assert_allclose(found[:, t], slow, atol=1e-10)


@pytest.mark.parametrize("block", [10**9, 700])
def test_the_best_in_test_is_the_largest_mean_score(block, data, monkeypatch):
    x, y = data
    monkeypatch.setattr(univariate, "_BLOCK", block)
    folds = list(KFold(4).split(x))
    chosen, best = univariate.best_in_test(x, y, folds, "r2")
    every = np.array([univariate.scores(x, y, fold, "r2") for fold in folds])
    assert chosen.tolist() == every.mean(0).argmax(0).tolist()
    np.testing.assert_allclose(best, every[:, chosen, np.arange(T)])


def test_a_constant_unit_is_never_chosen(data):
    x, y = data
    x = np.column_stack([np.full(N, 0.1), x])
    folds = list(KFold(4).split(x))
    assert (univariate.best_in_training(x, y, folds) > 0).all()
    assert (univariate.best_in_test(x, y, folds, "pearson")[0] > 0).all()
    assert np.isnan(univariate.scores(x, y, folds[0], "pearson")[0]).all()
