import numpy as np
import pytest
from sklearn.covariance import LedoitWolf, ShrunkCovariance
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from isocortex.numerics.pairs.shrinkage import (
    ledoit_wolf,
    standardized_ledoit_wolf,
    towards_diagonal,
    towards_identity,
)

toolbox = pytest.importorskip("rsatoolbox.data.noise")


@pytest.fixture
def residuals(rng):
    x = rng.normal(size=(40, 7)) @ rng.normal(size=(7, 7))
    return x - x.mean(0)


def test_ledoit_wolf_equals_scikit_learn(residuals):
    oracle = LedoitWolf(assume_centered=True).fit(residuals)
    covariance, amount = ledoit_wolf(residuals)
    np.testing.assert_allclose(covariance, oracle.covariance_, rtol=1e-12)
    np.testing.assert_allclose(amount, oracle.shrinkage_, rtol=1e-12)


def test_padding_with_zeros_changes_nothing(residuals):
    padded = np.concatenate([residuals, np.zeros((5, 7))])[None]
    covariance, _ = ledoit_wolf(padded, np.array([40]))
    np.testing.assert_allclose(covariance[0], ledoit_wolf(residuals)[0])


def test_fixed_shrinkage_equals_scikit_learn(residuals):
    oracle = ShrunkCovariance(shrinkage=0.3).fit(residuals)
    got = towards_identity(residuals.T @ residuals / 40, 0.3)
    np.testing.assert_allclose(got, oracle.covariance_)


def test_standardized_shrinkage_is_that_of_the_discriminant(rng):
    x = np.concatenate([rng.normal(size=(20, 5)), rng.normal(size=(20, 5)) + 1]) * [1, 2, 3, 4, 9]
    y = np.repeat([0, 1], 20)
    oracle = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(x, y)
    rows = np.stack([x[y == c] - x[y == c].mean(0) for c in (0, 1)])
    covariance = standardized_ledoit_wolf(rows, np.array([20, 20])).mean(0)
    np.testing.assert_allclose(covariance, oracle.covariance_)


def test_diagonal_shrinkage_equals_a_loop_and_rsatoolbox(residuals):
    n, p = residuals.shape
    covariance, amount = towards_diagonal(residuals)
    z = residuals / residuals.std(0, ddof=1)
    above = below = 0.0
    for i in range(p):
        for j in range(p):
            if i != j:
                products = z[:, i] * z[:, j]
                r = products.sum() / (n - 1)
                above += n / (n - 1) ** 2 * ((products**2).sum() / (n - 1) - r**2)
                below += r**2
    np.testing.assert_allclose(amount, above / below)
    oracle = toolbox.cov_from_residuals(residuals, method="shrinkage_diag", dof=n - 1)
    np.testing.assert_allclose(covariance, oracle)
