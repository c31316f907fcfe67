"""
Which model explains visual cortex? A results section
======================================================

Fifteen people saw 92 images of objects. Which layers of three networks, and which other models, are
like their early visual (EVC) and inferior temporal cortex (IT), and like what sixteen people say of
the same images; which is better than which; does any reach the noise ceiling; and would all of this
hold for other people who see other images?

Where the data or the weights are not at hand, brains and models are simulated, so that the page
can be read and run anywhere; the sentences below are made from whatever numbers there are.
"""

import tempfile
from pathlib import Path

import numpy as np

import isocortex as ic

# %%
# Brains and models
# -----------------
# One RDM for each person; one for each layer of AlexNet, SqueezeNet and EfficientNet-Lite0, trained
# on ImageNet; and eight that others have proposed: which animals and faces there are, what a model
# of V1 does, and 674 neurons in IT of two monkeys.


NETWORKS = {
    "AlexNet": ("alexnet", "alexnet_features", [f"conv{i}_relu" for i in range(1, 6)]),
    "SqueezeNet": ("squeezenet1_1", "squeezenet1_1", ["features.4", "features.7", "features.12"]),
    "EfficientNet": (
        "tf_efficientnet_lite0",
        "tf_efficientnet_lite0",
        ["blocks.0", "blocks.2", "blocks.4"],
    ),
}


def squares(file, key):
    """RDMs of the supplement of the images."""
    from scipy.io import loadmat

    found = loadmat(ic.datasets.fetch("images92") / file)[key].ravel()
    names = [str(each["name"][0]) for each in found]
    return np.array([each["RDM"] for each in found], dtype=float), names


def layers_of(name, stimuli, into):
    """RDMs of the layers of one network."""
    architecture, folder, chosen = NETWORKS[name]
    weights = ic.datasets.local_weights(folder)
    network = ic.load_network(architecture, weights=weights, name=name)
    store = ic.extract(network, stimuli, layers=chosen, into=Path(into) / f"{name}.zarr")
    return ic.rdms(store, "correlation")


scratch = tempfile.TemporaryDirectory()
try:
    data = ic.datasets.images92()
    stimuli = data.stimuli
    brains = {region: data.brain.select(region=region) for region in ("EVC", "IT")}
    values, _ = squares("92_behavRDMs.mat", "rdms_behav_92")
    people = {"subject": range(len(values))}
    brains["behaviour"] = ic.RDMs.from_arrays(values, stimuli.names, people)
    layers = ic.RDMs.concat([layers_of(name, stimuli, scratch.name) for name in NETWORKS])
    values, names = squares("92_modelRDMs.mat", "Models")
    proposed = ic.RDMs.from_arrays(values, stimuli.names, {"model": names})
    monkey = proposed.select(model="monkeyIT")
except ic.NotFoundError:
    rng = np.random.default_rng(0)
    names = [f"image {i}" for i in range(40)]
    features = rng.normal(size=(40, 30))

    def seen(values, noise=0.0):
        return ic.Responses(values + noise * rng.normal(size=values.shape), names)

    parts = {"conv1": slice(0, 5), "conv3": slice(0, 15), "conv5": slice(5, 30)}
    rows = {name: ic.rdms(seen(features[:, part]), "euclidean") for name, part in parts.items()}
    labels = {"network": ["AlexNet"] * 3, "layer": list(rows)}
    layers = ic.RDMs(np.concatenate([each.values for each in rows.values()]), names, labels)
    other = ic.rdms(seen(rng.normal(size=(40, 10))), "euclidean")
    proposed = ic.RDMs(other.values, names, {"model": ["V1"]})
    brains = {}
    for region, part in (("EVC", slice(0, 12)), ("IT", slice(3, 30)), ("behaviour", slice(9, 30))):
        each = [ic.rdms(seen(features[:, part], 2.0), "euclidean").values for _ in range(12)]
        brains[region] = ic.RDMs(np.concatenate(each), names, {"subject": range(12)})
    monkey = ic.rdms(seen(features[:, 3:], 1.0), "euclidean")

models = {
    f"{network} {layer}": layers.select(network=network, layer=layer)
    for network, layer in zip(layers.labels["network"], layers.labels["layer"], strict=True)
}
models |= {name: proposed.select(model=name) for name in proposed.labels["model"]}
print(brains)

# %%
# Models against zero, the ceiling, and one another
# -------------------------------------------------
# People and images are drawn anew 1000 times (two-factor bootstrap), so that what follows is about
# other people *and* other images. RDMs are compared by the whitened correlation, which
# knows that dissimilarities of one image depend on one another.

results = {name: ic.infer(models, brain, seed=0) for name, brain in brains.items()}
ic.plots.models(results["IT"])

# %%
# Models of IT. A filled point is above 0; the band is where a perfect model would be, given how
# much people differ. A wing at the right starts at a model and ticks those that it is better than
# (false discovery rate .05).

table = results["IT"].table()
table[["model", "score", "low", "high", "p", "p_ceiling"]].round(4)

# %%
# Models of EVC, by the same test:

ic.plots.models(results["EVC"])

# %%
# Models of what people say of the images when they arrange them by how alike they are:

ic.plots.models(results["behaviour"])

# %%
# In words:


def sentence(of, result):
    """What a paper would say of one region."""
    table, pairs = result.table(), result.pairs()
    best = table.loc[table["score"].idxmax()]
    name = best["model"]
    mine = pairs[(pairs["first"] == name) | (pairs["second"] == name)]
    related, below = int((table["p"] < 0.05).sum()), int((table["p_ceiling"] < 0.05).sum())
    return (
        f"{of}: {related} of {len(table)} models were related to it (p < .05, one-sided). "
        f"{name} was most like it (r = {best['score']:.2f}, 95 % interval {best['low']:.2f} to "
        f"{best['high']:.2f}) and better than {int((mine['p_corrected'] < 0.05).sum())} of the "
        f"others (FDR < .05). {below} of all fell short of the noise ceiling "
        f"({best['ceiling_low']:.2f} to {best['ceiling_high']:.2f})."
    )


for name, result in results.items():
    print(sentence(name, result))

# %%
# Is there any relation at all?
# -----------------------------
# For these people and images, the sharpest test exchanges the images of a model. It finds weaker
# relations, but says nothing of other people, and cannot compare models.

relabelled = ic.infer(models, brains["EVC"], method="permutation", n=1000)
print(relabelled.table()[["model", "score", "p"]].round(4).to_string(index=False))

# %%
# Layers together, without winning by freedom
# -------------------------------------------
# A weighted sum of AlexNet's layers has more freedom than one layer. In every sample it is fitted
# to some images and people, and scored on others; so are all models beside it. ``Selected`` is the
# best single layer, chosen on the training images.

alexnet = layers.select(network="AlexNet")
fitted = {"all layers": ic.Weighted(alexnet), "best layer": ic.Selected(alexnet)}
single = {name: model for name, model in models.items() if name.startswith("AlexNet")}
together = ic.infer(single | fitted, brains["IT"], "pearson", n=100)
ic.plots.models(together)

# %%
# One monkey, or one person
# -------------------------
# A single RDM, such as that of the neurons, cannot tell of other monkeys, but of other images:

alone = {name: model for name, model in models.items() if name != "monkeyIT"}
print(ic.infer(alone, monkey, over="stimulus"))

# %%

scratch.cleanup()
