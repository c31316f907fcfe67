import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, LeaveOneOut

from isocortex.numerics.linear import basis, ridge

ALPHAS = np.array([0.5, 3.0, 40.0, 1e4])


@pytest.fixture(params=[60, 8], ids=["wide", "narrow"])
def data(request, rng):
    x = rng.normal(size=(25, request.param)) + 1
    y = x[:, :3] @ rng.normal(size=(3, 4)) + rng.normal(size=(25, 4))
    rows = np.arange(25)
    axes = basis.from_gram(x @ x.T, rows, rows[:0])
    return x, y, axes


def loop(x, y, splitter):
    """Mean squared error by plain refitting, shape (n_alphas, n_targets)."""
    losses = []
    for alpha in ALPHAS:
        errors = []
        for train, test in splitter.split(x):
            predicted = Ridge(alpha).fit(x[train], y[train]).predict(x[test])
            errors.append(((predicted - y[test]) ** 2).mean(0))
        losses.append(np.mean(errors, axis=0))
    return np.array(losses)


def test_leave_one_out_equals_the_loop(data):
    x, y, axes = data
    found = ridge.leave_one_out_losses(axes, y - y.mean(0), ALPHAS)
    np.testing.assert_allclose(found, loop(x, y, LeaveOneOut()), rtol=1e-9)


def test_inner_folds_equal_the_loop(data):
    x, y, _ = data
    folds = [(t, e, basis.from_features(x[t], x[e])) for t, e in KFold(5).split(x)]
    np.testing.assert_allclose(ridge.fold_losses(folds, y, ALPHAS), loop(x, y, KFold(5)), rtol=1e-9)


@pytest.mark.parametrize("n_targets", [2, 40], ids=["few targets", "many"])
def test_inner_folds_of_features_that_do_not_vary_predict_the_mean(n_targets, rng):
    x, y = np.ones((12, 5)), rng.normal(size=(12, n_targets))
    folds = [(t, e, basis.from_features(x[t], x[e])) for t, e in KFold(3).split(x)]
    assert all(len(axes.variances) == 0 for *_, axes in folds)
    expected = [((y[e] - y[t].mean(0)) ** 2).mean(0) for t, e, _ in folds]
    np.testing.assert_allclose(
        ridge.fold_losses(folds, y, ALPHAS), np.tile(np.mean(expected, 0), (len(ALPHAS), 1))
    )


def test_generalized_cross_validation_equals_its_definition(data):
    x, y, axes = data
    found = ridge.generalized_losses(axes, y - y.mean(0), ALPHAS)
    centred = x - x.mean(0)
    for row, alpha in zip(found, ALPHAS, strict=True):
        hat = centred @ np.linalg.solve(centred.T @ centred + alpha * np.eye(x.shape[1]), centred.T)
        residual = np.eye(25) - 1 / 25 - hat
        slow = 25 * ((residual @ y) ** 2).sum(0) / np.trace(residual) ** 2
        np.testing.assert_allclose(row, slow, rtol=1e-9)


def test_a_penalty_for_each_target(data):
    x, y, axes = data
    centred = y - y.mean(0)
    together = ridge.ridge(axes, centred, ALPHAS)
    for t, alpha in enumerate(ALPHAS):
        alone = ridge.ridge(axes, centred[:, [t]], alpha)
        np.testing.assert_allclose(together[:, [t]], alone)
    weights = (x - x.mean(0)).T @ (axes.train / np.sqrt(axes.variances)) @ together
    for t, alpha in enumerate(ALPHAS):
        np.testing.assert_allclose(weights[:, t], Ridge(alpha).fit(x, y[:, t]).coef_, atol=1e-9)


def test_the_best_penalty_for_each_target_or_for_all():
    losses = np.array([[3.0, 1.0], [1.0, 4.0], [2.0, 2.0]])
    alphas = np.array([1.0, 10.0, 100.0])
    assert ridge.best_alphas(losses, alphas, True).tolist() == [10.0, 1.0]
    assert ridge.best_alphas(losses, alphas, False).tolist() == [1.0, 1.0]
