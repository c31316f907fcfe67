"""
What categories, monkeys and pixels share with IT
=================================================

Much of what a model explains of a brain other models explain as well. Variance partitioning says
what each set of models explains alone, and what they share: here of early visual cortex (EVC) and
inferior temporal cortex (IT) of 15 people who saw 92 images.

Where the data are not at hand, brains and models are simulated, so that the page can be read and
run anywhere.
"""

import matplotlib.pyplot as plt
import numpy as np

import isocortex as ic

# %%
# Brains and three sets of models
# -------------------------------
# Categories (animate or not; faces, bodies, man-made and natural objects), IT of two monkeys, and
# five models of low-level vision. A set may hold several RDMs: they enter together.


def proposed(stimuli):
    """RDMs of eight models from the supplement of the images."""
    from scipy.io import loadmat

    found = loadmat(ic.datasets.fetch("images92") / "92_modelRDMs.mat")["Models"].ravel()
    squares = np.array([each["RDM"] for each in found], dtype=float)
    names = [str(each["name"][0]) for each in found]
    return ic.RDMs.from_arrays(squares, stimuli.names, {"model": names})


SETS = {
    "category": ["animacy", "FaceBodyManmadeNatobj"],
    "monkey IT": ["monkeyIT"],
    "low level": ["EVA", "HMAX", "V1", "Silhouette", "RADON"],
}
try:
    data = ic.datasets.images92()
    models = proposed(data.stimuli)
    brains = {region: data.brain.select(region=region) for region in ("EVC", "IT")}
except ic.NotFoundError:
    rng = np.random.default_rng(0)
    names = [f"image {i}" for i in range(40)]
    i, j = np.triu_indices(40, 1)
    points = rng.normal(size=(8, 40, 4))
    points[2] = 0.6 * points[0] + 0.6 * points[2]
    distances = ((points[:, i] - points[:, j]) ** 2).sum(2)
    labels = [name for members in SETS.values() for name in members]
    models = ic.RDMs(distances, names, {"model": labels})
    truths = {"EVC": distances[6], "IT": distances[0] + distances[2]}
    brains = {
        region: ic.RDMs(
            truth + 15 * rng.normal(size=(15, len(truth))),
            names,
            {"subject": range(1, 16), "region": region},
        )
        for region, truth in truths.items()
    }

sets = {name: models.select(model=members) for name, members in SETS.items()}

# %%
# Unique and shared parts
# -----------------------
# Each person's RDM by itself; adjusted for what RDMs that have nothing to do with it would explain,
# which is the mean over all relabellings of the stimuli, known exactly. Bars are means over people,
# points single people, lines 95 % intervals for other people and other images. A part below 0 is
# suppression (or chance), and is shown.

parts = {region: ic.partition(sets, brain) for region, brain in brains.items()}
figure, panels = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True, layout="constrained")
for ax, (region, each) in zip(panels, parts.items(), strict=True):
    ic.plots.partition(each, ax=ax)
    ax.set_title(region)

# %%
# The same as numbers.

parts["IT"].table().round(3)

# %%
# In a sentence
# -------------

table = parts["IT"].table().set_index("part")
shared = table.loc["category & monkey IT"]
total = table.loc["all"]
print(
    f"All models explain {total.explained:.1%} of IT (95 % interval {total.low:.1%} to "
    f"{total.high:.1%}). Categories share {shared.explained:.1%} with monkey IT alone, and explain "
    f"{table.explained['category']:.1%} that neither monkeys nor low-level models do."
)

# %%
# A fit for prediction
# --------------------
# Variance partitioning fits every person. Whether one set of weights holds for other people and
# other images says ``fit_rdms``: nonnegative weights, scored where they were not fitted.

fitted = ic.fit_rdms(ic.Weighted(models), brains["IT"], "pearson")
print(fitted)
fitted.table()[["model", "weight", "share", "score"]].round(3)
