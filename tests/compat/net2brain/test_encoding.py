"""Encoding of folders: Net2Brain's arithmetic where it is right, and what differs where not."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.decomposition import IncrementalPCA
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, ShuffleSplit, train_test_split
from sklearn.preprocessing import StandardScaler

import isocortex as ic
from isocortex.compat.net2brain.evaluations.encoding import (
    Linear_Encoding,
    Ridge_Encoding,
    linear_encoding,
)
from isocortex.compat.net2brain.evaluations.results import Encoded
from isocortex.compat.net2brain.evaluations.statistics import t_test

N = 40
NAMES = [f"image_{i:02d}" for i in range(N)]
COLUMNS = ["ROI", "Layer", "Model", "R", "%R2", "Significance", "SEM", "LNC", "UNC"]


@pytest.fixture
def study(tmp_path, rng):
    """Two layers of 40 images, and two regions that follow the first layer."""
    layers = {
        "features.0": rng.normal(size=(N, 1, 6, 5, 2)) * np.linspace(0.1, 4, 60).reshape(6, 5, 2),
        "fc": rng.normal(size=(N, 1, 7)) + 3,
    }
    x = layers["features.0"].reshape(N, -1)
    voxels = {
        "V1": x @ rng.normal(size=(60, 5)) / 4 + rng.normal(size=(N, 5)),
        "IT": x[:, :8] @ rng.normal(size=(8, 4)) + rng.normal(size=(N, 4)),
    }
    for name in ("features", "fmri"):
        (tmp_path / name).mkdir()
    for i, name in enumerate(NAMES):
        np.savez(tmp_path / "features" / f"{name}.npz", **{k: v[i] for k, v in layers.items()})
    for name, each in voxels.items():
        np.save(tmp_path / "fmri" / f"{name}.npy", each)
    return tmp_path, {k: v.reshape(N, -1) for k, v in layers.items()}, voxels


def split(fold, seed=42, share=0.8):
    return train_test_split(range(N), train_size=share, random_state=seed + fold, shuffle=True)


def by_components(n, batch):
    def predict(train, test, y):
        pca = IncrementalPCA(n_components=n, batch_size=batch)
        for start in range(0, len(train), batch):
            pca.partial_fit(train[start : start + batch])
        return LinearRegression().fit(pca.transform(train), y).predict(pca.transform(test))

    return predict


def by_ridge(train, test, y):
    scaler = StandardScaler().fit(train)
    train, test = scaler.transform(train), scaler.transform(test)
    half, _, y_half, _ = train_test_split(train, y, test_size=0.5, random_state=1)
    grid = {"alpha": np.logspace(-2, 2, 5)}
    inner = ShuffleSplit(n_splits=5, test_size=0.2, random_state=1)
    best = GridSearchCV(Ridge(), grid, cv=inner).fit(half, y_half).best_params_
    return Ridge(**best).fit(train, y).predict(test)


def r_of(predict, x, y, fold, **how):
    train, test = split(fold, **how)
    predicted = predict(x[train], x[test], y[train])
    return [stats.pearsonr(predicted[:, v], y[test, v])[0] for v in range(y.shape[1])]


FUNCTIONS = {
    # One batch, so that incremental components are exact.
    "linear": (Linear_Encoding, by_components(6, 32)),
    "ridge": (Ridge_Encoding, by_ridge),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_scores_are_those_of_the_original(study, name):
    folder, layers, voxels = study
    function, predict = FUNCTIONS[name]
    found = function(
        str(folder / "features"), str(folder / "fmri"), "AlexNet",
        n_components=6, save_path=str(folder / "out"),
    )  # fmt: skip
    assert list(found.columns) == COLUMNS
    assert [*zip(found["Layer"], found["ROI"], strict=True)] == [
        ("features.0", "IT"), ("features.0", "V1"), ("fc", "IT"), ("fc", "V1"),
    ]  # fmt: skip
    assert found[["%R2", "LNC", "UNC"]].isna().all(axis=None)
    for row in found.to_dict("records"):
        x, y = layers[row["Layer"]], voxels[row["ROI"]]
        means = [np.mean(r_of(predict, x, y, fold)) for fold in range(3)]
        np.testing.assert_allclose(row["R"], np.mean(means), atol=1e-9)
        np.testing.assert_allclose(row["SEM"], stats.sem(means), atol=1e-9)
        t = np.mean(means) / np.sqrt((1 / 3 + 8 / 32) * np.var(means, ddof=1))
        np.testing.assert_allclose(row["Significance"], 2 * stats.t.sf(abs(t), 2), rtol=1e-6)


def test_components_are_exact_where_those_of_batches_are_not(study):
    folder, layers, voxels = study
    found = Linear_Encoding(
        folder / "features", folder / "fmri" / "V1.npy", "m",
        n_components=6, batch_size=8, layer_skips=("fc",), save_path=folder / "out",
    )  # fmt: skip
    x, y = layers["features.0"], voxels["V1"]
    exact, batches = (
        np.mean([r_of(by_components(6, size), x, y, fold) for fold in range(3)]) for size in (32, 8)
    )
    np.testing.assert_allclose(found["R"], exact, atol=1e-9)
    assert abs(exact - batches) > 1e-4


def test_p_counts_the_stimuli_that_splits_share(rng):
    """Unrelated data: the plain t test over splits finds something up to three times too often."""
    plain, corrected = [], []
    folds = [split(fold) for fold in range(8)]
    for _ in range(400):
        x = np.column_stack([rng.normal(size=(N, 5)), np.ones(N)])
        y, splits = rng.normal(size=(N, 6)), []
        for train, test in folds:
            both = x[test] @ np.linalg.lstsq(x[train], y[train])[0], y[test]
            a, b = (each - each.mean(0) for each in both)
            splits.append((a * b).sum(0) / np.sqrt((a**2).sum(0) * (b**2).sum(0)))
        table = Encoded({("layer", "V1"): splits}, 8 / 32).table("m")
        corrected.append(table["Significance"][0])
        plain.append(t_test(np.array([s.mean() for s in splits])))
    assert np.mean(np.array(corrected) < 0.05) < 0.09
    assert np.mean(np.array(plain) < 0.05) > 0.13


def test_a_single_split_has_no_p_and_its_error_is_over_voxels(study):
    folder, layers, voxels = study
    found = Linear_Encoding(
        folder / "features", [folder / "fmri" / "V1.npy"], "m", 30, 1, 5,
        random_state=7, save_path=folder / "out",
    )  # fmt: skip
    r = r_of(by_components(5, 40), layers["fc"], voxels["V1"], 0, seed=7, share=30)
    np.testing.assert_allclose(found["R"][1], np.mean(r), atol=1e-9)
    np.testing.assert_allclose(found["SEM"][1], stats.sem(r), atol=1e-9)
    assert np.isnan(found["Significance"][1])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_rdms_of_predictions(study, name):
    folder, layers, voxels = study
    function, predict = FUNCTIONS[name]
    found = function(
        folder / "features", folder / "fmri", "AlexNet",
        n_components=6, veRSA=True, return_correlations=True, save_path=folder / "out",
    )  # fmt: skip
    expected = []
    for fold in range(3):
        train, test = split(fold)
        predicted = predict(layers["fc"][train], layers["fc"][test], voxels["V1"][train])
        both = [1 - np.corrcoef(each) for each in (predicted, voxels["V1"][test])]
        at = np.triu_indices(len(test), 1)
        expected.append(stats.spearmanr(both[0][at], both[1][at])[0])
    np.testing.assert_allclose(found["R"].iloc[-1], np.mean(expected), atol=1e-9)
    assert (folder / "out" / "AlexNet_veRSA.csv").is_file()
    assert not (folder / "out" / "AlexNet_veRSA_correlations.npy").exists()


def test_files_are_those_of_the_original(study):
    folder, layers, voxels = study
    found = Linear_Encoding(
        folder / "features", folder / "fmri", "AlexNet", n_components=6,
        return_correlations=True, save_path=folder / "out", file_name="first",
    )  # fmt: skip
    read = pd.read_csv(folder / "out" / "first.csv")
    pd.testing.assert_frame_equal(read, found, check_dtype=False)
    as_array = np.load(folder / "out" / "first.npy", allow_pickle=True)
    assert as_array[0, :3].tolist() == ["IT", "features.0", "AlexNet"]
    held = np.load(folder / "out" / "first_correlations.npy", allow_pickle=True).item()
    expected = r_of(by_components(6, 40), layers["fc"], voxels["V1"], 2)
    np.testing.assert_allclose(held[2]["fc"]["V1"], expected, atol=1e-9)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_kept_models_predict_what_was_scored(study, name):
    folder, layers, voxels = study
    function, predict = FUNCTIONS[name]
    arguments = folder / "features", folder / "fmri", "AlexNet"
    how = {"n_components": 6, "save_model": True, "save_path": folder / "out"}
    first = function(*arguments, **how)
    model = ic.read(folder / "out" / "AlexNet" / "fold_1" / "features.0" / "V1.npz")
    train, test = split(1)
    x = layers["features.0"]
    expected = predict(x[train], x[test], voxels["V1"][train])
    np.testing.assert_allclose(model.predict(x[test]), expected, atol=1e-8)
    again = function(*arguments, **how)
    pd.testing.assert_frame_equal(first, again)


def test_layers_over_all_regions(study):
    folder, *_ = study
    arguments = folder / "features", folder / "fmri", "m"
    each = Linear_Encoding(*arguments, n_components=6, save_path=folder / "out")
    found = Linear_Encoding(
        *arguments, n_components=6, average_across_layers=True, save_path=folder / "out"
    )
    assert list(found.columns) == ["Layer", "R", "%R2", "Significance", "SEM", "LNC", "UNC"]
    r = each.loc[each["Layer"] == "fc", "R"]
    row = found.iloc[1]
    assert row["Layer"] == "fc"
    expected = (r.mean(), stats.ttest_1samp(r, 0).pvalue, stats.sem(r))
    np.testing.assert_allclose(row[["R", "Significance", "SEM"]].astype(float), expected)


def test_consolidated_features_and_sequences(study, rng):
    folder, layers, _ = study
    whole = {name: layers["fc"][i][None] for i, name in enumerate(NAMES)}
    (folder / "whole").mkdir()
    np.savez(folder / "whole" / "consolidated_fc.npz", **whole)
    how = {"n_components": 6, "save_path": folder / "out"}
    one = Linear_Encoding(folder / "whole", folder / "fmri", "m", **how)
    other = Linear_Encoding(folder / "features", folder / "fmri", "m", **how)
    np.testing.assert_allclose(one["R"], other["R"][2:], atol=1e-12)
    (folder / "text").mkdir()
    for i, name in enumerate(NAMES):
        tokens = layers["fc"][i] + rng.normal(size=(1, 3 + i % 4, 7))
        np.savez(folder / "text" / f"{name}.npz", layer=tokens)
    means = [Linear_Encoding(folder / "text", folder / "fmri", "m", **how, **each)
             for each in ({"pooling": "mean"}, {"avg_across_feat": True})]  # fmt: skip
    pd.testing.assert_frame_equal(*means)
    with pytest.raises(ic.InputError, match="Choose pooling='mean'"):
        Linear_Encoding(folder / "text", folder / "fmri", "m", **how)


def test_rows_without_names_are_asked_for_where_names_sort_in_two_ways(study):
    folder, layers, _ = study
    names = [f"image_{i}" for i in range(1, N + 1)]
    (folder / "numbers").mkdir()
    for i, name in enumerate(names):
        np.savez(folder / "numbers" / f"{name}.npz", fc=layers["fc"][i])
    arguments = folder / "numbers", folder / "fmri", "m"
    how = {"n_components": 6, "save_path": folder / "out"}
    with pytest.raises(ic.InputError, match=r"row 1 may be 'image_2' \(as numbers\) or 'image_10'"):
        Linear_Encoding(*arguments, **how)
    said = Linear_Encoding(*arguments, **how, stimuli=names)
    truth = Linear_Encoding(folder / "features", folder / "fmri", "m", **how)
    np.testing.assert_allclose(said["R"], truth["R"][2:], atol=1e-12)
    as_text = Linear_Encoding(*arguments, **how, stimuli=sorted(names))
    assert abs(as_text["R"] - said["R"]).max() > 1e-3
    with pytest.raises(ic.MisalignedError, match="image_0"):
        Linear_Encoding(*arguments, **how, stimuli=["image_0", *names[1:]])


def test_flat_voxels_and_too_many_components_are_told(study):
    folder, _, voxels = study
    some = voxels["V1"].copy()
    some[:, 0] = 2.0
    np.save(folder / "fmri" / "V1.npy", some)
    how = {"save_path": folder / "out", "layer_skips": ["fc"]}
    with pytest.warns(ic.IsocortexWarning, match=r"left out of means: 1 of V1"):
        found = Linear_Encoding(folder / "features", folder / "fmri", "m", n_components=6, **how)
    np.save(folder / "fmri" / "V1.npy", some[:, 1:])
    rest = Linear_Encoding(folder / "features", folder / "fmri", "m", n_components=6, **how)
    np.testing.assert_allclose(found["R"], rest["R"], atol=1e-12)
    with pytest.warns(ic.IsocortexWarning, match="n_components=100, but 32 training stimuli"):
        Linear_Encoding(folder / "features", folder / "fmri", "m", **how)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Ridge_Encoding(folder / "features", folder / "fmri", "m", **how)


def test_the_old_name_is_told(study):
    folder, *_ = study
    with pytest.warns(DeprecationWarning, match="Linear_Encoding"):
        linear_encoding(
            folder / "features", folder / "fmri", "m", n_components=5, save_path=folder / "out"
        )


def test_says_what_is_wrong(study, rng):
    folder, _, voxels = study
    arguments = folder / "features", folder / "fmri"
    how = {"n_components": 5, "save_path": folder / "out"}
    with pytest.raises(ic.InputError, match="cannot be the name of a file"):
        Linear_Encoding(*arguments, "../outside", **how)
    with pytest.raises(ic.InputError, match="leaves no layer"):
        Ridge_Encoding(*arguments, "m", layer_skips=("fc", "features.0"), **how)
    with pytest.raises(ic.NotFoundError, match=r"no \.npy file"):
        Linear_Encoding(folder / "features", folder / "features", "m", **how)
    np.save(folder / "fmri" / "V2.npy", voxels["V1"][:-1])
    with pytest.raises(ic.InputError, match="'V2' has 39 rows, but .* 40 stimuli"):
        Linear_Encoding(*arguments, "m", **how)
    for held, words in (
        (rng.random(N), r"of \(40,\)"),
        (np.full((N, 3), np.nan), "infinite numbers in 3 voxels"),
        (np.array([{"run": "me"}]), "Python objects"),
    ):
        np.save(folder / "fmri" / "V2.npy", held, allow_pickle=True)
        with pytest.raises(ic.FormatError, match=words):
            Linear_Encoding(*arguments, "m", **how)
    assert not (folder / "out").exists()
    assert json.dumps(sorted(p.name for p in folder.iterdir())) == '["features", "fmri"]'
