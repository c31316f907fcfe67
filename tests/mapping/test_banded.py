import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic

ALPHAS = np.logspace(0, 3, 4)
MIXTURES = [[0.5, 0.5], [0.9, 0.1], [0.0, 1.0]]


@pytest.fixture
def bands(rng):
    first, second = rng.normal(size=(40, 60)), rng.normal(size=(40, 9)) * 3
    y = first[:, :5] @ rng.normal(size=(5, 4)) * [0, 1, 2, 3] + second[:, :4] * [2, 1, 1, 0]
    y = y + rng.normal(size=y.shape)
    return first, second, y


def slow(x, y, train, test):
    """Every mixture and penalty by refitting on scaled columns, for each target."""
    predicted = np.empty((len(test), y.shape[1]))
    for t in range(y.shape[1]):
        losses = {}
        for shares in MIXTURES:
            scaled = np.concatenate(
                [np.sqrt(g) * part for g, part in zip(shares, x, strict=True)], 1
            )
            for alpha in ALPHAS:
                errors = []
                for fit, held in KFold(3).split(train):
                    a, b = train[fit], train[held]
                    guess = Ridge(alpha).fit(scaled[a], y[a, t]).predict(scaled[b])
                    errors.append(((guess - y[b, t]) ** 2).mean())
                losses[np.mean(errors)] = scaled, alpha
        scaled, alpha = losses[min(losses)]
        predicted[:, t] = Ridge(alpha).fit(scaled[train], y[train, t]).predict(scaled[test])
    return predicted


def test_equals_refitting_every_mixture(bands):
    first, second, y = bands
    layers = [ic.Responses(x, labels={"layer": n}) for x, n in ((first, "a"), (second, "b"))]
    model = ic.BandedRidge(ALPHAS, mixtures=MIXTURES, inner=3)
    scores = ic.encode(layers, ic.Responses(y), model, folds=4)
    for f, (train, test) in enumerate(KFold(4).split(y)):
        predicted = slow((first, second), y, train, test)
        loop = [np.corrcoef(predicted[:, t], y[test, t])[0, 1] for t in range(4)]
        np.testing.assert_allclose(scores.values[0, f], loop, atol=1e-8)
    assert scores.tables["layer"]["layer"].tolist() == ["a + b"]
    assert scores.tables["layer"]["solver"].tolist() == ["dual"]
    grams = ic.encode([ic.gram(layer) for layer in layers], ic.Responses(y), model, folds=4)
    np.testing.assert_allclose(grams.values, scores.values, atol=1e-9)


def test_is_an_estimator_over_joined_columns(bands):
    first, second, y = bands
    joined = np.column_stack([first, second])
    train, test = np.arange(30), np.arange(30, 40)
    model = ic.BandedRidge(ALPHAS, bands=[60, 9], mixtures=MIXTURES, inner=3)
    fitted = clone(model).fit(joined[train], y[train])
    np.testing.assert_allclose(
        fitted.predict(joined[test]), slow((first, second), y, train, test), atol=1e-8
    )
    assert fitted.shares_.shape == (4, 2)
    single = clone(model).fit(joined[train], y[train, 1])
    np.testing.assert_allclose(single.predict(joined[test]), fitted.predict(joined[test])[:, 1])
    with pytest.raises(ic.InputError, match="add up to 70 columns, but X has 69"):
        ic.BandedRidge(1.0, bands=[60, 10]).fit(joined, y)


def test_random_shares_find_the_band_that_matters(bands):
    first, second, y = bands
    joined = np.column_stack([first, second])
    fitted = ic.BandedRidge(np.logspace(-2, 4, 7), bands=[60, 9], seed=1).fit(joined, y)
    assert fitted.shares_[0, 1] > 0.5 > fitted.shares_[3, 1]
    again = ic.BandedRidge(np.logspace(-2, 4, 7), bands=[60, 9], seed=1).fit(joined, y)
    np.testing.assert_array_equal(fitted.coef_, again.coef_)


def test_one_band_alone_is_ridge(bands):
    first, _, y = bands
    features, recording = ic.Responses(first), ic.Responses(y)
    banded = ic.encode(features, recording, ic.BandedRidge(ALPHAS, mixtures=1), folds=4)
    plain = ic.encode(features, recording, ic.Ridge(ALPHAS), folds=4)
    np.testing.assert_allclose(banded.values, plain.values, atol=1e-9)


def test_bad_input_is_answered_with_a_sentence(bands):
    first, second, y = bands
    layers, recording = [ic.Responses(first), ic.Responses(second)], ic.Responses(y)
    with pytest.raises(ic.InputError, match="of 2 bands"):
        ic.encode(layers, recording, ic.BandedRidge(ALPHAS, mixtures=[[1.0]]))
    grams = [ic.gram(layer) for layer in layers]
    with pytest.raises(ic.InputError, match="needs the features themselves"):
        ic.encode(grams, recording, ic.BandedRidge(ALPHAS), keep_model=True)
    with pytest.raises(ic.InputError, match="penalties above 0"):
        ic.encode(layers, recording, ic.BandedRidge([-1.0]))


@pytest.mark.parametrize("model", [ic.BandedRidge(ALPHAS), ic.Stacked(ic.Ridge(ALPHAS))])
def test_a_pipeline_would_part_the_spaces_and_is_refused(bands, model):
    layers, recording = [ic.Responses(each) for each in bands[:2]], ic.Responses(bands[2])
    with pytest.raises(ic.InputError, match=r"each of 2 feature spaces alone.*standardize\(space"):
        ic.encode(layers, recording, make_pipeline(StandardScaler(), model))


@pytest.mark.parametrize("model", [ic.BandedRidge, ic.Stacked])
@pytest.mark.parametrize("groups", [[0] * 4 + [1] * 4 + [2] * 4, [0, 12], list("aabb"), [6.5, 5.5]])
def test_labels_of_columns_are_no_widths(rng, model, groups):
    X, y = rng.normal(size=(20, 12)), rng.normal(size=(20, 2))
    made = model([1.0], bands=groups) if model is ic.BandedRidge else model(ic.Ridge(1.0), groups)
    with pytest.raises(ic.InputError, match=r"must be numbers of columns above 0.*numpy\.bincount"):
        made.fit(X, y)
