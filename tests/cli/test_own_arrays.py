"""Arrays of a user's own on the command line: one matrix, one list of names, or a sentence."""

import json
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from scipy.io import savemat

import isocortex as ic
from isocortex.cli._nouns import recording_at
from isocortex.cli._own_arrays import own_responses
from isocortex.cli._subjects import names_of

N = 12
NAMES = [f"img{i:02}" for i in range(N)]
UNITS = [f"v{i}" for i in range(5)]


@pytest.fixture
def values(rng):
    return rng.normal(size=(N, 5))


def frame_of(values):
    return pd.DataFrame(values, pd.Index(NAMES, name="stimulus"), UNITS)


def write_v73(path, values, names):
    """As MATLAB lays it out: columns first, and a cell of references to rows of characters."""
    with h5py.File(path, "w") as file:
        betas = file.create_dataset("betas", data=values.T)
        betas.attrs["MATLAB_class"] = np.bytes_("double")
        hidden = file.create_group("#refs#")
        cells = []
        for i, name in enumerate(names):
            letters = np.array([[ord(c)] for c in name], np.uint16)
            hidden.create_dataset(str(i), data=letters).attrs["MATLAB_class"] = np.bytes_("char")
            cells.append(hidden[str(i)].ref)
        names = file.create_dataset("names", data=np.array([cells], dtype=h5py.ref_dtype))
        names.attrs["MATLAB_class"] = np.bytes_("cell")


