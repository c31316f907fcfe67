from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic


@pytest.fixture(scope="module")
def oracle():
    return np.load(Path(__file__).parents[1] / "data" / "kamitani" / "oracle.npz")


def test_targets_of_any_shape_equal_fastl2lir(oracle):
    x, y = oracle["X"], oracle["Y"]
    model = ic.SelectiveRidge(20, 5.0).fit(x, y.reshape(40, 3, 2, 2))
    assert model.intercept_.shape == (3, 2, 2)
    np.testing.assert_allclose(model.intercept_, oracle["shape:b"][0], atol=1e-9)
    weights = oracle["shape:W"].reshape(60, 12)
    np.testing.assert_allclose(model.coef_.toarray().T, weights, atol=1e-9)
    np.testing.assert_allclose(model.predict(x), oracle["shape:p"], atol=1e-9)
    one = ic.SelectiveRidge(20, 5.0).fit(x, y[:, 0])
    np.testing.assert_allclose(one.predict(x), oracle["select:p"][:, 0], atol=1e-9)


@pytest.mark.parametrize(
    ("name", "k", "units"), [("select", 20, 60), ("all", None, 60), ("tall", None, 20)]
)
def test_predictions_equal_fastl2lir(name, k, units, oracle):
    x, alpha = oracle["X"][:, :units], 0.5 if name == "tall" else 5.0
    found = ic.SelectiveRidge(k, alpha).fit(x, oracle["Y"]).predict(x)
    np.testing.assert_allclose(found, oracle[f"{name}:p"], atol=1e-9)


def test_float32_is_near_fastl2lir_in_float32(oracle):
    x, y = oracle["X"].astype("f4"), oracle["Y"].astype("f4")
    model = ic.SelectiveRidge(20, 5.0).fit(x, y)
    np.testing.assert_allclose(model.coef_.toarray().T, oracle["f32:W"], atol=1e-4)
    same = model.coef_.toarray().T != 0
    np.testing.assert_array_equal(same, oracle["f32:W"] != 0)


def test_centred_data_with_all_units_equal_scikit_learn(rng):
    x, y = rng.normal(size=(40, 12)), rng.normal(size=(40, 3))
    x, y = x - x.mean(0), y - y.mean(0)
    ours = ic.SelectiveRidge(None, 3.0).fit(x, y)
    np.testing.assert_allclose(ours.coef_.toarray(), Ridge(3.0).fit(x, y).coef_, atol=1e-12)
    np.testing.assert_allclose(ours.intercept_, 0, atol=1e-12)


def test_it_is_a_scikit_learn_estimator(rng):
    x, y = rng.normal(size=(40, 30)), rng.normal(size=(40, 3))
    model = ic.SelectiveRidge(n_features=5, alpha=2.0)
    assert clone(model).get_params() == {"n_features": 5, "alpha": 2.0}
    piped = make_pipeline(StandardScaler(), model)
    assert cross_val_predict(piped, x, y, cv=3).shape == (40, 3)
    assert not hasattr(model, "coef_")
    fitted = model.fit(x, y)
    assert fitted.selected_.shape == (3, 5)
    assert (np.diff(fitted.selected_) > 0).all()
    np.testing.assert_array_equal(fitted.coef_.indices.reshape(3, 5), fitted.selected_)
    assert -1 < fitted.score(x, y) < 1


def test_decode_with_fixed_sets_and_repeats(rng):
    images = [f"i{i}" for i in range(40)]
    z = rng.normal(size=(40, 4))
    units = ic.Responses(z @ rng.normal(size=(4, 7)), images, labels={"layer": "conv1"})
    order = np.repeat(np.arange(40), 4)
    values = z[order] @ rng.normal(size=(4, 30)) + 0.5 * rng.normal(size=(160, 30))
    trials = ic.Trials(values, [images[i] for i in order], labels={"region": "V1"})
    model = ic.SelectiveRidge(10, 10.0)
    scores = ic.decode(trials, units, model, folds=ic.FixedSets(images[:30], images[30:]))
    train = order < 30
    means = np.array([values[order == i].mean(0) for i in range(30, 40)])
    predicted = model.fit(values[train], units.numpy()[order[train]]).predict(means)
    expected = [
        np.corrcoef(a, b)[0, 1] for a, b in zip(predicted.T, units.numpy()[30:].T, strict=True)
    ]
    np.testing.assert_allclose(scores.values.ravel(), expected, atol=1e-9)
    assert min(expected) > 0.8


def test_encode_reads_a_layer_that_is_not_in_memory(rng, tmp_path):
    images = [f"i{i}" for i in range(24)]
    x = ic.Responses(rng.normal(size=(24, 90)).astype("f4"), images, labels={"layer": "a"})
    ic.write_features({"a": x}, tmp_path)
    voxels = ic.Responses(x.numpy()[:, :5] + rng.normal(size=(24, 5)), images)
    model = ic.SelectiveRidge(20, 5.0)
    found = ic.encode(ic.read_features(tmp_path)["a"], voxels, model, folds=3).values
    expected = ic.encode(x, voxels, model, folds=3).values
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("arguments", "x", "y", "words"),
    [
        ({"n_features": 0}, (9, 4), (9, 2), "n_features=0 must be a whole number from 1"),
        ({"n_features": 2.5}, (9, 4), (9, 2), "n_features=2.5 must be"),
        ({"alpha": -1.0}, (9, 4), (9, 2), "alpha=-1.0 must be a finite number from 0"),
        ({"alpha": np.nan}, (9, 4), (9, 2), "alpha=nan must be"),
        ({}, (9, 4), (8, 2), r"X has 9 samples but y has shape \(8, 2\)"),
        ({}, (9, 4, 2), (9, 2), r"shape \(n_samples, n_units\), not \(9, 4, 2\)"),
        ({}, (9, 0), (9, 2), "X has no units"),
        ({}, (1, 4), (1, 2), "at least 2 samples"),
    ],
)
def test_what_cannot_be_fitted_is_a_sentence(arguments, x, y, words):
    with pytest.raises(ic.InputError, match=words):
        ic.SelectiveRidge(**arguments).fit(np.ones(x), np.ones(y))


def test_nan_is_a_sentence_and_spoils_nothing(rng):
    x, y = rng.normal(size=(9, 4)), rng.normal(size=(9, 2))
    x[3, 2] = np.nan
    with pytest.raises(ic.InputError, match="1 of 4 columns of X hold NaN.*column 2.*every target"):
        ic.SelectiveRidge(2).fit(x, y)
    y[0, 1] = np.inf
    with pytest.raises(ic.InputError, match="1 of 2 columns of y hold NaN"):
        ic.SelectiveRidge(2).fit(np.nan_to_num(x), y)
    with pytest.raises(ic.InputError, match="must be real numbers"):
        ic.SelectiveRidge(2).fit(np.array([["a"] * 4] * 9), np.ones((9, 1)))
    with pytest.raises(ic.InputError, match="sample_weight leaves 0 rows"):
        ic.SelectiveRidge(2).fit(np.ones((9, 4)), np.ones(9), sample_weight=np.zeros(9))


def test_predicting_what_was_not_fitted_is_a_sentence(rng):
    with pytest.raises(ic.InputError, match="not fitted yet"):
        ic.SelectiveRidge().predict(np.ones((3, 4)))
    model = ic.SelectiveRidge(2).fit(rng.normal(size=(9, 4)), rng.normal(size=9))
    with pytest.raises(ic.InputError, match="fitted on 4 units, but X has 5"):
        model.predict(np.ones((3, 5)))
