"""
Inside a network
================

What does a unit of a network see, what drives it, and what happens
without it?

Receptive fields (:func:`isocortex.receptive_field`), the images that
drive a unit most (:func:`isocortex.top_stimuli`), the pixels that
matter (:func:`isocortex.saliency`), images made for a unit
(:func:`isocortex.optimal_stimulus`), and silent channels
(:func:`isocortex.ablate`).

The network is AlexNet and the images are 92 photographs of objects.
Where weights or images are not on this machine, the network is
untrained and the images are shapes; what is printed, and titles, say
so.
"""

# sphinx_gallery_thumbnail_number = 6
import tempfile
from pathlib import Path

import isocortex as ic

weights = ic.datasets.local_weights("alexnet_features", missing_ok=True)
name = "AlexNet" if weights else "AlexNet, untrained"
network = ic.load_network("alexnet", weights=weights, name=name)
print(network.name)
data = ic.datasets.images92(or_simulated=True)
print(data)
stimuli = data.stimuli


def titled(ax, about):
    """Each figure says which network it shows."""
    ax.figure.suptitle(f"{network.name}: {about}")


# %%
# Receptive fields
# ----------------
# How many pixels a unit sees, by the arithmetic of windows, and by
# gradients: the same.

chosen = ["conv1", "conv1_maxpool", "conv2", "conv3", "conv5"]
fields = [ic.receptive_field(network, layer) for layer in chosen]
for layer, field in zip(chosen, fields, strict=True):
    measured = ic.receptive_field(network, layer, "gradient")
    size, same = field.size[0], measured.size[0]
    print(f"{layer:14s} {size:4d} pixels, by gradient {same:4d}")
titled(ic.plots.receptive_field(fields), "receptive fields")

# %%
# In practice the middle of a field matters most: the true gradient,
# averaged over four images.

four = stimuli.take(range(4))
middle = ic.receptive_field(network, "conv3", "effective", images=four)
titled(ic.plots.receptive_field(middle), "what matters to conv3")

# %%
# The stimuli that drive a channel most
# -------------------------------------
# Numbers are responses. Channel 0 of ``conv5`` of AlexNet, trained,
# likes red and round things.

folder = Path(tempfile.mkdtemp())
store = ic.extract(network, stimuli, ["conv5"], into=folder / "a.zarr")
top = ic.top_stimuli(store, "conv5", 0, n=6)
ic.plots.top_stimuli(top, stimuli)

# %%
# Channel 100, trained, likes pointed ears, and a spire.

ic.plots.top_stimuli(ic.top_stimuli(store, "conv5", 100, n=6), stimuli)

# %%
# Which pixels matter
# -------------------
# To channel 0, for the stimulus that drives it most.

best = top.tables["stimulus"]["stimulus"].iloc[0]
image = stimuli.take([stimuli.names.index(best)])
try:
    found = [
        ic.saliency(network, image, "conv5", 0, method)
        for method in ("gradient", "guided", "smoothgrad")
    ]
    ic.plots.saliency(found)
except ic.MissingDependencyError as error:
    print(error)

# %%
# Images made for channels
# ------------------------
# An early channel wants stripes of one orientation, later ones parts of
# objects: compare them with the photographs that drive these channels
# most, above. The number is the response.

found = []
for layer, channel, side in (
    ("conv1", 10, 48),
    ("conv5", 0, 112),
    ("conv5", 100, 112),
):
    how = {"steps": 50, "learning_rate": 0.08, "size": (side, side)}
    image = ic.optimal_stimulus(network, layer, channel, **how)
    found.append(image)
titled(ic.plots.optimal_stimulus(found), "images made for channels")

# %%
# Without some channels
# ---------------------
# How alike is what each layer does before and after a third of the
# channels of ``conv3`` fell silent, by linear CKA
# (:func:`isocortex.similarity`)? Layers before it are as they were, and
# the change grows with what comes after.

layers = ["conv2", "conv3", "conv4", "conv5"]
few = stimuli.take(range(0, len(stimuli), 4))
whole = ic.extract(network, few, layers, into=folder / "whole.zarr")
without = ic.ablate(network, "conv3", range(0, 384, 3))
less = ic.extract(without, few, layers, into=folder / "less.zarr")
table = ic.rdms(whole).labels[["layer"]]


def alike(one, other):
    """CKA of each layer with itself."""
    values = [
        ic.similarity(one[layer], other[layer], "cka").values.item()
        for layer in layers
    ]
    return ic.Scores(values, {"layer": table}, metric="CKA")


ax = ic.plots.ablation(alike(whole, whole), alike(whole, less))
titled(ax, "without a third of conv3")
