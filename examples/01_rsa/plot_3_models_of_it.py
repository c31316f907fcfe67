"""
Which model explains visual cortex?
===================================

Which layers of three networks, and which other models, are like early
visual (EVC) and inferior temporal cortex (IT); which is better than
which; does any reach the noise ceiling; and would this hold for other
people who see other images?

Fifteen people saw 92 images of objects, and sixteen others arranged
them by how alike they are. All questions go to one verb,
:func:`isocortex.infer`; its result is drawn by
:func:`isocortex.plots.models`, and told in the sentences of a results
section at the end.

Where the data or weights are not on this machine, the page shows a
simulated stand-in or untrained networks; what is printed says so.
"""

import tempfile
from pathlib import Path

import isocortex as ic

# %%
# Brains and models
# -----------------
# One RDM for each person, and eight that others have proposed as
# models: which animals and faces there are, what a model of V1 does,
# and 674 neurons in IT of two monkeys.

data = ic.datasets.images92(or_simulated=True)
print(data)
brains = {
    "EVC": data.brain.select(region="EVC"),
    "IT": data.brain.select(region="IT"),
    "behaviour": data.behaviour,
}
data.models

# %%
# One RDM for each of some layers of three networks that were trained on
# ImageNet.

CHOSEN = {
    "AlexNet": ("alexnet", "alexnet_features"),
    "SqueezeNet": ("squeezenet1_1", "squeezenet1_1"),
    "EfficientNet": ("tf_efficientnet_lite0", "tf_efficientnet_lite0"),
}
LAYERS = {
    "AlexNet": [f"conv{i}_relu" for i in range(1, 6)],
    "SqueezeNet": ["features.4", "features.7", "features.12"],
    "EfficientNet": ["blocks.0", "blocks.2", "blocks.4"],
}
scratch = tempfile.TemporaryDirectory()
stacks = []
for name, (architecture, folder) in CHOSEN.items():
    weights = ic.datasets.local_weights(folder, missing_ok=True)
    print(name, "trained" if weights else "untrained")
    network = ic.load_network(architecture, weights=weights, name=name)
    path = Path(scratch.name) / f"{name}.zarr"
    store = ic.extract(network, data.stimuli, LAYERS[name], into=path)
    stacks.append(ic.rdms(store, "correlation"))
layers = ic.RDMs.concat(stacks)

models = {
    f"{name} {layer}": layers.select(network=name, layer=layer)
    for name, those in LAYERS.items()
    for layer in those
}
proposed = data.models
for name in proposed.labels["model"]:
    models[name] = proposed.select(model=name)
print(len(models), "models")

# %%
# Zero, the ceiling, and one another
# ----------------------------------
# People and images are drawn anew 1000 times (two-factor bootstrap), so
# that what follows is about other people *and* other images. RDMs are
# compared by the whitened correlation, which knows that dissimilarities
# of one image depend on one another.
#
# This is IT. A filled point is above 0; the grey band is where a
# perfect model would be, given how much people differ. A wing at the
# right starts at a model and ticks those that it is better than (false
# discovery rate .05).

results = {
    name: ic.infer(models, brain, seed=0)
    for name, brain in brains.items()
}
ic.plots.models(results["IT"])

# %%

table = results["IT"].table()
columns = ["model", "score", "low", "high", "p", "p_ceiling"]
table[columns].round(4)

# %%
# EVC, by the same test:

ic.plots.models(results["EVC"])

# %%
# What people say of the images when they arrange them:

ic.plots.models(results["behaviour"])

# %%
# In words
# --------
# These sentences are made from the numbers, whatever they are.


def sentence(of, result):
    """What a paper would say of one region."""
    table, pairs = result.table(), result.pairs()
    best = table.loc[table["score"].idxmax()]
    name = best["model"]
    mine = pairs[(pairs["first"] == name) | (pairs["second"] == name)]
    related = int((table["p"] < 0.05).sum())
    below = int((table["p_ceiling"] < 0.05).sum())
    beaten = int((mine["p_corrected"] < 0.05).sum())
    return (
        f"{of}: {related} of {len(table)} models were related to it "
        f"(p < .05, one-sided).\n  {name} was most like it "
        f"(r = {best['score']:.2f}, 95 % interval {best['low']:.2f} to "
        f"{best['high']:.2f}),\n  and better than {beaten} of the "
        f"others (FDR < .05). {below} of {len(table)} fell short of\n"
        f"  the noise ceiling ({best['ceiling_low']:.2f} to "
        f"{best['ceiling_high']:.2f})."
    )


for name, result in results.items():
    print(sentence(name, result))

# %%
# Is there any relation at all?
# -----------------------------
# For these people and images, the sharpest test exchanges the images of
# a model. It finds weaker relations, but says nothing of other people,
# and cannot compare models.

relabelled = ic.infer(
    models, brains["EVC"], method="permutation", n=1000
)
table = relabelled.table()[["model", "score", "p"]]
print(table.round(4).to_string(index=False))

# %%
# Layers together
# ---------------
# A weighted sum of AlexNet's layers has more freedom than one layer. In
# every sample it is fitted to some images and people, and scored on
# others, so that it cannot win by that; so are all models beside it.
# :class:`isocortex.Selected` is the best single layer, chosen on the
# training images, :class:`isocortex.Weighted` the sum.

alexnet = layers.select(network="AlexNet")
together = {
    name: model
    for name, model in models.items()
    if name.startswith("AlexNet")
}
together["all layers"] = ic.Weighted(alexnet)
together["best layer"] = ic.Selected(alexnet)
fitted = ic.infer(together, brains["IT"], "pearson", n=100)
ic.plots.models(fitted)

# %%
# One monkey, or one person
# -------------------------
# A single RDM, such as that of the neurons, cannot tell of other
# monkeys, but of other images:

monkey = models.pop("monkeyIT")
print(ic.infer(models, monkey, over="stimulus"))

# %%

scratch.cleanup()
