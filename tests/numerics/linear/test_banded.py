import numpy as np
from sklearn.linear_model import Ridge

from isocortex.numerics.linear.band_refined import weighted_losses
from isocortex.numerics.linear.banded import (
    Choice,
    choose_bands,
    dual_weights,
    mix,
    predict_bands,
)

ALPHAS = np.array([0.5, 5.0, 50.0])
MIXTURES = np.array([[0.5, 0.5], [1.0, 0.0], [0.0, 1.0], [0.9, 0.1]])


def made(rng, n=30):
    bands = [rng.normal(size=(n, 8)), rng.normal(size=(n, 15))]
    bands = [band - band.mean(0) for band in bands]
    y = bands[0] @ rng.normal(size=(8, 3)) + rng.normal(size=(n, 3))
    y[:, 2] = bands[1] @ rng.normal(size=15) + rng.normal(size=n)
    return bands, y - y.mean(0)


def scaled(bands, shares):
    """Features whose ordinary ridge is the banded one."""
    return np.hstack([band * share**0.5 for band, share in zip(bands, shares, strict=True)])


def test_the_choice_is_that_of_a_loop_over_mixtures_penalties_and_folds(rng):
    bands, y = made(rng)
    rows = np.arange(len(y))
    folds = [(rows[rows % 3 != f], rows[rows % 3 == f]) for f in range(3)]
    losses = np.zeros((len(MIXTURES), len(ALPHAS), 3))
    for m, shares in enumerate(MIXTURES):
        x = scaled(bands, shares)
        for a, alpha in enumerate(ALPHAS):
            for train, test in folds:
                guess = Ridge(alpha).fit(x[train], y[train]).predict(x[test])
                losses[m, a] += ((y[test] - guess) ** 2).mean(0)
    best = losses.reshape(-1, 3).argmin(0)
    found = choose_bands([b @ b.T for b in bands], y, MIXTURES, ALPHAS, folds)
    assert found.shares.tolist() == MIXTURES[best // len(ALPHAS)].tolist()
    assert found.alpha.tolist() == ALPHAS[best % len(ALPHAS)].tolist()
    np.testing.assert_allclose(found.loss, losses.min((0, 1)) / 3)
    again = weighted_losses([b @ b.T for b in bands], y, found.weights, folds)
    np.testing.assert_allclose(again, found.loss)


def test_predictions_and_weights_are_those_of_ridge_on_scaled_bands(rng):
    bands, y = made(rng)
    new = [rng.normal(size=(5, 8)), rng.normal(size=(5, 15))]
    choice = Choice(MIXTURES[[3, 1, 0]], np.array([5.0, 0.5, 50.0]), np.zeros(3))
    within = [b @ b.T for b in bands]
    across = [a @ b.T for a, b in zip(new, bands, strict=True)]
    dual = dual_weights(within, y, choice.weights)
    parts = predict_bands(across, dual, choice.weights)
    for target in range(3):
        shares = choice.shares[target]
        model = Ridge(choice.alpha[target]).fit(scaled(bands, shares), y[:, target])
        expected = model.predict(scaled(new, shares))
        np.testing.assert_allclose(parts[:, :, target].sum(0), expected, atol=1e-9)
        coef = scaled(bands, shares).T @ dual[:, target] / choice.alpha[target]
        np.testing.assert_allclose(coef, model.coef_, atol=1e-9)
        mine = (new[1] * shares[1] ** 0.5) @ model.coef_[8:]
        np.testing.assert_allclose(parts[1, :, target], mine, atol=1e-9)


def test_a_band_of_weight_zero_predicts_nothing_whatever_its_gram(rng):
    across = [np.ones((2, 4)), np.full((2, 4), np.nan)]
    parts = predict_bands(across, rng.normal(size=(4, 3)), np.array([[1.0, 0.0]] * 3))
    np.testing.assert_array_equal(parts[1], 0)


def test_a_band_without_a_share_is_not_looked_at():
    grams = [np.eye(2), np.full((2, 2), np.nan)]
    np.testing.assert_array_equal(mix(grams, np.array([2.0, 0.0])), 2 * np.eye(2))
