"""Each example of a command's help runs as it is, in a folder of small files."""

import re
import shlex
import shutil
from collections import OrderedDict
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import nn

import isocortex as ic
from isocortex.cli import COMMANDS, study

N = 50
NAMES = [f"img{i:02}" for i in range(N)]
ELSEWHERE = {"demo", "study", "bh"}
"""Their examples are run by tests of their own."""


def small_network():
    """AlexNet's layers with few channels, and random weights."""
    torch.manual_seed(0)
    sizes = [(3, 4), (4, 4), (4, 101), (101, 4), (4, 101)]
    layers = {}
    for i, (n_in, n_out) in enumerate(sizes, 1):
        layers[f"conv{i}"] = nn.Conv2d(n_in, n_out, 3, stride=2 if i < 3 else 1, padding=1)
        layers[f"relu{i}"] = nn.ReLU()
    return nn.Sequential(OrderedDict(layers))


def examples():
    for name, place in COMMANDS.items():
        module, function = place.split(":")
        found = getattr(import_module(module), function).__doc__ or ""
        for text in re.findall(r"^ {8}(isocortex (?:.*\\\n)*.*)$", found, re.MULTILINE):
            if name not in ELSEWHERE:
                yield pytest.param(text, id=" ".join(shlex.split(text.replace("\\\n", ""))[1:]))


def pictures(rng, folder):
    (folder / "my_images").mkdir()
    for name in NAMES:
        pixels = rng.integers(0, 256, (48, 48, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "my_images" / f"{name}.png")
    Image.fromarray(pixels).save(folder / "cat.jpg")
    table = {
        "file": [f"my_images/{name}.png" for name in NAMES],
        "tilt": ["left", "right"] * 25,
        "category": ["face", "house"] * 25,
    }
    pd.DataFrame(table).to_csv(folder / "stimuli.csv", index=False)
    labels = pd.DataFrame({"stimulus": NAMES, "kind": ["face", "house"] * 25})
    labels.to_csv(folder / "labels.csv", index=False)


def recordings(rng, folder):
    import nibabel as nib

    volumes = nib.Nifti1Image(rng.normal(size=(4, 4, 3, N)), np.diag([3.0, 3, 3, 1]))
    mask = nib.Nifti1Image(np.ones((4, 4, 3), np.int16), volumes.affine)
    for name, image in (("betas", volumes), ("bold", volumes), ("mask", mask)):
        nib.save(image, folder / f"{name}.nii.gz")
    (folder / "names.txt").write_text("\n".join(NAMES))
    ic.save(ic.Responses(rng.normal(size=(N, 5)), NAMES), folder / "voxels.npz")
    for name in ("voxels", "anna", "ben"):
        table = pd.DataFrame(rng.normal(size=(N, 5)), NAMES, [f"v{i}" for i in range(1, 6)])
        table.to_csv(folder / f"{name}.csv", index_label="stimulus")
    brain = ic.RDMs(rng.random((6, N * (N - 1) // 2)), NAMES, {"subject": range(6)})
    ic.write_rdms(brain, folder / "brain.npz")


def epochs(rng, path):
    mne = pytest.importorskip("mne")
    events = np.column_stack([np.arange(12), np.zeros(12, int), [1, 2, 3] * 4])
    made = mne.EpochsArray(
        1e-6 * rng.normal(size=(12, 4, 6)),
        mne.create_info(4, 100.0, "eeg"),
        events,
        event_id={"car": 1, "cat": 2, "dog": 3},
        verbose="error",
    )
    made.save(path, verbose="error")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What the examples take to be there already."""
    rng, made = np.random.default_rng(0), tmp_path_factory.mktemp("examples")
    pictures(rng, made)
    story(made / "alice.TextGrid")
    recordings(rng, made)
    stimuli = ic.Stimuli.from_csv(made / "stimuli.csv")
    network = ic.load_network(small_network(), name="alexnet")
    layers = ["conv1", "conv5"]
    store = ic.extract(network, stimuli, layers, made / "alexnet.zarr", pooling="mean")
    ic.extract(network, stimuli, layers, made / "other.zarr", pooling="max")
    for name in ("rdms", "other_rdms"):
        ic.write_rdms(ic.rdms(store, "correlation"), made / f"{name}.npz")
    ic.save_weights(network, made / "ablated.safetensors")
    return made


def story(path):
    ends = "\n".join(f'{i}\n{i + 1}\n"{word}"' for i, word in enumerate(["Alice", "was", "tired"]))
    path.write_text(
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n3\n<exists>\n1\n'
        f'"IntervalTier"\n"words"\n0\n3\n3\n{ends}\n'
    )


def loader(real, text_network=None):
    """As ``load_network``, but AlexNet is small and the network of text a made one."""

    def load(network, weights="default", **options):
        if network == "alexnet":
            chosen = "default" if weights in ("default", None) else weights
            return real(small_network(), chosen, name="alexnet", **options)
        known = {"all-MiniLM-L6": text_network}
        return real(known.get(network, network), weights, **options)

    return load


@pytest.mark.parametrize("text", list(examples()))
def test_the_example_runs_as_it_is(command, folder, rng, tmp_path, monkeypatch, request, text):
    monkeypatch.chdir(shutil.copytree(folder, tmp_path / "here"))
    words = shlex.split(text.replace("\\\n", ""))[1:]
    text_network = request.getfixturevalue("reader") if "all-MiniLM-L6" in words else None
    monkeypatch.setattr(ic, "load_network", loader(ic.load_network, text_network))
    if words[0] == "extract":
        shutil.rmtree("alexnet.zarr")
    if words[0] == "decoding":
        epochs(rng, Path("sub-01-epo.fif"))
    flags = ("--into", "--figure")
    written = [Path(words[i + 1]) for i, word in enumerate(words) if word in flags]
    before = {path: path.stat().st_mtime_ns for path in written if path.exists()}
    code, out, err = command(*words)
    assert code == 0, err
    assert out
    for path in written:
        assert path.exists()
        assert path.suffix == ".zarr" or path.stat().st_mtime_ns != before.get(path)


@pytest.mark.parametrize("text", list(examples()))
def test_lines_of_examples_fit_a_terminal_and_can_be_pasted(text):
    lines = text.split("\n")
    assert all(len(line.removeprefix(" " * 8)) <= 78 for line in lines)
    assert all(line.endswith("\\") for line in lines[:-1])


STUDY = """
[study]
name = "small"
[stimuli]
folder = "my_images"
[[network]]
name = "orientation_cnn"
weights = "random"
layers = ["fc"]
[[recording]]
name = "fMRI"
files = "fmri/{subject}_{region}.npz"
[[method]]
name = "RSA"
kind = "rsa"
"""


@pytest.mark.slow
def test_the_examples_of_study_run_as_they_are(command, folder, rng, tmp_path, monkeypatch):
    monkeypatch.chdir(shutil.copytree(folder, tmp_path / "here"))
    assert command("study", "init")[0] == 0
    Path("study.toml").write_text(STUDY)
    Path("fmri").mkdir()
    for subject in "123":
        ic.save(ic.Responses(rng.normal(size=(N, 5)), NAMES), f"fmri/{subject}_V1.npz")
    text = Path(study.__file__).read_text(encoding="utf-8")
    found = re.findall(r"^ {8}isocortex (study .*)$", text, re.MULTILINE)
    commands = ["init", "plan", "run", "status", "table", "report"]
    assert [line.split()[1] for line in found] == commands
    for line in found[1:]:
        code, out, err = command(*shlex.split(line))
        assert code == 0, err
        assert out
    assert Path("scores.csv").exists()
    assert Path("report.html").exists()
