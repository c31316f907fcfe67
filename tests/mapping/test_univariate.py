import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold, cross_val_score

import isocortex as ic


def test_equals_a_loop_over_units_and_targets(arrays, pair):
    x, y = arrays
    scores = ic.encode(*pair, ic.Univariate(), folds=5, accuracy="r2")
    for f, (train, test) in enumerate(KFold(5).split(x)):
        for t in range(y.shape[1]):
            r = [abs(np.corrcoef(column, y[train, t])[0, 1]) for column in x[train].T]
            best = int(np.argmax(r))
            fitted = LinearRegression().fit(x[train][:, [best]], y[train, t])
            assert scores.columns["chosen"][0, f, t] == best
            slow = fitted.score(x[test][:, [best]], y[test, t])
            assert scores.values[0, f, t] == pytest.approx(slow, abs=1e-8)
    assert scores.tables["layer"]["solver"].tolist() == ["primal"]
    assert "biased" not in scores.notes


def test_selection_on_the_test_stimuli_is_the_ancestors_maximum(arrays, pair):
    (x, y), (features, recording) = arrays, pair
    x, y = x[:, :20], y[:, :2]
    features, recording = (
        features.units_where(np.arange(x.shape[1])),
        recording.units_where(np.arange(2)),
    )
    model = ic.Univariate(select="test")
    scores = ic.encode(features, recording, model, folds=5, accuracy="r2")
    for t in range(2):
        every = [
            cross_val_score(LinearRegression(), x[:, [j]], y[:, t], cv=5, scoring="r2")
            for j in range(x.shape[1])
        ]
        best = int(np.argmax(np.mean(every, axis=1)))
        np.testing.assert_allclose(scores.values[0, :, t], every[best], atol=1e-8)
        assert (scores.columns["chosen"][0, :, t] == best).all()
    assert "too high by selection" in scores.notes["biased"]


def test_the_honest_choice_is_unbiased_and_the_other_is_not(rng):
    features = ic.Responses(rng.normal(size=(60, 200)))
    noise = ic.Responses(rng.normal(size=(60, 50)))
    honest = ic.encode(features, noise, ic.Univariate(), folds=5).values.mean()
    biased = ic.encode(features, noise, ic.Univariate("test"), folds=5).values.mean()
    assert abs(honest) < 0.06
    assert biased > 0.2


def test_decoding_and_other_orders(pair):
    features, recording = pair
    scores = ic.decode(recording, features, ic.Univariate(), folds=5)
    assert scores.columns["chosen"].max() < recording.n_units
    again = ic.encode(features, recording.take(np.arange(45)[::-1]), ic.Univariate(), folds=5)
    np.testing.assert_allclose(
        again.values, ic.encode(features, recording, ic.Univariate(), folds=5).values
    )


def test_is_an_estimator(arrays):
    x, y = arrays
    model = clone(ic.Univariate()).fit(x, y)
    assert model.predict(x).shape == y.shape
    best = np.abs(np.corrcoef(x.T, y.T)[: x.shape[1], x.shape[1] :]).argmax(0)
    assert model.unit_.tolist() == best.tolist()
    slow = LinearRegression().fit(x[:, [best[0]]], y[:, 0]).predict(x[:, [best[0]]])
    np.testing.assert_allclose(clone(model).fit(x, y[:, 0]).predict(x), slow)


def test_selection_on_the_test_stimuli_knows_three_accuracies(pair):
    def mine(y, p):
        return (y - p).mean(0)

    with pytest.raises(ic.InputError, match="pearson, r2 or explained_variance, not by mine"):
        ic.encode(*pair, ic.Univariate("test"), folds=5, accuracy=mine)
