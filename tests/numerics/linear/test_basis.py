import numpy as np
import pytest
from sklearn.decomposition import PCA

from isocortex.numerics.linear import basis


@pytest.fixture(params=[(30, 80), (30, 9)], ids=["wide", "narrow"])
def sets(request, rng):
    n, p = request.param
    x = rng.normal(size=(n, p)) + 1
    order = rng.permutation(n)
    return x, order[:22], order[22:]


def test_both_solvers_give_the_components_of_pca(sets):
    x, train, test = sets
    pca = PCA(5, svd_solver="full").fit(x[train])
    for axes in (
        basis.from_gram(x @ x.T, train, test, 5),
        basis.from_features(x[train], x[test], 5),
    ):
        signs = np.sign((axes.scores * pca.transform(x[train])).sum(0))
        np.testing.assert_allclose(axes.scores * signs, pca.transform(x[train]), atol=1e-10)
        np.testing.assert_allclose(axes.test * signs, pca.transform(x[test]), atol=1e-10)
        np.testing.assert_allclose(axes.variances, pca.explained_variance_ * 21, rtol=1e-10)


def test_all_axes_span_the_rank(sets):
    x, train, test = sets
    rank = min(21, x.shape[1])
    for axes in (basis.from_gram(x @ x.T, train, test), basis.from_features(x[train], x[test])):
        assert axes.train.shape == (22, rank)
        np.testing.assert_allclose(axes.train.T @ axes.train, np.eye(rank), atol=1e-10)
    assert basis.from_gram(x @ x.T, train, test).first(3).test.shape == (8, 3)


def test_the_gram_is_left_as_it_was(sets):
    x, train, test = sets
    gram = x @ x.T
    gram.flags.writeable = False
    basis.from_gram(gram, train, test)
