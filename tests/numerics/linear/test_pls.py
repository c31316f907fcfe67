import numpy as np
import pytest
from sklearn.cross_decomposition import PLSRegression

from isocortex.numerics.linear.pls import pls


@pytest.mark.parametrize("n_targets", [1, 5, 90, 250])
def test_equals_ikpls(n_targets, rng):
    ikpls = pytest.importorskip("ikpls.numpy")
    x = rng.normal(size=(40, 70))
    y = x[:, :5] @ rng.normal(size=(5, n_targets)) + rng.normal(size=(40, n_targets))
    x, y = x - x.mean(0), y - y.mean(0)
    new = rng.normal(size=(7, 70))
    model = ikpls.PLS(center_X=False, center_Y=False, scale_X=False, scale_Y=False)
    model.fit(x, y, 6)
    fit = pls(x @ x.T, y, 6)
    expected = model.predict(new, 6)
    np.testing.assert_allclose((new @ x.T) @ fit.dual @ fit.loadings, expected, atol=1e-8)


def test_equals_a_converged_scikit_learn(rng):
    x, y = rng.normal(size=(40, 30)), rng.normal(size=(40, 8))
    y += x[:, :8] * np.arange(8)
    x, y = x - x.mean(0), y - y.mean(0)
    fit = pls(x @ x.T, y, 5)
    slow = PLSRegression(5, scale=False, tol=1e-15, max_iter=100_000).fit(x, y)
    found = (x @ x.T) @ fit.dual @ fit.loadings
    np.testing.assert_allclose(found, slow.predict(x), atol=1e-5)


def test_scores_are_orthonormal_and_the_whole_rank_is_least_squares(rng):
    x, y = rng.normal(size=(30, 6)), rng.normal(size=(30, 4))
    x, y = x - x.mean(0), y - y.mean(0)
    fit = pls(x @ x.T, y, 6)
    scores = x @ x.T @ fit.dual
    np.testing.assert_allclose(scores.T @ scores, np.eye(6), atol=1e-10)
    np.testing.assert_allclose(
        scores @ fit.loadings, x @ np.linalg.lstsq(x, y, rcond=None)[0], atol=1e-9
    )


def test_stops_when_the_targets_are_spent(rng):
    x = rng.normal(size=(30, 6))
    x -= x.mean(0)
    fit = pls(x @ x.T, (x @ rng.normal(size=(6, 1))), 20)
    assert fit.dual.shape[1] <= 7
    none = pls(x @ x.T, np.zeros((30, 2)), 3)
    assert none.dual.shape == (30, 0)
    assert none.loadings.shape == (0, 2)