WRITERS = {
    "table.csv": lambda path, x: frame_of(x).to_csv(path, float_format="%.17g"),
    "semicolons.csv": lambda path, x: frame_of(x).to_csv(path, sep=";", decimal=","),
    "tabs.tsv": lambda path, x: frame_of(x).to_csv(path, sep="\t"),
    "unnamed_index.csv": lambda path, x: frame_of(x).rename_axis(None).to_csv(path),
    "last_column.csv": lambda path, x: frame_of(x).assign(image=NAMES).to_csv(path, index=False),
    "plain.npz": lambda path, x: np.savez(path, betas=x, names=np.array(NAMES)),
    "packed.npz": lambda path, x: np.savez_compressed(path, stimuli=np.array(NAMES), x=x),
    "cells.mat": lambda path, x: savemat(path, {"b": x, "n": np.array(NAMES, dtype=object)}),
    "letters.mat": lambda path, x: savemat(path, {"b": x, "n": np.array(NAMES)}),
    "v73.mat": lambda path, x: write_v73(path, x, NAMES),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_matrix_and_names_are_the_responses_that_python_makes_of_them(values, tmp_path, name):
    WRITERS[name](tmp_path / name, values)
    found = recording_at(tmp_path / name)
    assert found.stimuli == tuple(NAMES)
    np.testing.assert_allclose(found.numpy(), values, rtol=1e-14)
    if name.endswith(("csv", "tsv")):
        assert found.units["unit"].tolist() == UNITS


@pytest.mark.parametrize("name", ["bare.npy", "bare.npz", "v4.mat", "bare.csv"])
def test_bare_matrices_are_named_by_a_list(values, tmp_path, name):
    path = tmp_path / name
    {
        ".npy": lambda: np.save(path, values),
        ".npz": lambda: np.savez(path, values),
        ".mat": lambda: savemat(path, {"betas": values}, format="4"),
        ".csv": lambda: pd.DataFrame(values, columns=UNITS).to_csv(path, index=False),
    }[path.suffix]()
    (tmp_path / "names.txt").write_text("\n".join(NAMES))
    found = recording_at(path, stimuli=tmp_path / "names.txt")
    assert found.stimuli == tuple(NAMES)
    np.testing.assert_allclose(found.numpy(), values, rtol=1e-14)
    with pytest.raises(
        ic.InputError, match=r"(names its rows|name for each of the 12 rows).*--sti"
    ):
        recording_at(path)
    (tmp_path / "names.txt").write_text("\n".join(NAMES[:-1]))
    with pytest.raises(ic.InputError, match=r"12 .*11|11 .*12"):
        recording_at(path, stimuli=tmp_path / "names.txt")


def test_codes_keep_their_zeros_as_names(tmp_path):
    (tmp_path / "codes.csv").write_text("stimulus,a,b\n007,1,2\n008,3,4.5\n010,5,6\n")
    assert recording_at(tmp_path / "codes.csv").stimuli == ("007", "008", "010")


def test_lists_of_either_side_are_kept_beside(values, tmp_path):
    path = tmp_path / "more.npz"
    kinds, areas = np.array(["a", "b"] * 6), np.array(["V1", "V1", "V2", "V2", "IT"])
    np.savez(path, betas=values, names=np.array(NAMES), kind=kinds, region=areas, r2=np.arange(5.0))
    found = recording_at(path)
    assert found.units["region"].tolist() == areas.tolist()
    assert found.units["r2"].tolist() == [0, 1, 2, 3, 4]
    assert found.table["kind"].tolist() == kinds.tolist()


REFUSED = {
    "two.npz": (
        lambda x: {"a": x, "b": x, "names": np.array(NAMES)},
        r"several matrices \('a', 'b'",
    ),
    "none.npz": (lambda x: {"names": np.array(NAMES)}, "holds no matrix of numbers"),
    "turned.npz": (lambda x: {"a": x.T, "names": np.array(NAMES)}, "but one for each column"),
    "short.npz": (lambda x: {"a": x, "names": np.array(NAMES[1:])}, "no name for each of the 12"),
    "rdm.npz": (lambda x: {"a": np.ones((12, 12)) - np.eye(12), "n": np.array(NAMES)}, "as RDMs"),
    "more.npz": (lambda x: {"a": x, "n": np.array(NAMES), "seed": np.array(3)}, "holds 'seed' bes"),
    "several.npz": (
        lambda x: {"a": x, "kind": np.array(NAMES), "word": np.array(NAMES)},
        "call the one of names 'stimulus'",
    ),
    "objects.npz": (lambda x: {"a": x, "n": np.array(NAMES, dtype=object)}, "pickled objects"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_whatever_leaves_a_choice_is_asked_for(values, tmp_path, name):
    made, words = REFUSED[name]
    np.savez(tmp_path / name, **made(values))
    with pytest.raises(ic.InputError, match=words) as told:
        recording_at(tmp_path / name)
    assert "a column 'stimulus' of names" in str(told.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stimulus,kind,a\nx,cat,1\ny,dog,2\n", "no responses of a unit: 'kind'"),
        ("stimulus,run,a\nx,1,1\ny,2,2\n", "no responses of a unit: 'run'"),
        (",stimulus,a\n0,x,1\n1,y,2\n", "no responses of a unit: 'Unnamed: 0'"),
        ("stimulus\nx\ny\n", "no column of numbers beside 'stimulus'"),
        (",a,b\n0,1,2\n1,3,4\n", "has no column 'stimulus'"),
        ("stimulus,a\nx,1\nx,2\n", "'x'"),
        ("stimulus,a\nx,1\ny,\n", "NaN"),
    ],
)
def test_columns_that_are_no_units_are_told(tmp_path, text, words):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(ic.InputError, match=words):
        recording_at(tmp_path / "t.csv")


def test_what_is_no_array_of_ones_own_goes_to_its_reader(values, rng, tmp_path):
    (tmp_path / "images.csv").write_text("file,a\nx.png,1\n")
    (tmp_path / "words.csv").write_text("word,onset,offset\nAlice,0,1\n")
    ic.save(ic.Responses(values, NAMES), tmp_path / "saved.npz")
    ic.write_rdms(ic.RDMs(rng.random((1, 66)), NAMES), tmp_path / "rdms.npz")
    for name in ("images.csv", "words.csv", "saved.npz", "rdms.npz"):
        assert own_responses(tmp_path / name) is None
    assert recording_at(tmp_path / "saved.npz").stimuli == tuple(NAMES)
    for name, words in (("rdms.npz", "holds RDMs, and not the"), ("words.csv", "holds stimuli")):
        with pytest.raises(ic.InputError, match=words):
            recording_at(tmp_path / name)
    (tmp_path / "names.txt").write_text("a")
    with pytest.raises(ic.InputError, match="names its stimuli itself"):
        recording_at(tmp_path / "saved.npz", stimuli=tmp_path / "names.txt")


@pytest.mark.parametrize("name", ["table.csv", "plain.npz", "cells.mat"])
def test_every_command_of_responses_takes_them(command, values, rng, tmp_path, name):
    WRITERS[name](tmp_path / name, values)
    layer = ic.Responses(rng.normal(size=(N, 3)), NAMES, labels={"layer": "conv1"})
    ic.save(layer, tmp_path / "layer.npz")
    labels = pd.DataFrame({"stimulus": NAMES, "kind": ["a", "b"] * 6})
    labels.to_csv(tmp_path / "labels.csv", index=False)
    own, layer_file = tmp_path / name, tmp_path / "layer.npz"
    plain = ic.Responses(values, NAMES)
    code, out, err = command("encode", layer_file, own, "--folds", 2, "--pooled", "--json")
    assert code == 0, err
    expected = ic.encode(layer, plain, ic.Ridge(10.0 ** np.arange(-3, 6)), folds=2, pooled=True)
    row = json.loads(out)["tables"][0]["rows"][0]
    assert row["pearson"] == pytest.approx(expected.values.mean(), rel=1e-9)
    for words in (
        ("decode", own, layer_file, "--folds", 2, "--pooled"),
        ("probe", own, tmp_path / "labels.csv", "--folds", 2),
        ("similarity", layer_file, own),
        ("rdm", own, "--into", tmp_path / "rdm.npz"),
    ):
        code, _, err = command(*words)
        assert code == 0, err
    expected = ic.rdms(plain, "correlation").values
    np.testing.assert_allclose(ic.read_rdms(tmp_path / "rdm.npz").values, expected, rtol=1e-9)


def test_recordings_of_several_files_are_several_subjects(command, values, rng, tmp_path):
    WRITERS["table.csv"](tmp_path / "anna.csv", values)
    other = ic.Responses(rng.normal(size=(N, 4)), NAMES, labels={"subject": "ben"})
    ic.save(other.take(rng.permutation(N)), tmp_path / "second.npz")
    code, out, err = command(
        *("rdm", tmp_path / "anna.csv", tmp_path / "second.npz", "--into", tmp_path / "r.npz")
    )
    assert code == 0, err
    assert "2 RDMs (correlation) over 12 stimuli" in out
    found = ic.read_rdms(tmp_path / "r.npz")
    assert found.labels["subject"].tolist() == ["anna", "ben"]
    expected = [ic.rdms(ic.Responses(values, NAMES)).values, ic.rdms(other).values]
    np.testing.assert_allclose(found.values, np.concatenate(expected), rtol=1e-9)


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["a.csv", "x/b.nii.gz"], ["a", "b"]),
        (["1/vox.csv", "2/vox.csv"], ["1/vox", "2/vox"]),
        (["vox.csv", "vox.npz"], ["vox.csv", "vox.npz"]),
    ],
)
def test_no_two_subjects_have_one_name(paths, names):
    assert names_of([Path(each) for each in paths]) == names


