"""
Four networks and voxels of one brain
=====================================

Which layers of four networks predict the voxels of visual cortex best?

One person saw hand-written sixes and nines. Each voxel takes a few
hundred units of a layer, by the encoder of the Brain Hierarchy score:
:func:`isocortex.encode` with :class:`isocortex.SelectiveRidge`.

Where the data or the weights are not on this machine, the page shows a
simulated stand-in or untrained networks; what is printed says so.
"""

import matplotlib.pyplot as plt
import numpy as np

import isocortex as ic

# %%
# Voxels and digits
# -----------------
# Every second image and a hundred voxels keep the page quick.

digits = ic.datasets.digits69(or_simulated=True)
print(digits)
half = np.arange(0, 100, 2)
stimuli, brain = digits.stimuli.take(half), digits.brain.take(half)
hundred = np.arange(0, brain.n_units, brain.n_units // 100)[:100]
voxels = ic.standardize(brain.units_where(hundred), axis="units")
voxels

# %%
# Each voxel from its own units
# -----------------------------
# Each voxel takes the 200 units of a layer that correlate most with it,
# within the training images of each fold, and only then is the
# regression fitted.

NETWORKS = {
    "alexnet": "alexnet_features",
    "squeezenet1_1": "squeezenet1_1",
    "tf_efficientnet_lite0": "tf_efficientnet_lite0",
    "cifar10_resnet20": "cifar10_resnet20",
}
LAYERS = {
    "alexnet": ["conv1_relu", "conv2_relu", "conv3_relu", "conv5_relu"],
    "squeezenet1_1": [f"features.{i}" for i in (0, 4, 7, 12)],
    "tf_efficientnet_lite0": ["blocks.0", "blocks.2", "blocks.4"],
    "cifar10_resnet20": ["conv1", "layer1", "layer2", "layer3"],
}


def few(layer, n=3000):
    """Every so many units, standardized."""
    step = max(1, layer.n_units // n)
    some = layer.units_where(np.arange(0, layer.n_units, step))
    return ic.standardize(some, axis="units")


model = ic.SelectiveRidge(n_features=200, alpha=100.0)
found = {}
for architecture, folder in NETWORKS.items():
    weights = ic.datasets.local_weights(folder, missing_ok=True)
    name = architecture if weights else f"{architecture}, untrained"
    network = ic.load_network(architecture, weights=weights, name=name)
    store = ic.extract(network, stimuli, LAYERS[architecture])
    some = [few(layer) for layer in store.values()]
    scores = ic.encode(some, voxels, model, folds=5)
    found[name] = np.nanmean(scores.values, axis=(1, 2))
    print(name)
    for layer, r in zip(store, found[name], strict=True):
        print(f"  {layer:12s} r = {r:.2f}")

# %%
# In the recording all four predict the voxels about equally well,
# layers in the middle a little better than the first: digits are
# simple.

figure, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
for name, values in found.items():
    ax.plot(np.linspace(0, 1, len(values)), values, "o-", label=name)
ax.set(xlabel="relative depth of the layer (first to last chosen)")
ax.set_ylabel("Pearson's r, held-out images")
ax.set_ylim(bottom=0)
ax.set_title(f"mean of {voxels.n_units} voxels", fontsize="medium")
ax.spines[["top", "right"]].set_visible(False)
figure.legend(frameon=False, loc="outside right upper")
