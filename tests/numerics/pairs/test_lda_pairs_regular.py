import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from isocortex.numerics.pairs.discriminant import lda_accuracy
from isocortex.numerics.pairs.lda_pairs_regular import shrunken, without_one
from isocortex.numerics.pairs.leave_pair_out import leave_pair_out


def test_the_least_share_left_is_the_smallest_eigenvalue_of_what_is_left(rng):
    m, p = 9, 5
    a, b = (rng.normal(size=(m, p)) * [1, 1, 1, 1, 0.1] for _ in range(2))
    d_a, d_b, delta = a - a.mean(0), b - b.mean(0), b.mean(0) - a.mean(0)
    scatter = d_a.T @ d_a + d_b.T @ d_b
    f, g = m / (m - 1), 1 / (m - 1)
    values, axes = np.linalg.eigh(scatter)
    x_a, x_b, x_d = (each @ axes / np.sqrt(values) for each in (d_a, d_b, delta))
    products = (x_a**2).sum(1)[None], (x_b**2).sum(1)[None], (x_a * x_b).sum(1)[None]
    along = (x_a @ x_d)[None], (x_b @ x_d)[None], (x_d @ x_d)[None, None]
    _, _, least = without_one(products, along, f, g)
    for k in range(m):
        left = np.eye(p) - f * np.outer(x_a[k], x_a[k]) - f * np.outer(x_b[k], x_b[k])
        assert least[0, k] == pytest.approx(np.linalg.eigvalsh(left)[0])


def one_trial_alone_varies(rng, size):
    """Unit 5 varies in one trial of the first condition, and hardly in any other of two."""
    values = rng.normal(size=(1, 3, 20, 17))
    values[0, :2, :, 5] *= size
    values[0, 0, 3, 5] = 1
    return values


@pytest.mark.parametrize(("size", "near"), [(1e-2, False), (1e-4, True), (1e-5, True)])
def test_a_fold_that_is_near_singular_where_the_pair_is_not_is_left_to_the_plain_solver(
    rng, size, near
):
    _, unsure = leave_pair_out(one_trial_alone_varies(rng, size))
    assert unsure[0].tolist() == [near, False, False]


@pytest.mark.parametrize("size", [1e-2, 1e-4, 1e-5])
def test_near_singular_folds_are_decided_as_scikit_learn_decides_them(rng, size):
    values = one_trial_alone_varies(rng, size)
    trials = values[0, :2].transpose(1, 0, 2).reshape(1, 40, 17)
    side, fold = np.tile([0, 1], 20), np.repeat(np.arange(20), 2)
    right = 0.0
    for f in range(20):
        model = LinearDiscriminantAnalysis().fit(trials[0, fold != f], side[fold != f])
        right += model.score(trials[0, fold == f], side[fold == f]) / 20
    assert lda_accuracy(trials, side, fold)[0, 0] == pytest.approx(right)


@pytest.mark.parametrize(("shrinkage", "enough"), [(0.1, True), (1e-13, False)])
def test_a_fold_that_shrinkage_hardly_makes_regular_is_left_to_the_plain_solver(
    rng, shrinkage, enough
):
    x = one_trial_alone_varies(rng, 1e-8)[0]
    d_a, d_b = (side - side.mean(0) for side in x[:2])
    scatter = d_a.T @ d_a + d_b.T @ d_b
    delta = 100 * rng.normal(size=(1, 17))  # Far apart, so that no decision is near zero.
    _, sure = shrunken(scatter[None], delta, d_a[None], d_b[None], shrinkage)
    assert sure.tolist() == [enough]
