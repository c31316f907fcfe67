import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from isocortex.numerics.pairs.lda_pairs_singular import eliminate, singular


@pytest.mark.parametrize(("m", "n_units"), [(6, 10), (6, 13), (9, 20)])
def test_decisions_are_those_of_the_svd_solver(m, n_units, rng):
    a, b = rng.normal(size=(2, 4, m, n_units))
    d_a, d_b = (x - x.mean(1, keepdims=True) for x in (a, b))
    scatter = np.swapaxes(d_a, 1, 2) @ d_a + np.swapaxes(d_b, 1, 2) @ d_b
    (of_a, of_b), sure = singular(scatter, b.mean(1) - a.mean(1), d_a, d_b)
    assert sure.mean() > 0.5
    for i in np.nonzero(sure)[0]:
        for k in range(m):
            train = np.concatenate([np.delete(a[i], k, 0), np.delete(b[i], k, 0)])
            model = LinearDiscriminantAnalysis().fit(train, np.repeat([0, 1], m - 1))
            assert (of_a[i, k] > 0) == model.predict(a[i, [k]])[0]
            assert (of_b[i, k] > 0) == model.predict(b[i, [k]])[0]


def test_repeated_trials_are_not_sure(rng):
    a, b = rng.normal(size=(2, 1, 6, 12))
    a[0, 1] = a[0, 0]
    d_a, d_b = (x - x.mean(1, keepdims=True) for x in (a, b))
    scatter = np.swapaxes(d_a, 1, 2) @ d_a + np.swapaxes(d_b, 1, 2) @ d_b
    assert not singular(scatter, b.mean(1) - a.mean(1), d_a, d_b)[1].any()


def test_elimination_solves_stacks_of_systems(rng):
    root = rng.normal(size=(5, 4, 7))
    matrices = np.einsum("ikn,jkn->ijn", root[:4], root[:4]) + np.eye(4)[..., None]
    right = rng.normal(size=(4, 3, 7))
    expected = np.linalg.solve(matrices.transpose(2, 0, 1), right.transpose(2, 0, 1))
    got = eliminate(matrices.copy(), right.copy())
    np.testing.assert_allclose(got.transpose(2, 0, 1), expected)
