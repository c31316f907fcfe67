"""
A network and fifteen brains
============================

Which layer of AlexNet is most like early visual cortex, and which most like inferior temporal
cortex? Images, a network, one pass, RDMs, scores, a noise ceiling: the whole line in one page.

The brains are those of 15 people who saw 92 images of objects. Where these data or the weights
of AlexNet are not at hand, images and brains are made and the network is untrained, so that
the page can be read and run anywhere; the titles of the figures then say so.
"""

import tempfile
from pathlib import Path

import numpy as np

import isocortex as ic

# %%
# Images and brains
# -----------------
# The stimuli have names, and so have the rows of each brain's dissimilarity matrix. They will
# meet by these names.

try:
    data = ic.datasets.images92()
    stimuli, brain = data.stimuli, data.brain
    groups = stimuli.table["category"]
except ic.NotFoundError:
    rng = np.random.default_rng(0)
    kinds = ["circle", "square", "star", "bar"] * 6
    stimuli = ic.shapes(kinds, rotations=rng.uniform(0, 90, 24), background="texture", seed=0)
    groups = stimuli.table["shape"]
    patterns = rng.normal(size=(2, 4, 50))[:, np.arange(24) % 4]
    brain = ic.rdms(
        [
            ic.Responses(
                patterns[k] + 2 * rng.normal(size=(24, 50)),
                stimuli.names,
                labels={"region": region, "subject": subject},
            )
            for k, region in enumerate(("EVC", "IT"))
            for subject in range(1, 7)
        ]
    )

print(stimuli)
print(brain)

# %%
# A network, in one pass
# ----------------------
# Layers go by the names of the network's modules, or by the classic names. What they do is
# written to a store, batch by batch.

try:
    weights, name = ic.datasets.local_weights("alexnet_features"), "AlexNet"
except ic.NotFoundError:
    weights, name = None, "AlexNet, untrained"
network = ic.load_network("alexnet", weights=weights, name=name)
print(network)
layers = [f"conv{i}_relu" for i in range(1, 6)]
scratch = tempfile.TemporaryDirectory()
store = ic.extract(network, stimuli, layers=layers, into=Path(scratch.name) / "alexnet.zarr")
print(store["conv5_relu"])


def titled(ax):
    """Each figure says which network it shows."""
    ax.figure.suptitle(network.name)


# %%
# Dissimilarity matrices
# ----------------------
# One for each layer. Grouped by category, blocks on the diagonal show what a layer tells apart.

models = ic.rdms(store, "correlation")
titled(ic.plots.rdm(models.select(layer="conv5_relu"), groups=groups))

# %%
# And the mean over people in one region:

ic.plots.rdm(brain.select(region="IT").mean(), groups=groups)

# %%
# How alike?
# ----------
# Every layer with every brain. The noise ceiling says where a perfect model would score, given
# how much people differ.

scores = ic.compare(models, brain, "spearman")
ceilings = {
    region: ic.noise_ceiling(brain.select(region=region), "spearman") for region in ("EVC", "IT")
}
titled(ic.plots.layers(scores, ceiling=ceilings))

# %%
# The numbers are a tidy table, one row for each layer and brain.

table = scores.table()
table.groupby(["region", "layer"], sort=False)["score"].agg(["mean", "sem"]).round(3)

# %%

scratch.cleanup()
