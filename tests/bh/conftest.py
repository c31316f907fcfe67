"""A simulated data set in the folders of the original."""

import json
import os
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

import isocortex as ic
from isocortex.bh.settings import Folders, read_settings

SUBJECTS = ("sub-01", "sub-02", "sub-03")
REGIONS = ("V1", "V2", "V3", "V4", "HVC")


def bdata(values, names, n_voxels):
    """Trials of all regions side by side, then the number of the image."""
    n = values.shape[1]
    images = sorted(set(names))
    number = np.array([[images.index(name) + 1.0] for name in names])
    nothing = np.full(n + 1, np.nan)
    metadata = {}
    for key, columns in {
        "VoxelData": slice(0, n),
        "stimulus_name": slice(n, n + 1),
        **{f"ROI_{r}": slice(i * n_voxels, (i + 1) * n_voxels) for i, r in enumerate(REGIONS)},
    }.items():
        metadata[key] = nothing.copy()
        metadata[key][columns] = 1
    vmap = {"stimulus_name": {i + 1.0: name for i, name in enumerate(images)}}
    return ic.BData(np.hstack([values, number]), metadata, {}, vmap)


def recordings(data, layers, repeats, rng, n_voxels=12):
    """Recordings whose i-th region follows the i-th of five layers; ``layers`` by set."""
    for subject in SUBJECTS:
        mixing = None
        for kind in ("Training", "Test"):
            by_layer, names = layers[kind]
            if mixing is None:
                mixing = [rng.normal(size=(x.shape[1], n_voxels)) for x in by_layer]
            signal = np.hstack([x @ w for x, w in zip(by_layer, mixing, strict=True)])
            signal = (signal - signal.mean(0)) / signal.std(0)
            trial = rng.permutation(np.repeat(np.arange(len(names)), repeats[kind]))
            values = signal[trial] + 0.7 * rng.normal(size=(len(trial), signal.shape[1]))
            path = data / "fmri" / f"{subject}_perceptionNaturalImage{kind}_VC_v2.h5"
            ic.write_bdata(bdata(values, [names[i] for i in trial], n_voxels), path)


@pytest.fixture
def write_recordings():
    """The function that makes the recordings."""
    return recordings


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """Six layers of 15 units, each following one latent pattern; all from numpy."""
    folder = tmp_path_factory.mktemp("made")
    rng = np.random.default_rng(5)
    names = {"Training": [f"n{i}_x" for i in range(30)], "Test": [f"t{i}" for i in range(14)]}
    layers = [f"layer{i}" for i in range(6)]
    mixing = rng.normal(size=(6, 4, 15))
    latent, found = {}, {}
    for kind, images in names.items():
        latent[kind] = rng.normal(size=(6, len(images), 4))
        found[kind] = {
            layer: ic.Responses(
                (z @ w + 0.3 * rng.normal(size=(len(images), 15))).astype("f4"), images
            )
            for layer, z, w in zip(layers, latent[kind], mixing, strict=True)
        }
        ic.write_features(found[kind], folder / "features" / f"ImageNet{kind}" / "made" / "one")
    recordings(
        folder,
        {kind: ([*latent[kind][[0, 1, 2, 3, 5]]], names[kind]) for kind in names},
        {"Training": 2, "Test": 4},
        rng,
    )
    return folder, found


@pytest.fixture
def made(tmp_path, template):
    """The same features as two networks, of which one has its layers in the wrong order."""
    folder, found = template
    shutil.copytree(folder / "fmri", tmp_path / "fmri")
    for kind in ("ImageNetTraining", "ImageNetTest"):
        for network in ("one", "two"):
            # Features are never changed in place, so the files may be the same.
            shutil.copytree(
                folder / "features" / kind / "made" / "one",
                tmp_path / "features" / kind / "made" / network,
                copy_function=os.link,
            )
    layers = list(found["Test"])
    settings = {
        "subjects": SUBJECTS,
        "rois": REGIONS,
        "dnns": {
            "One": {"dir": "made/one", "layers": layers},
            "Two": {"dir": "made/two", "layers": layers[::-1]},
        },
        "n_features": 8,
    }
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    return SimpleNamespace(
        data=tmp_path,
        path=tmp_path / "settings.json",
        raw=settings,
        settings=read_settings(tmp_path / "settings.json"),
        folders=Folders(tmp_path),
        features=found,
    )


def loop(x, y, k, alpha):
    """FastL2LiR, target by target."""
    xb = np.column_stack([x, np.ones(len(x))])
    weights = np.zeros((x.shape[1] + 1, y.shape[1]))
    for t in range(y.shape[1]):
        r = [abs(np.corrcoef(x[:, v], y[:, t])[0, 1]) for v in range(x.shape[1])]
        chosen = [*np.argsort(r)[::-1][:k], x.shape[1]]
        own = xb[:, chosen]
        weights[chosen, t] = np.linalg.solve(
            own.T @ own + alpha * np.eye(len(chosen)), own.T @ y[:, t]
        )
    return weights


def trials_of(made, kind, subject="sub-02", region="V3"):
    data = ic.read_bdata(made.folders.recording(subject, kind))
    return data.select(f"ROI_{region} = 1"), data.labels()


def by_the_original(made, layer="layer2", n_units=8):
    """As the original does it: decoded features, their accuracy, and that of the voxels."""
    x, seen = trials_of(made, "Training")
    z, tested = trials_of(made, "Test")
    train, test = made.features["Training"][layer], made.features["Test"][layer]
    y = train.numpy().astype(float)
    rows = [train.stimuli.index(name) for name in seen]
    images = sorted(set(tested))
    means = np.array([z[np.array(tested) == name].mean(0) for name in images])
    truth = test.numpy()[[test.stimuli.index(name) for name in images]].astype(float)

    def scale(a):
        return a.mean(0), a.std(0, ddof=1)

    (xm, xs), (ym, ys) = scale(x), scale(y)
    w = loop((x - xm) / xs, ((y - ym) / ys)[rows], 8, 100.0)
    decoded = (np.column_stack([(means - xm) / xs, np.ones(len(means))]) @ w) * ys + ym
    v = loop(((y - ym) / ys)[rows], (x - xm) / xs, n_units, 100.0)
    encoded = (np.column_stack([(truth - ym) / ys, np.ones(len(truth))]) @ v) * xs + xm
    r = [np.corrcoef(a, b)[0, 1] for a, b in zip(decoded.T, truth.T, strict=True)]
    s = [np.corrcoef(a, b)[0, 1] for a, b in zip(encoded.T, means.T, strict=True)]
    return images, decoded, np.array(r), np.array(s)


@pytest.fixture
def step_by_step():
    """The function that goes the steps of the original."""
    return by_the_original
