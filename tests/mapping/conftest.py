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
