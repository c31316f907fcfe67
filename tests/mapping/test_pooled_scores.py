"""One score for each unit from all held-out predictions: right, and 0 where nothing is learnt."""

import warnings

import numpy as np
import pytest
from scipy.io import loadmat
from scipy.stats import rankdata
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, LeaveOneOut
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic
from isocortex.errors import SmallFoldsWarning
from isocortex.mapping.permutation import Rows, null_of
from isocortex.numerics.measures.pooled import POOLED

MODELS = {
    "OLS": ic.OLS(),
    "PCR": ic.PCR(3),
    "Ridge": ic.Ridge(1e4),
    "chosen": ic.Ridge([1.0, 1e2, 1e4, 1e6], inner="gcv"),
    "PLS": ic.PLS(2),
    "Univariate": ic.Univariate(),
}


def slowly(y, predicted, means, fitted, folds):
    """The definition, one unit after another."""
    scores = []
    for unit in range(y.shape[1]):
        a = np.concatenate(
            [y[test, unit] - m[unit] for (_, test), m in zip(folds, means, strict=True)]
        )
        b = [p[:, unit] - m[unit] for p, m in zip(predicted, means, strict=True)]
        v = [f[:, unit].var() for f in fitted]
        ratio = sum((q**2).sum() for q in b) / sum(len(q) * w for q, w in zip(b, v, strict=True))
        scaled = np.concatenate(
            [
                q / np.sqrt(((q**2).sum() + 2 * ratio * w) / (len(q) + 2))
                for q, w in zip(b, v, strict=True)
            ]
        )  # fmt: skip
        r = a @ scaled / np.sqrt((a @ a) * (scaled @ scaled))
        ranks = np.corrcoef(rankdata(a), rankdata(scaled))[0, 1]
        wrong = a - np.concatenate(b)
        scores.append((r, r * abs(r), 1 - wrong @ wrong / (a @ a), ranks))
    names = ("pearson", "r2", "explained_variance", "spearman")
    return dict(zip(names, np.transpose(scores), strict=True))


@pytest.mark.parametrize("model", [ic.Ridge(9.0), ic.PLS(3), KNeighborsRegressor(3), Ridge(9.0)])
def test_equals_the_definition(model, arrays, pair):
    x, y = arrays
    folds = list(KFold(9).split(x))
    theirs = Ridge(9.0) if isinstance(model, ic.Ridge) else model
    predicted, fitted = [], []
    for train, test in folds:
        one = theirs.fit(x[train], y[train])
        predicted.append(one.predict(x[test]))
        fitted.append(one.predict(x[train]))
    expected = slowly(y, predicted, [y[train].mean(0) for train, _ in folds], fitted, folds)
    features, _ = pair
    recording = ic.Responses(y)
    for name, right in expected.items():
        scores = ic.encode(features, recording, model, folds=9, accuracy=name, pooled=True)
        assert scores.dims == ("layer", "unit")
        np.testing.assert_allclose(scores.values[0], right, atol=1e-7, err_msg=name)
    mirror = ic.decode(features, recording, model, folds=9, pooled=True)
    np.testing.assert_allclose(mirror.values[0], expected["pearson"], atol=1e-7)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("n", "p"), [(100, 50), (60, 130), (60, 5)])
def test_the_mean_under_the_null_is_zero(name, n, p, rng):
    for accuracy in ("pearson", "r2", "spearman"):
        means = []
        for _ in range(5):
            x = ic.Responses(rng.normal(size=(n, p)) + 2)
            y = ic.Responses(rng.normal(size=(n, 300)) + 5)
            found = ic.encode(x, y, MODELS[name], accuracy=accuracy, pooled=True)
            means.append(found.values.mean())
        # Units share the features of a draw, so that draws, not units, are the sample.
        assert abs(np.mean(means)) < 0.01 + 2 * np.std(means) / np.sqrt(5), accuracy


def test_raw_predictions_correlate_negatively_where_nothing_is_learnt(rng):
    x, y = ic.Responses(rng.normal(size=(60, 40))), ic.Responses(rng.normal(size=(60, 300)))
    raw = ic.encode(x, y, ic.Ridge(1e5), accuracy=correlation, pooled=True)
    assert raw.values.mean() < -0.2
    assert abs(ic.encode(x, y, ic.Ridge(1e5), pooled=True).values.mean()) < 0.02


def correlation(measured, predicted):
    y, p = measured - measured.mean(0), predicted - predicted.mean(0)
    return (y * p).sum(0) / np.sqrt((y * y).sum(0) * (p * p).sum(0))


def test_the_size_of_folds_changes_little(rng):
    x = rng.normal(size=(200, 8))
    signal = x @ rng.normal(size=(8, 60))
    y = 0.7 * signal / signal.std(0) + np.sqrt(0.51) * rng.normal(size=(200, 60))
    features, recording = ic.Responses(x), ic.Responses(y)
    for folds in (5, 50, 100, LeaveOneOut()):
        r, r2, explained = (
            ic.encode(
                features, recording, ic.OLS(), folds=folds, accuracy=name, pooled=True
            ).values.mean()
            for name in ("pearson", "r2", "explained_variance")
        )
        assert r == pytest.approx(0.69, abs=0.03)
        assert r2 == pytest.approx(0.48, abs=0.04)
        assert explained == pytest.approx(0.47, abs=0.04)
    per_fold = ic.encode(features, recording, ic.OLS(), folds=100).mean("fold").values.mean()
    assert per_fold < 0.55


