import numpy as np
import pytest
from scipy.optimize import minimize

from isocortex.numerics.linear.stacking import simplex_weights, stacked_weights

Y = np.array([1.0, 2, 3, 4, 2])[:, None]
P = np.array([[1.0, 1, 3, 3, 2], [0, 2, 2, 5, 3], [2, 2, 2, 4, 1]])[:, :, None]


def test_numbers_that_were_worked_out_by_hand():
    np.testing.assert_allclose(stacked_weights(Y, P[:2]), [[0.625, 0.375]], atol=1e-12)
    np.testing.assert_allclose(stacked_weights(Y, P), [[0.416667, 0.305556, 0.277778]], atol=1e-6)
    two = np.array([[2.0, -1], [-1, 4]])
    assert np.array([0.625, 0.375]) @ two @ [0.625, 0.375] / 5 == pytest.approx(0.175)


def test_two_predictions_have_a_closed_form(rng):
    y, p = rng.normal(size=(20, 50)), rng.normal(size=(2, 20, 50))
    p[0] += y * rng.random(50)
    d = p[0] - p[1]
    first = np.clip((d * (y - p[1])).sum(0) / (d**2).sum(0), 0, 1)
    np.testing.assert_allclose(stacked_weights(y, p), np.stack([first, 1 - first], 1), atol=1e-12)


@pytest.mark.parametrize("k", [2, 3, 5])
def test_no_general_solver_finds_less(k, rng):
    x = rng.normal(size=(12, k, 9)) + rng.normal(size=(12, 1, 9)) * rng.random((12, 1, 1)) * 2
    q = x @ x.transpose(0, 2, 1)
    for w, each in zip(simplex_weights(q), q, strict=True):
        assert w.min() >= 0
        assert w.sum() == pytest.approx(1, abs=1e-12)
        found = minimize(
            lambda v, m=each: v @ m @ v,
            np.full(k, 1 / k),
            jac=lambda v, m=each: 2 * m @ v,
            bounds=[(0, 1)] * k,
            constraints={"type": "eq", "fun": lambda v: v.sum() - 1},
            method="SLSQP",
            options={"ftol": 1e-15, "maxiter": 500},
        )
        assert w @ each @ w <= found.fun * (1 + 1e-9)


def test_predictions_that_are_the_same_or_perfect_do_no_harm():
    same = np.repeat(P[:1], 3, 0)
    weights = stacked_weights(Y, same)
    assert weights.sum() == pytest.approx(1)
    perfect = np.concatenate([P[:1], Y[None], P[1:2]])
    np.testing.assert_allclose(stacked_weights(Y, perfect), [[0, 1, 0]], atol=1e-12)
    np.testing.assert_allclose(simplex_weights(np.zeros((1, 2, 2))).sum(1), 1)
