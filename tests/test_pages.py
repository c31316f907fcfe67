"""The code of pages runs, in a small world of files and names that it takes for granted."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from nibabel import freesurfer
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import isocortex as ic

DOCS = Path(__file__).resolve().parents[1] / "docs"
NAMES = [f"image{i:02d}" for i in range(12)]
ALPHAS = np.logspace(0, 4, 3)


def noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def rdms(key, names, n=12):
    patterns = noise(n, 40) + 2 * noise(len(names), n, 40, seed=len(names))
    squares = np.array([1 - np.corrcoef(each) for each in patterns])
    return ic.RDMs.from_arrays(squares.round(12), stimuli=NAMES[:n], labels={key: names})


LAYERS = [f"conv{i}" for i in range(1, 6)]


def people(n=12):
    return rdms("subject", [f"s{i}" for i in range(6)], n)


def ceilings():
    trials = ic.Trials(np.tile(noise(60, 20), (3, 1)) + noise(180, 20), [*range(60)] * 3)
    return {"trials": trials, "layer": ic.Responses(noise(60, 70), [*range(60)]), "alphas": ALPHAS}


def comparisons():
    return {"models": rdms("layer", LAYERS), "brain": people()}


def fitted():
    layers = rdms("layer", LAYERS[:3])
    parts = dict(
        zip(("first", "second", "third"), (people(8), people(10), people(12)), strict=True)
    )
    held = {name: each.select(subject=f"s{i}") for i, (name, each) in enumerate(parts.items())}
    models = {
        "rdms": layers,
        "models": layers,
        "layers": layers,
        "conv5": layers.select(layer="conv3"),
    }
    return held | models | {"brain": people(), "monkey": rdms("subject", ["monkey"])}


def hierarchy():
    layers = {name: ic.Responses(noise(60, 8, seed=i), range(60), labels={"layer": name})
              for i, name in enumerate(LAYERS)}  # fmt: skip
    regions = [ic.Trials(each.numpy() @ noise(8, 30), range(60), labels={"region": f"V{i}"})
               for i, each in enumerate(layers.values(), 1)]  # fmt: skip
    accuracies = {name: abs(noise(5, 40, seed=i)) / 4 for i, name in enumerate(LAYERS)}
    held = {"layers": layers, "regions": regions, "train": range(40), "test": range(40, 60)}
    return held | accuracies | {"people": [accuracies] * 5}


def mapping():
    names = range(120)
    layers = {name: ic.Responses(noise(120, 60, seed=i), names, labels={"layer": name})
              for i, name in enumerate(("conv1", "fc6"))}  # fmt: skip
    recording = ic.Responses(noise(120, 20, seed=9), names, labels={"region": "V1"})
    models = {"BaseEstimator": BaseEstimator, "PCA": PCA, "make_pipeline": make_pipeline}
    held = {"store": layers, "recording": recording, "labels": ["cat", "dog"] * 60}
    return held | models | {"LogisticRegression": LogisticRegression, "alphas": [10.0]}


def own_data():
    for side in ("lh", "rh"):
        freesurfer.write_morph_data(f"{side}.thickness", noise(60).astype("f4"), fnum=10)
        colours = np.array([[1, 2, 3, 0, 0], [4, 5, 6, 0, 0]])
        regions = np.repeat([0, 1], 30)
        freesurfer.write_annot(f"{side}.aparc.annot", regions, colours, ["V1", "V2"])
    files = {"left": "lh.thickness", "right": "rh.thickness"}
    return {"scores": ic.read_surface(files, stimuli=["mean"])}


def partition():
    sets = [rdms("model", [f"{name}{i}" for i in range(3)]) for name in "abc"]
    names = ("categories", "monkey", "low")
    return dict(zip(names, sets, strict=True)) | comparisons()


def quickstart():
    xr = pytest.importorskip("xarray")
    assembly = xr.DataArray(
        noise(5, 12), {"stimulus": ("presentation", NAMES)}, ("neuroid", "presentation")
    )
    places = {"stimulus": ("trial", NAMES * 2), "run": ("trial", [1] * 12 + [2] * 12)}
    channels = {"channel": [*"abcde"], "time": np.arange(10) / 100}
    epochs = xr.DataArray(noise(24, 5, 10), places | channels, ("trial", "channel", "time"))
    table = {"betas": noise(12, 5), "names": NAMES, "voxels": [*"abcde"], "pd": pd}
    return table | {"np": np, "assembly": assembly, "array": epochs}


def time():
    onset = np.cumsum(np.random.default_rng(0).uniform(0.3, 0.6, 600))
    told = {"word": ["the", "Cheshire", "cat"] * 200, "onset": onset, "offset": onset + 0.2}
    words = ic.Stimuli.from_words(told)
    spaces = [ic.features.word_rate(words), ic.features.word_length(words)]
    features = ic.Responses(
        noise(600, 3), words.names, table=words.table, labels={"layer": "glove"}
    )
    series = [ic.resample(each, 150, tr=2.0) for each in (*spaces, features)]
    table = series[0].table
    recording = ic.Responses(noise(150, 10), series[0].stimuli, table=table)
    heard = [ic.Responses(noise(150, 10, seed=i) + noise(150, 10), series[0].stimuli,
                          labels={"subject": i}, table=table) for i in range(4)]  # fmt: skip
    late = [ic.delayed(each, [1, 2]).take(slice(10, None)) for each in series]
    held = dict(zip(("rate", "minilm", "glove"), late, strict=True))
    held |= {"series": series[0]}
    return held | {"np": np, "recording": recording, "listeners": heard, "alphas": ALPHAS}


WORLDS = {
    "ceilings": (ceilings, [0]),
    "choosing": (comparisons, [0]),
    "flexible_models": (fitted, [0, 1, 2]),
    "hierarchy": (hierarchy, [0, 1]),
    "inference": (comparisons, [0]),
    "mapping": (mapping, [0, 1]),
    "normative": (dict, [0]),
    "own_data": (own_data, [2]),
    "partition": (partition, [0, 1]),
    "quickstart": (quickstart, [3]),
    "time": (time, [-5, -4, -3, -2, -1]),
}
"""Of each page: what its code takes for granted, and which of its blocks are quick."""


@pytest.mark.filterwarnings("ignore::isocortex.errors.IsocortexWarning")
@pytest.mark.parametrize("page", WORLDS)
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    world, quick = WORLDS[page]
    blocks = re.findall(r"^```python\n(.*?)^```", (DOCS / f"{page}.md").read_text(), re.S | re.M)
    held = {"ic": ic, "np": np} | world()
    for i in quick:
        exec(blocks[i], held)
