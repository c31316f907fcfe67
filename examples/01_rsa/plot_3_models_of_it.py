"""
Which model explains IT? A results section
==========================================

Fifteen people saw 92 images of objects. Which layers of AlexNet, and which other models, are like
their inferior temporal cortex (IT); which is better than which; does any reach the noise ceiling;
and would all of this hold for other people who see other images?

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
# One RDM for each person; one for each layer; and some that others have proposed: which animals
# and faces there are, what a model of V1 does, and 674 neurons in IT of two monkeys.


def others(stimuli):
    """RDMs of eight models from the supplement of the images."""
    from scipy.io import loadmat

    found = loadmat(ic.datasets.fetch("images92") / "92_modelRDMs.mat")["Models"].ravel()
    squares = np.array([each["RDM"] for each in found], dtype=float)
    names = [str(each["name"][0]) for each in found]
    return ic.RDMs.from_arrays(squares, stimuli.names, {"model": names})


scratch = tempfile.TemporaryDirectory()
try:
    data = ic.datasets.images92()
    stimuli, it = data.stimuli, data.brain.select(region="IT")
    weights = ic.datasets.local_weights("alexnet_features")
    network = ic.load_network("alexnet", weights=weights, name="AlexNet")
    names = [f"conv{i}_relu" for i in range(1, 6)]
    store = ic.extract(network, stimuli, layers=names, into=Path(scratch.name) / "alexnet.zarr")
    layers = ic.rdms(store, "correlation")
    models = {each: layers.select(layer=each) for each in names}
    proposed = others(stimuli)
    models |= {name: proposed.select(model=name) for name in proposed.labels["model"]}
    monkey = proposed.select(model="monkeyIT")
except ic.NotFoundError:
    rng = np.random.default_rng(0)
    names = [f"image {i}" for i in range(40)]
    features = rng.normal(size=(40, 30))

    def seen(values, noise=0.0):
        return ic.Responses(values + noise * rng.normal(size=values.shape), names)

    parts = {"conv1": slice(0, 5), "conv3": slice(0, 15), "conv5": slice(5, 30)}
    rows = {name: ic.rdms(seen(features[:, part]), "euclidean") for name, part in parts.items()}
    layers = ic.RDMs.concat([ic.RDMs(r.values, names, {"layer": n}) for n, r in rows.items()])
    models = {each: layers.select(layer=each) for each in rows}
    models["V1"] = ic.rdms(seen(rng.normal(size=(40, 10))), "euclidean")
    people = [ic.rdms(seen(features[:, 3:], 2.0), "euclidean") for _ in range(12)]
    it = ic.RDMs(np.concatenate([each.values for each in people]), names, {"subject": range(12)})
    monkey = ic.rdms(seen(features[:, 3:], 1.0), "euclidean")

print(it)

# %%
# Models against zero, the ceiling, and one another
# -------------------------------------------------
# People and images are drawn anew 1000 times (two-factor bootstrap), so that what follows is about
# other people *and* other images. RDMs are compared by the whitened correlation, which
# knows that dissimilarities of one image depend on one another.

result = ic.infer(models, it, "whitened_correlation", seed=0)
ic.plots.models(result)

# %%
# A filled point is above 0; the band is where a perfect model would be, given how much people
# differ. A wing at the right starts at a model and ticks those that it is better than (false
# discovery rate .05).

print(result)
table = result.table()
table[["model", "score", "low", "high", "p", "p_ceiling"]].round(4)

# %%
# In words:

best = table.loc[table["score"].idxmax()]
pairs = result.pairs()
mine = pairs[(pairs["first"] == best["model"]) | (pairs["second"] == best["model"])]
n_worse = int((mine["p_corrected"] < 0.05).sum())
n_above, n_below = int((table["p"] < 0.05).sum()), int((table["p_ceiling"] < 0.05).sum())
print(
    f"{n_above} of {len(table)} models were related to IT (p < .05, one-sided). {best['model']} "
    f"was most like it (r = {best['score']:.2f}, 95 % interval {best['low']:.2f} to "
    f"{best['high']:.2f}) and better than {n_worse} of the others (FDR < .05). {n_below} models "
    f"fell short of the noise ceiling ({best['ceiling_low']:.2f} to {best['ceiling_high']:.2f})."
)

# %%
# Is there any relation at all?
# -----------------------------
# For these people and images, the sharpest test exchanges the images of a model. It finds weaker
# relations, but says nothing of other people, and cannot compare models.

relabelled = ic.infer(models, it, "whitened_correlation", method="permutation", n=2000)
print(relabelled.table()[["model", "score", "p"]].round(4).to_string(index=False))

# %%
# Layers together, without winning by freedom
# -------------------------------------------
# A weighted sum of layers has more freedom than one layer. In every sample it is fitted to some
# images and people, and scored on others; so are all models beside it. ``Selected`` is the best
# single layer, chosen on the training images.

fitted = {"all layers": ic.Weighted(layers), "best layer": ic.Selected(layers)}
single = {name: models[name] for name in list(models)[:3]}
together = ic.infer(single | fitted, it, "pearson", n=200)
ic.plots.models(together)

# %%
# One monkey, or one person
# -------------------------
# A single RDM, such as that of the neurons, cannot tell of other monkeys, but of other images:

alone = {name: model for name, model in models.items() if name != "monkeyIT"}
print(ic.infer(alone, monkey, "whitened_correlation", over="stimulus"))

# %%

scratch.cleanup()