def test_published_correlations_of_objects81(shared):
    """A correlation over the 81 raw predictions, as it was published; a function gets these."""
    folder = shared / "data" / "objects81"
    data = np.load(folder / "objects81.npz")
    names = [str(name) for name in data["categories"]]
    regions = [str(data["roi_names"][i - 1]) for i in data["roi_index"]]
    recording = ic.Responses(data["betas"].astype(float), names, {"roi": regions})
    spaces = [
        ic.Responses(loadmat(folder / f"{k}.mat")[k].astype(float), names, labels={"layer": k})
        for k in ("alexnet", "word2vec")
    ]
    scores = ic.encode(
        spaces,
        recording,
        make_pipeline(StandardScaler(), Ridge(10)),
        folds=KFold(9, shuffle=True, random_state=0),
        accuracy=correlation,
        pooled=True,
    )
    found = {
        roi: [
            round(scores.select(roi=roi, layer=space).values.mean(), 2)
            for space in ("alexnet", "word2vec")
        ]
        for roi in ("EVC", "PFS", "FFA")
    }
    assert found == {"EVC": [0.54, 0.18], "PFS": [0.19, 0.52], "FFA": [0.24, 0.41]}


@pytest.mark.parametrize("model", [ic.Ridge(9.0), ic.PLS(2), ic.Univariate()])
def test_permutations_are_pooled_too(model, arrays, pair):
    features, recording = pair[0], ic.Responses(arrays[1])
    found = ic.encode(features, recording, model, folds=5, pooled=True, permutations=19)
    assert found.columns["p"].shape == found.values.shape == found.columns["p_max"].shape
    assert (found.columns["p"] >= 1 / 20).all()
    noise = ic.Responses(np.random.default_rng(0).normal(size=(45, 40)))
    null = ic.encode(features, noise, model, folds=5, pooled=True, permutations=39)
    assert 0.3 < null.columns["p"].mean() < 0.7


def test_a_probe_of_numbers_is_pooled_and_one_of_classes_refused(pair):
    from sklearn.linear_model import LogisticRegression

    features, _ = pair
    ratings = features.numpy()[:, 0]
    scores = ic.probe(features, ratings, ic.Ridge(1.0), pooled=True)
    assert scores.dims == ("layer", "unit")
    with pytest.raises(ic.InputError, match="pooled=True is for numbers"):
        ic.probe(features, list("abc") * 15, LogisticRegression(), pooled=True)
    with pytest.raises(ic.InputError, match="could be pooled"):
        ic.encode(*pair, ic.Univariate("test"), pooled=True)


@pytest.mark.parametrize("name", POOLED)
def test_constant_targets_and_predictions_are_nan(name, pair):
    features, recording = pair
    values = recording.numpy().copy()
    values[:, 2] = 7.7
    values[::2, 2] = np.nextafter(7.7, 8)
    values[:, 4] = -1
    with pytest.warns(ic.errors.IsocortexWarning, match=r"2 of 6 .* \(2 are constant throughout"):
        scores = ic.encode(
            features, recording.replace(values=values), ic.Ridge(1.0), accuracy=name, pooled=True
        )
    assert np.isnan(scores.values[0]).tolist() == [False, False, True, False, True, False]
    flat = ic.Responses(np.full((45, 3), 1.1), features.stimuli)
    for pooled in (True, False):
        if name == "explained_variance" or (name == "r2" and not pooled):
            continue
        with pytest.warns(ic.errors.IsocortexWarning, match="predictions of 6 of 6 .* constant"):
            scores = ic.encode(flat, recording, ic.Ridge(1.0), accuracy=name, pooled=pooled)
        assert np.isnan(scores.values).all()


def test_small_folds_are_told_of_once_with_their_number(pair):
    with pytest.warns(SmallFoldsWarning, match=r"smallest test set has 4 .*pooled=True") as caught:
        ic.encode([pair[0], pair[0]], pair[1], ic.Ridge(1.0))
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ic.encode(*pair, ic.Ridge(1.0), pooled=True)
        ic.encode(*pair, ic.Ridge(1.0), folds=4)
        ic.encode(*pair, ic.Ridge(1.0), accuracy=lambda y, p: ((y - p) ** 2).mean(0))


@pytest.mark.parametrize("accuracy", ["pearson", "r2", "explained_variance", "spearman"])
@pytest.mark.parametrize("model", [ic.Ridge(30.0), ic.PCR(3), ic.Ridge([1.0, 1e3])])
def test_p_values_are_those_of_every_permutation_fitted_anew(model, accuracy, rng):
    x, y = rng.normal(size=(40, 12)) + 5, rng.normal(size=(40, 7)) + 1e4
    y[:, :3] += x[:, :3]
    y[:, 5] = 3.0
    features, recording = ic.Responses(x), ic.Responses(y)
    asked = {"folds": 6, "pooled": True, "accuracy": accuracy}
    with pytest.warns(ic.IsocortexWarning, match="1 of 7 targets are constant"):
        found = ic.encode(features, recording, model, permutations=19, **asked)

    null = []
    for order in null_of(ic.Permutation(19), Rows(np.arange(40), None)).orders:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ic.IsocortexWarning)
            null.append(ic.encode(features, ic.Responses(y[order]), model, **asked).values[0])
    null, observed = np.nan_to_num(np.array(null)), found.values[0]
    tied = observed - 1e-9 * np.maximum(np.abs(observed), np.abs(null).max(0))
    p = np.where(np.isnan(observed), np.nan, (1 + (null >= tied).sum(0)) / 20)
    np.testing.assert_allclose(found.columns["p"][0], p, atol=1e-12)
    largest = null[:, np.arange(7) != 5].max(1)
    p_max = (1 + (largest[:, None] >= tied).sum(0)) / 20
    np.testing.assert_allclose(
        found.columns["p_max"][0], np.where(np.isnan(observed), np.nan, p_max), atol=1e-12
    )
