"""
What models of IT have in common
================================

How much of IT does each kind of model explain that no other does, and
how much do they share?

Much of what a model explains of a brain other models explain as well.
:func:`isocortex.partition` tells unique and shared parts apart: here of
early visual cortex (EVC) and inferior temporal cortex (IT) of 15 people
who saw 92 images. Where the data are not on this machine, a simulated
stand-in is shown, and what is printed says so.
"""

import matplotlib.pyplot as plt

import isocortex as ic

# %%
# Brains and three sets of models
# -------------------------------
# Categories (animate or not; faces, bodies, man-made and natural
# objects), IT of two monkeys, and five models of low-level vision. A
# set may hold several RDMs: they enter together.

data = ic.datasets.images92(or_simulated=True)
print(data)
regions = {
    region: data.brain.select(region=region) for region in ("EVC", "IT")
}
SETS = {
    "category": ["animacy", "FaceBodyManmadeNatobj"],
    "monkey IT": ["monkeyIT"],
    "low level": ["EVA", "HMAX", "V1", "Silhouette", "RADON"],
}
sets = {
    name: data.models.select(model=members)
    for name, members in SETS.items()
}

# %%
# Unique and shared parts
# -----------------------
# Bars are means over people, points single people, lines 95 % intervals
# for other people and other images. In the recording, EVC is explained
# by low-level vision alone; what is explained of IT is mostly shared by
# categories and monkeys.
#
# Shares are adjusted for what RDMs that have nothing to do with a brain
# would explain: the mean over all relabellings of the stimuli, known
# exactly. A part below 0 is suppression (or chance), and is shown.

parts = {
    region: ic.partition(sets, brain)
    for region, brain in regions.items()
}
figure, panels = plt.subplots(
    1, 2, figsize=(10, 3.6), sharey=True, layout="constrained"
)
for ax, (region, each) in zip(panels, parts.items(), strict=True):
    ic.plots.partition(each, ax=ax)
    people = regions[region].n_rdms
    ax.set_title(f"{region}, {people} people")

# %%
# The same as numbers, and in a sentence:

table = parts["IT"].table().set_index("part")
shared = table.loc["category & monkey IT"]
total = table.loc["all"]
print(
    f"All models explain {total.explained:.1%} of IT "
    f"(95 % interval {total.low:.1%} to {total.high:.1%}).\n"
    f"Categories share {shared.explained:.1%} with monkey IT alone,\n"
    f"and explain {table.explained['category']:.1%} that neither "
    "monkeys nor low-level models do."
)
table.round(3)

# %%
# A fit for prediction
# --------------------
# Variance partitioning fits every person. Whether one set of weights
# holds for other people and other images :func:`isocortex.fit_rdms`
# says: weights of at least 0, scored where they were not fitted.

combined = ic.Weighted(data.models)
fitted = ic.fit_rdms(combined, regions["IT"], "pearson")
print(fitted)
fitted.table()[["model", "weight", "share", "score"]].round(3)
