"""Every line of code on the pages for those who come from DNNBrain, Net2Brain and BHscore is run.

Of what a page says, only what a test cannot wait for or reach is replaced: pretrained weights by
random ones, and 100 components by 4.
"""

import importlib
import re
import shlex
import tomllib
from pathlib import Path

import h5py
import nibabel as nib
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from PIL import Image

import isocortex as ic
from isocortex.compat.dnnbrain.dnn.core import Stimulus
from isocortex.compat.net2brain.rdm_creation import LayerRDM

ROOT = Path(__file__).resolve().parents[2]
N = 12
PAGES = ("dnnbrain", "net2brain", "hierarchy")
COMMANDS = {
    name: where.split(":")[0]
    for name, where in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "scripts"
    ].items()
    if ".dnnbrain." in where
}


def code(page, language):
    text = (ROOT / "docs" / f"{page}.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def run_python(text, **names):
    exec(compile(text, "page", "exec"), names)
    plt.close("all")
    return names


def run_command(line):
    name, *flags = shlex.split(line)
    return importlib.import_module(COMMANDS[name]).main(flags)


@pytest.fixture
def study(tmp_path, rng, monkeypatch):
    """Images, betas, a mask, fMRI of voxels and RDMs of brains, where the pages look for them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DNNBRAIN_DATA", str(tmp_path / "nothing"))
    for folder in ("stimuli", "fmri", "brain_RDM"):
        (tmp_path / folder).mkdir()
    names = [f"{i:02d}.png" for i in range(N)]
    for name in names:
        pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "stimuli" / name)
    stim = {"stimID": names, "label": np.tile([1, 2], N // 2), "RT": rng.random(N)}
    Stimulus({"type": "image", "path": "stimuli"}, stim).save("all.stim.csv")
    affine = np.diag([2.0, 2, 2, 1])
    mask = np.zeros((4, 5, 3), np.int16)
    mask[1:3, 1:4] = [[[1], [1], [2]]]
    nib.Nifti1Image(rng.normal(size=(4, 5, 3, N)).astype(np.float32), affine).to_filename(
        "beta.nii.gz"
    )
    nib.Nifti1Image(mask, affine).to_filename("mask.nii.gz")
    np.save("fmri/V1.npy", rng.normal(size=(N, 5)))
    squares = rng.random((3, N, N)) * (1 - np.eye(N))
    np.savez("brain_RDM/fmri_EVC.npz", squares + squares.transpose(0, 2, 1))
    return tmp_path


def dnn_act(line):
    """Without a GPU and without weights, on the small machines that tests run on."""
    return line.replace("-cuda", "-weights none") if line.startswith("dnn_act") else line


def test_the_commands_of_dnnbrain_as_printed(study):
    (block,) = code("dnnbrain", "bash")
    lines = [dnn_act(line).replace("pca 100", "pca 4") for line in block.splitlines()]
    for line in lines:
        assert run_command(line) == 0, line
    with h5py.File("alexnet.act.h5") as file:
        assert {name: file[name].shape for name in file} == {
            "conv1_relu": (N, 64, 55, 55), "conv5_relu": (N, 256, 13, 13),
        }  # fmt: skip
    for name in ("alexnet", "brain"):
        with h5py.File(f"{name}.rdm.h5") as file:
            assert all(file[key].shape[-1] == N * (N - 1) // 2 for key in file)
    assert (study / "scores" / "conv1_relu" / "score.npy").is_file()


REST = """
dnn_mask -act alexnet.act.h5 -layer conv1_relu -chn 1 2 -out few.act.h5
dnn_pool -act few.act.h5 -meth mean -out pooled.act.h5
brain_roi -nif beta.nii.gz -mask mask.nii.gz -out brain.roi.h5
dnn_probe -anal mv -act pooled.act.h5 -stim all.stim.csv -beh RT -model glm -cv 2 -out probe
db_decode -anal mv -act pooled.act.h5 -resp brain.roi.h5 -model glm -cv 2 -out decoded
db_corr -act pooled.act.h5 -resp brain.roi.h5 -out correlated
"""


def test_the_other_commands_of_dnnbrain_that_the_page_names(study):
    line = "dnn_act -net AlexNet -layer conv1_relu -pool max -stim all.stim.csv"
    assert run_command(f"{line} -out alexnet.act.h5 -weights none") == 0
    for line in REST.strip().splitlines():
        assert run_command(line) == 0, line
    (block,) = code("dnnbrain", "bash")
    told = {line.split()[0] for line in (block + REST).splitlines() if line}
    assert told == set(COMMANDS)
    page = (ROOT / "docs" / "dnnbrain.md").read_text()
    assert [name for name in COMMANDS if f"`{name}`" not in page] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_tells_its_flags(name, capsys):
    with pytest.raises(SystemExit) as stop:
        run_command(f"{name} --help")
    assert stop.value.code == 0
    assert {"-out", "--help"} <= set(re.findall(r"(?<![\w-])-{1,2}\w+", capsys.readouterr().out))


def test_the_scripts_of_dnnbrain_as_printed(study):
    names, verbs = code("dnnbrain", "python")
    found = run_python(names)
    assert {"Activation", "AlexNet", "BrainEncoder", "load_brainimg", "imgarray_show"} <= set(found)
    verbs = verbs.replace('load_network("alexnet")', 'load_network("alexnet", weights=None)')
    verbs = verbs.replace("PCR(100), folds=10", "PCR(4), folds=2")
    found = run_python(verbs)
    assert found["scores"].values.shape[:1] == (5,)
    assert nib.load("scores.nii.gz").shape == (4, 5, 3, 5)
    page = (ROOT / "docs" / "dnnbrain.md").read_text()
    (line,) = re.findall(r"`(ic\.read_act_h5\([^`]+\)\))`", page.replace("\n", " "))
    store = found["store"]
    layers = {layer: store[layer] for layer in list(store)[:1]}
    ic.write_act_h5(layers, "a.act.h5")
    read = eval(line, {"ic": ic})
    assert read["conv1_relu"].stimuli == tuple(f"{i:02d}.png" for i in range(N))


def test_the_script_of_net2brain_as_printed(study, rng):
    (block,) = code("net2brain", "python")
    block = block.replace('device="cpu")\nfx', 'device="cpu", pretrained=False)\nfx')
    block = block.replace("n_components=20", "n_components=4")
    labels = np.repeat(np.arange(3), 6)
    found = run_python(block, eeg=rng.normal(size=(18, 4, 2)), labels=labels)
    layers = [f"features.{i}" for i in (0, 3, 6, 8, 10)]
    assert found["table"]["Layer"].tolist() == layers
    pd.testing.assert_frame_equal(
        found["table"], pd.read_csv("results/AlexNet.csv"), check_dtype=False
    )
    assert found["rdm"].shape == (3, 3, 2)
    assert LayerRDM.from_file("AlexNet_RDM/RDM_features_0.npz").data.shape == (N, N)


def test_the_score_of_the_hierarchy_as_printed(rng):
    accuracies, score = code("hierarchy", "python")[::-1]
    train, test = [f"train {i}" for i in range(40)], [f"test {i}" for i in range(12)]
    names = train + test
    layers, regions = {}, []
    for i in range(5):
        x = rng.normal(size=(len(names), 12))
        layers[f"layer{i}"] = ic.Responses(x, names, labels={"layer": f"layer{i}"})
        voxels = x + 0.5 * rng.normal(size=x.shape)
        regions.append(ic.Responses(voxels, names, labels={"region": f"region{i}"}))
    score = score.replace("n_features=500", "n_features=5")
    found = run_python(score, train=train, test=test, layers=layers, regions=regions)
    assert found["estimate"].value > 0.9
    units = {
        f"conv{i + 1}": np.clip(rng.normal(0.2, 0.2, (5, 40)) + 0.5 * np.eye(5)[[i]].T, -0.9, 0.9)
        for i in range(5)
    }
    lines = [line for line in accuracies.splitlines() if line and not line.startswith("#")]
    one, by_subject, people = lines
    found = run_python(f"first = {one}", ic=ic, **units)
    assert found["first"].value > 0.5
    found = run_python(f"{by_subject}\nsecond = {people}", ic=ic, people=[units] * 5)
    assert np.isfinite(found["second"].low)


@pytest.mark.parametrize("page", PAGES)
def test_every_name_of_ours_on_the_page_is_there(page):
    text = (ROOT / "docs" / f"{page}.md").read_text()
    names = set(re.findall(r"\bic\.([a-z_]+(?:\.[a-z_]+)?|[A-Z]\w+(?:\.[a-z_]+)?)\b", text))
    names |= set(re.findall(r"\{(?:func|class)\}`isocortex\.([\w.]+)`", text))

    def there(name):
        found = ic
        for part in name.split("."):
            found = getattr(found, part, None)
        return found is not None

    assert len(names) > 5
    assert sorted(name for name in names if not there(name)) == []
