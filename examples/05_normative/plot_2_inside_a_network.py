"""
Inside a network
================

What does a unit of a network see, what drives it, and what happens without it? Receptive
fields, the images that drive a unit most, saliency, images made for a unit, and ablation.

The network is AlexNet, with its real weights where they are at hand, otherwise untrained,
which the titles of the figures then say; the images are 92 photographs of objects, otherwise
made shapes.
"""

import tempfile
from pathlib import Path

import isocortex as ic

try:
    weights, name = ic.datasets.local_weights("alexnet_features"), "AlexNet"
except ic.NotFoundError:
    weights, name = None, "AlexNet, untrained"
network = ic.load_network("alexnet", weights=weights, name=name)
print(network)
try:
    stimuli = ic.datasets.images92().stimuli
except (ic.NotFoundError, ic.MissingDependencyError):
    columns = ic.crossed(kinds=["circle", "square", "star", "cross"], rotations=[0, 20, 40])
    stimuli = ic.shapes(
        list(columns["kinds"]), rotations=columns["rotations"], background="texture", size=(96, 96)
    )


def titled(ax):
    """Each figure says which network it shows."""
    ax.figure.suptitle(network.name)


# %%
# Receptive fields
# ----------------
# By the arithmetic of windows, and by gradients: the same.

names = ["conv1", "conv1_maxpool", "conv2", "conv3", "conv5", "conv5_maxpool"]
fields = [ic.receptive_field(network, name) for name in names]
for name, field in zip(names, fields, strict=True):
    measured = ic.receptive_field(network, name, "gradient")
    print(f"{name:14s} {field.size[0]:4d} pixels, by gradient {measured.size[0]:4d}")
titled(ic.plots.receptive_field(fields))

# %%
# In practice the middle of a field matters most: the true gradient, averaged over photographs.

middle = ic.receptive_field(network, "conv3", "effective", images=stimuli.take(range(4)))
titled(ic.plots.receptive_field(middle))

# %%
# The stimuli that drive a channel most
# -------------------------------------

store = ic.extract(network, stimuli, layers=["conv5"], into=Path(tempfile.mkdtemp()) / "a.zarr")
top = ic.top_stimuli(store, "conv5", 0, n=6)
titled(ic.plots.top_stimuli(top, stimuli))

# %%
titled(ic.plots.top_stimuli(ic.top_stimuli(store, "conv5", 100, n=6), stimuli))

# %%
# Which pixels matter
# -------------------
# To the channel, for the stimulus that drives it most.

best = stimuli.take([stimuli.names.index(top.tables["stimulus"]["stimulus"].iloc[0])])
try:
    found = [
        ic.saliency(network, best, "conv5", 0, method)
        for method in ("gradient", "guided", "smoothgrad")
    ]
    titled(ic.plots.saliency(found))
except ic.MissingDependencyError as error:
    print(error)

# %%
# Images made for channels
# ------------------------
# An early channel wants stripes of one orientation, later ones parts of objects: compare them
# with the photographs that drive these channels most, above.

made = [
    ic.optimal_stimulus(network, layer, unit, steps=50, learning_rate=0.08, size=size)
    for layer, unit, size in (
        ("conv1", 10, (48, 48)),
        ("conv5", 0, (112, 112)),
        ("conv5", 100, (112, 112)),
    )
]
titled(ic.plots.optimal_stimulus(made))

# %%
# Without some channels
# ---------------------
# How alike is what each layer does before and after a third of the channels of ``conv3`` fell
# silent? Layers below are as they were.

layers = ["conv2", "conv3", "conv4", "conv5"]
few = stimuli.take(range(0, len(stimuli), 4))
folder = Path(tempfile.mkdtemp())
whole = ic.extract(network, few, layers=layers, into=folder / "whole.zarr")
without = ic.ablate(network, "conv3", range(0, 384, 3))
less = ic.extract(without, few, layers=layers, into=folder / "less.zarr")
table = ic.rdms(whole).labels[["layer"]]


def alike(one, other):
    """CKA of each layer with itself."""
    values = [ic.similarity(one[name], other[name], "cka").values.item() for name in layers]
    return ic.Scores(values, {"layer": table}, metric="CKA")


titled(ic.plots.ablation(alike(whole, whole), alike(whole, less)))
