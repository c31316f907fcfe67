"""What the library says in Python, the command line says in its options."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import isocortex as ic
from isocortex.cli._speech import in_options

OPTIONS = {
    name: f"--{name.replace('_', '-')}"
    for name in (
        "pooled",
        "overwrite",
        "weights",
        "method",
        "folds",
        "alphas",
        "samples",
        "n_units",
    )
}


@pytest.mark.parametrize(
    ("python", "shell"),
    [
        ("one score of all: pooled=True.", "one score of all: --pooled."),
        ("take OLS, or pooled=False.", "take OLS, or no --pooled."),
        ("with overwrite=True: what is", "with --overwrite: what is"),
        ("Give weights= the path, or weights=None.", "Give --weights the path, or --weights none."),
        ("use method='gradient' or 'x'", "use --method gradient or 'x'"),
        ("folds=5 and alphas=[1, 2.5], or folds=…", "--folds 5 and --alphas 1 2.5, or --folds"),
        ("n=10; n_units=3.", "--samples 10; --n-units 3."),
        ("method='rigde' is not known.", "--method rigde is not known."),
        ("Or pass a function: f. Or pass a function.", "Or pass a function: f."),
        ("Name the column of files with file=…", "Call the column of files 'file'."),
    ],
)
def test_arguments_become_options(python, shell):
    assert in_options(python, OPTIONS) == shell


@pytest.mark.parametrize(
    "text",
    [
        "no row has subject='1'",
        "'a/pooled=True/b.npz' is not there",
        "ic.save(ic.Responses(array, folds=names), 'x.npz')",
        "`isocortex x folds=3`",
        "kind='x' and x.pooled=True",
    ],
)
def test_all_else_stays(text):
    assert in_options(text, OPTIONS) == text


@pytest.fixture
def folder(rng, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "imgs").mkdir()
    for name in "ab":
        pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "imgs" / f"{name}.png")
    pd.DataFrame({"stimulus": ["a", "b"], "kind": ["x", "y"]}).to_csv("labels.csv", index=False)
    names = [f"s{i}" for i in range(12)]
    for name in ("layer", "voxels"):
        ic.save(ic.Responses(rng.normal(size=(12, 3)), names), f"{name}.npz")
    return tmp_path


@pytest.mark.filterwarnings("always::isocortex.errors.SmallFoldsWarning")
def test_warnings_and_errors_name_options_of_the_command(command, folder):
    asked = ("encode", "layer.npz", "voxels.npz", "--model", "ols", "--folds", 3)
    assert "of all held-out predictions together: --pooled." in command(*asked)[2]
    err = command("rdm", "layer.npz", "--into", "r.npz", "--dissimilarity", "corelation")[2]
    assert "--dissimilarity corelation is not known. Did you mean 'correlation'?" in err
    err = command("extract", "orientation_cnn", "labels.csv", "--into", "s.zarr")[2]
    assert "Call the column of files 'file'." in err


def test_another_pooling_is_called_as_it_was_given(command, folder):
    asked = ("extract", "orientation_cnn", "imgs", "--layers", "fc", "--into", "s.zarr")
    assert command(*asked)[0] == 0
    err = command(*asked, "--pooling", "max")[2]
    assert "now 'max'" in err
    assert "or with --overwrite to replace it" in err


EARLY = [
    (("info", "nope/"), "There is no file or folder 'nope'."),
    (("info", "./nope"), "There is no file or folder 'nope'."),
    (("saliency", "alexnet", "nope.png", "conv5", "1", "--figure", "s.png"), "no image 'nope.png'"),
    (("rf", "../alexnet"), "There is no file or folder '../alexnet'"),
    (("optimize", "alexnet", "conv1", "1", "--into", "o.png", "--weights", "w.pth"), "'w.pth'"),
    (("ablate", "a/b/c", "conv1", "1", "--into", "o.safetensors"), "no name of a network"),
    (("extract", "alexnet", "nope", "--into", "s.zarr"), "'nope'"),
    (("extract", "nope/", "imgs", "--into", "s.zarr"), "no file or folder 'nope/'"),
    (
        ("train", "alexnet", "imgs", "--labels", "x", "--into", "t.safetensors"),
        "'imgs' has no column 'x' of labels. It has: none, since it is no table.",
    ),
    (("study", "plan", "nope.toml"), "There is no study file 'nope.toml'"),
]


@pytest.mark.parametrize(("words", "said"), EARLY)
def test_what_is_not_there_is_told_before_a_network_is_loaded(
    command, folder, monkeypatch, words, said
):
    for name in ("load_network", "plan"):
        monkeypatch.setattr(ic, name, None)
    code, out, err = command(*words)
    assert code in (1, 2)
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1
