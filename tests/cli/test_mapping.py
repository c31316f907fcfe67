"""encode, decode and probe on the command line."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic
from isocortex.cli.probe import _chance

N = 60
NAMES = [f"img{i:02}" for i in range(N)]


@pytest.fixture
def files(rng, tmp_path):
    """A layer, voxels of two regions that follow from it, and what the images show."""
    layer = ic.Responses(
        rng.normal(size=(N, 6)), NAMES, labels={"layer": "conv1"}, table={"kind": ["a", "b"] * 30}
    )
    voxels = layer.numpy() @ rng.normal(size=(6, 4)) + 0.5 * rng.normal(size=(N, 4))
    units = {"region": ["V1", "V1", "IT", "IT"]}
    recording = ic.Responses(voxels, NAMES, units=units, labels={"subject": 1})
    ic.save(layer, tmp_path / "layer.npz")
    ic.save(recording.take(rng.permutation(N)), tmp_path / "voxels.npz")
    kinds = pd.DataFrame({"stimulus": NAMES, "kind": np.where(layer.numpy()[:, 0] > 0, "a", "b")})
    kinds["size"] = layer.numpy()[:, 1]
    kinds.sample(frac=1, random_state=0).to_csv(tmp_path / "labels.csv", index=False)
    return layer, recording, kinds


def rows_of(out):
    return json.loads(out)["tables"][0]["rows"]


def test_encode_is_what_scikit_learn_gives_for_each_region(command, files, tmp_path):
    layer, recording, _ = files
    code, out, err = command(
        *("encode", tmp_path / "layer.npz", tmp_path / "voxels.npz", "--alphas", 2.5),
        *("--folds", 5, "--json", "--into", tmp_path / "scores.csv"),
    )
    assert code == 0, err
    expected = np.zeros((5, 4))
    for i, (train, test) in enumerate(KFold(5).split(layer.numpy())):
        model = Ridge(2.5).fit(layer.numpy()[train], recording.numpy()[train])
        predicted, measured = model.predict(layer.numpy()[test]), recording.numpy()[test]
        expected[i] = [
            np.corrcoef(*pair)[0, 1] for pair in zip(predicted.T, measured.T, strict=True)
        ]
    means = expected.mean(0)
    found = {row["region"]: row for row in rows_of(out)}
    assert found["V1"]["pearson"] == pytest.approx(means[:2].mean(), abs=1e-9)
    assert found["IT"]["pearson"] == pytest.approx(means[2:].mean(), abs=1e-9)
    assert found["IT"]["highest"] == pytest.approx(means[2:].max(), abs=1e-9)
    assert {row["layer"] for row in found.values()} == {"conv1"}
    assert pd.read_csv(tmp_path / "scores.csv")["score"].mean() == pytest.approx(expected.mean())


def test_decode_is_that_of_the_verb(command, files, tmp_path):
    layer, _, _ = files
    code, out, err = command(
        *("decode", tmp_path / "voxels.npz", tmp_path / "layer.npz", "--model", "pls"),
        *("--n-components", 3, "--pooled", "--permutations", 50, "--seed", 1),
        *("--folds", 4, "--into", tmp_path / "s.npz", "--figure", tmp_path / "s.png"),
    )
    assert code == 0, err
    given = ic.read(tmp_path / "voxels.npz")
    asked = ic.Permutation(50, 1)
    expected = ic.decode(given, layer, ic.PLS(3), folds=4, pooled=True, permutations=asked)
    found = ic.read(tmp_path / "s.npz")
    np.testing.assert_array_equal(found.values, expected.values)
    np.testing.assert_array_equal(found.columns["p"], expected.columns["p"])
    assert f"{expected.values.mean():.3f}" in out
    assert "p_fdr < .05" in out
    assert (tmp_path / "s.png").exists()


def test_probe_is_what_scikit_learn_gives(command, files, tmp_path):
    layer, _, kinds = files
    code, out, err = command(
        *("probe", tmp_path / "layer.npz", tmp_path / "labels.csv", "--column", "kind"),
        *("--folds", 5, "--shuffle", "--seed", 3, "--json"),
    )
    assert code == 0, err
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    folds = StratifiedKFold(5, shuffle=True, random_state=3)
    expected = cross_val_score(model, layer.numpy(), kinds["kind"], cv=folds).mean()
    assert rows_of(out)[0]["accuracy"] == pytest.approx(expected)
    assert expected > 0.8


def test_probe_reads_numbers_and_columns_of_what_was_extracted(command, files, tmp_path):
    asked = ("probe", tmp_path / "layer.npz")
    code, out, _ = command(
        *asked, tmp_path / "labels.csv", "--column", "size", "--model", "ridge", "--json"
    )
    assert code == 0
    assert rows_of(out)[0]["pearson"] > 0.99
    code, out, err = command(*asked, "kind", "--model", "lda", "--json")
    assert code == 0, err
    assert rows_of(out)[0]["accuracy"] < 0.75


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            ("encode", "layer.npz", "voxels.npz", "--into", "s.zarr"),
            "must end in .csv, .parquet or",
        ),
        (("encode", "layer.npz", "voxels.npz", "--figure", "s.txt"), "must end in .png, .pdf"),
        (("encode", "layer.npz", "voxels.npz", "--model", "pls"), "pls needs --n-components"),
        (("encode", "layer.npz", "voxels.npz", "--n-components", 3), "ridge does not take"),
        (("encode", "layer.npz", "voxels.npz", "--model", "ols", "--alphas", 1), "are of ridge"),
        (("encode", "layer.npz", "voxels.npz", "--layers", "a"), "choose from a store"),
        (("encode", "layer.npz", "voxels.npz", "--mask", "m.nii"), "is for images of a brain"),
        (("encode", "layer.npz", "betas.nii.gz"), "--stimuli names.txt says which"),
        (("decode", "voxels.npz", "none.npz"), "There is no file or folder"),
        (("probe", "layer.npz", "labels.csv"), "has 2 columns of labels; say which by --column"),
        (("probe", "layer.npz", "labels.csv", "--column", "kid"), "Did you mean 'kind'?"),
        (("probe", "layer.npz", "kidn"), "Did you mean 'kind'?"),
        (("probe", "layer.npz", "kind", "--column", "kind"), "chooses from a file of labels"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(command, files, tmp_path, monkeypatch, more, words):
    monkeypatch.chdir(tmp_path)
    code, out, err = command(*more)
    assert code in (1, 2)
    assert out == ""
    assert words in err
    assert len(err.splitlines()) == 1


def test_a_stimulus_without_a_label_is_missed_by_name(command, files, tmp_path):
    table = pd.read_csv(tmp_path / "labels.csv").drop(columns="size")
    table.loc[table["stimulus"] == "img07", "kind"] = None
    table.to_csv(tmp_path / "gap.csv", index=False)
    code, _, err = command("probe", tmp_path / "layer.npz", tmp_path / "gap.csv")
    assert code in (1, 2)
    assert "img07" in err


@pytest.mark.parametrize("wrong", ["encode", "decode"])
def test_layers_in_the_place_of_the_recording_are_refused(command, files, tmp_path, wrong):
    paths = [tmp_path / "voxels.npz", tmp_path / "layer.npz"]
    first, second = paths if wrong == "encode" else paths[::-1]
    code, out, err = command(wrong, first, second)
    assert (code, out) == (2, "")
    assert "were they given in each other's place?" in err
    assert f"isocortex {wrong} {second} {first};" in err
    assert command(wrong, second, first, "--folds", 2, "--model", "ols")[0] == 0


def test_a_layer_from_a_layer_is_no_mistake(command, files, tmp_path):
    layer = tmp_path / "layer.npz"
    for name in ("encode", "decode"):
        assert command(name, layer, layer, "--folds", 2, "--model", "ols")[0] == 0


@pytest.mark.parametrize(
    ("metric", "chance"),
    [("accuracy", 0.75), ("balanced_accuracy", 0.5), ("roc_auc", 0.5), ("r2", None)],
)
def test_the_figure_of_classes_shows_chance(metric, chance):
    assert _chance(metric, ["a", "a", "a", "b"]) == chance
