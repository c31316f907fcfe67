"""
Selective ridge on real voxels
==============================

Four networks against voxels of visual cortex, with the decoder and the encoder of the Brain
Hierarchy score. One person saw hand-written sixes and nines; where those data are not at hand,
they are made.
"""

import matplotlib.pyplot as plt
import numpy as np

import isocortex as ic

# %%
# Voxels and digits
# -----------------

try:
    digits = ic.datasets.digits69()
    half = np.arange(0, 100, 2)
    stimuli, brain = digits.stimuli.take(half), digits.brain.take(half)
except ic.NotFoundError:
    rng = np.random.default_rng(0)
    stimuli = ic.shapes(["circle", "star"] * 20, rotations=rng.uniform(0, 90, 40), seed=0)
    pixels = np.stack([np.asarray(stimuli.read(i), float).ravel()[::97] for i in range(40)])
    voxels = pixels @ rng.normal(size=(pixels.shape[1], 300))
    brain = ic.Responses(
        voxels / voxels.std() + rng.normal(size=voxels.shape),
        stimuli.names,
        labels={"region": "made"},
    )
brain

# %%
# Encoding: each voxel from its own units
# ---------------------------------------
# Each voxel takes the 200 units of a layer that correlate most with it, within the training
# images of each fold, and only then is the regression fitted.

networks = {
    "alexnet": ("alexnet_features", ["conv1_relu", "conv2_relu", "conv3_relu", "conv5_relu"]),
    "squeezenet1_1": ("squeezenet1_1", ["features.0", "features.4", "features.7", "features.12"]),
    "tf_efficientnet_lite0": ("tf_efficientnet_lite0", ["blocks.0", "blocks.2", "blocks.4"]),
    "cifar10_resnet20": ("cifar10_resnet20", ["conv1", "layer1", "layer2", "layer3"]),
}


def few(layer, n=3000):
    """Every so many units, standardized."""
    step = max(1, layer.n_units // n)
    return ic.standardize(layer.units_where(np.arange(0, layer.n_units, step)), axis="units")


model = ic.SelectiveRidge(n_features=200, alpha=100.0)
voxels = brain.units_where(np.arange(0, brain.n_units, max(1, brain.n_units // 100)))
voxels = ic.standardize(voxels, axis="units")
found = {}
for name, (weights, layers) in networks.items():
    try:
        network = ic.load_network(name, weights=ic.datasets.local_weights(weights))
    except ic.NotFoundError:
        network = ic.load_network(name, weights=None, name=f"{name}, untrained")
    store = ic.extract(network, stimuli, layers)
    part = [few(layer) for layer in store.values()]
    scores = ic.encode(part, voxels, model, folds=5)
    found[network.name] = np.nanmean(scores.values, axis=(1, 2))
    rounded = [f"{r:.2f}" for r in found[network.name]]
    print(network.name, *(f"{layer} {r}" for layer, r in zip(layers, rounded, strict=True)))

# %%
# All four predict the voxels about equally well, layers in the middle a little better than the
# first: digits are simple.

figure, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
for name, values in found.items():
    ax.plot(np.linspace(0, 1, len(values)), values, "o-", label=name)
ax.set(xlabel="relative depth", ylabel="mean accuracy over voxels")
ax.spines[["top", "right"]].set_visible(False)
figure.legend(frameon=False, loc="outside right upper")
plt.show()
