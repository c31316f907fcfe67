import numpy as np
from sklearn.linear_model import Ridge

from isocortex.numerics.linear.banded import (
    Choice,
    choose_bands,
    dual_weights,
    mix,
    predict_bands,
    random_mixtures,
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
    assert found.mixture.tolist() == (best // len(ALPHAS)).tolist()
    assert found.alpha.tolist() == ALPHAS[best % len(ALPHAS)].tolist()


def test_predictions_and_weights_are_those_of_ridge_on_scaled_bands(rng):
    bands, y = made(rng)
    new = [rng.normal(size=(5, 8)), rng.normal(size=(5, 15))]
    choice = Choice(np.array([3, 1, 0]), np.array([5.0, 0.5, 50.0]))
    within = [b @ b.T for b in bands]
    across = [a @ b.T for a, b in zip(new, bands, strict=True)]
    predicted = predict_bands(within, across, y, MIXTURES, choice)
    dual = dual_weights(within, y, MIXTURES, choice)
    for target in range(3):
        shares = MIXTURES[choice.mixture[target]]
        model = Ridge(choice.alpha[target]).fit(scaled(bands, shares), y[:, target])
        expected = model.predict(scaled(new, shares))
        np.testing.assert_allclose(predicted[:, target], expected, atol=1e-9)
        coef = scaled(bands, shares).T @ dual[:, target]
        np.testing.assert_allclose(coef, model.coef_, atol=1e-9)


def test_mixtures_are_shares_with_each_band_alone_and_all_alike(rng):
    found = random_mixtures(20, 3, rng)
    np.testing.assert_allclose(found.sum(1), 1)
    np.testing.assert_allclose(found[:4], [[1 / 3] * 3, [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert len(random_mixtures(2, 3, rng)) == 2


def test_a_band_without_a_share_is_not_looked_at():
    grams = [np.eye(2), np.full((2, 2), np.nan)]
    np.testing.assert_array_equal(mix(grams, np.array([2.0, 0.0])), 2 * np.eye(2))
