"""
A network and fifteen brains
============================

Which layer of AlexNet is most like early visual cortex (EVC), and which
most like inferior temporal cortex (IT)?

Fifteen people saw 92 images of objects, and so does a network. What
follows is the whole line of a representational similarity analysis:
images, one pass, dissimilarity matrices (RDMs), scores and the noise
ceiling, by :func:`isocortex.extract`, :func:`isocortex.rdms`,
:func:`isocortex.compare` and :func:`isocortex.noise_ceiling`.

Where the data or the weights of AlexNet are not on this machine, the
page shows a simulated stand-in or an untrained network; what is
printed, and the titles of figures, say so.
"""

# sphinx_gallery_thumbnail_number = 3
import tempfile
from pathlib import Path

import isocortex as ic

# %%
# Images and brains
# -----------------
# The stimuli have names, and so have the rows of each brain's RDM. They
# will meet by these names.

data = ic.datasets.images92(or_simulated=True)
stimuli, brain = data.stimuli, data.brain
print(data)
brain

# %%
# This is the mean over people in IT. Rows are grouped by category: in
# the recording, faces evoke patterns that are like one another.

groups = stimuli.table["category"]
people = f"{brain.labels['subject'].nunique()} people"
if data.simulated:
    people += ", simulated"
ax = ic.plots.rdm(brain.select(region="IT").mean(), groups=groups)
ax.set_title(f"IT, mean of {people}")

# %%
# A network, in one pass
# ----------------------
# Layers go by the names of the network's modules, or by the classic
# names. What they do is written to a store, batch by batch.

weights = ic.datasets.local_weights("alexnet_features", missing_ok=True)
name = "AlexNet" if weights else "AlexNet, untrained"
network = ic.load_network("alexnet", weights=weights, name=name)
print(network.name)

layers = [f"conv{i}_relu" for i in range(1, 6)]
scratch = tempfile.TemporaryDirectory()
path = Path(scratch.name) / "alexnet.zarr"
store = ic.extract(network, stimuli, layers=layers, into=path)
store["conv5_relu"]

# %%
# One RDM for each layer; this is the last. In trained AlexNet it tells
# human faces from the rest, and much less else.

models = ic.rdms(store, "correlation")
ic.plots.rdm(models.select(layer="conv5_relu"), groups=groups)

# %%
# How alike?
# ----------
# Every layer with every brain: thin lines are people, thick lines their
# mean. The bands are noise ceilings: where a perfect model would be,
# given how much people differ. In the recording no layer comes near.

scores = ic.compare(models, brain, "spearman")
ceilings = {
    region: ic.noise_ceiling(brain.select(region=region), "spearman")
    for region in ("EVC", "IT")
}
ax = ic.plots.layers(scores, ceiling=ceilings)
ax.set_title(f"{network.name}; {people}")

# %%
# The numbers are a tidy table, one row for each layer and brain.

table = scores.table()
by_layer = table.groupby(["region", "layer"], sort=False)["score"]
by_layer.agg(["mean", "sem"]).round(3)

# %%

scratch.cleanup()
