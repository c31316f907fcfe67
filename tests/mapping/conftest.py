"""Made layers and recordings."""

import numpy as np
import pytest

import isocortex as ic

N_STIMULI, N_TARGETS = 45, 6


@pytest.fixture(params=[120, 14], ids=["wide", "narrow"])
def arrays(request, rng):
    """Features (more or fewer than stimuli) with a mean and a scale of their own, and targets."""
    p = request.param
    x = rng.normal(size=(N_STIMULI, p)) * np.exp(rng.normal(size=p) / 2) + 2
    y = x @ rng.normal(size=(p, N_TARGETS)) + rng.normal(size=(N_STIMULI, N_TARGETS)) * p
    return x, y


@pytest.fixture
def pair(arrays, rng):
    """The same as nouns, the recording in another order."""
    x, y = arrays
    features = ic.Responses(x, labels={"network": "net", "layer": "conv1"})
    order = rng.permutation(len(y))
    names = [features.stimuli[i] for i in order]
    return features, ic.Responses(y[order], names, {"voxel": range(N_TARGETS)}, {"region": "V1"})


@pytest.fixture
def two_spaces(rng):
    """Two feature spaces of their own scale, and four voxels, the last of noise alone."""
    names = [f"image {i}" for i in range(48)]
    x = {"rate": rng.normal(size=(48, 2)), "glove": rng.normal(size=(48, 30)) * 9 + 4}
    y = x["rate"] @ rng.normal(size=(2, 4)) + x["glove"] @ rng.normal(size=(30, 4)) / 9
    y = y * [1, 1, 1, 0] + 2 * rng.normal(size=y.shape) + 20
    spaces = [ic.Responses(v, names, labels={"layer": name}) for name, v in x.items()]
    return spaces, ic.Responses(y, names, {"voxel": range(4)})


@pytest.fixture
def space_scores(two_spaces):
    model = ic.BandedRidge(np.logspace(-3, 4, 8))
    return ic.encode(*two_spaces, model, folds=4, accuracy="explained_variance")