def test_what_has_no_name_is_called_by_its_file(command, values, rng, tmp_path):
    WRITERS["table.csv"](tmp_path / "vox.csv", values)
    layer = ic.Responses(rng.normal(size=(N, 3)), NAMES, labels={"layer": "conv1"})
    ic.save(layer, tmp_path / "layer.npz")
    assert recording_at(tmp_path / "vox.csv").labels == {"recording": "vox"}
    assert recording_at(tmp_path / "layer.npz").labels == {"layer": "conv1"}
    own, layers = tmp_path / "vox.csv", tmp_path / "layer.npz"
    asked = ("--folds", 2, "--pooled", "--model", "ols", "--json")
    for words, key in ((("encode", layers, own), "recording"), (("decode", own, layers), "region")):
        row = json.loads(command(*words, *asked)[1])["tables"][0]["rows"][0]
        assert row[key] == "vox"
    rows = json.loads(command("similarity", layers, own, "--json")[1])["tables"][0]["rows"]
    assert [row["recording"] for row in rows] == ["vox"]


def test_where_rdms_are_needed_it_is_told_what_makes_them(command, values, tmp_path):
    WRITERS["table.csv"](tmp_path / "vox.csv", values)
    ic.save(ic.Responses(values, NAMES), tmp_path / "vox.npz")
    for name in ("vox.csv", "vox.npz"):
        path = tmp_path / name
        for verb in ("compare", "infer"):
            code, _, err = command(verb, path, path)
            assert code == 1
            assert f"made by `isocortex rdm {path} --into rdms.npz`" in err
