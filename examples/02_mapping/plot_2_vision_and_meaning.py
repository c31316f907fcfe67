"""
What a region sees, and what it means
=====================================

Which regions of the brain follow what objects look like, and which what
they mean?

Two feature spaces for the same 81 kinds of objects: principal
components of AlexNet, which sees pictures, and of word2vec, which has
only read. :func:`isocortex.encode` fits one ridge model for each voxel,
and chooses all penalties inside the training stimuli.

The voxels are those of one person in seven regions (Bonner & Epstein,
2021). Where these data are not on this machine, a simulated stand-in of
three regions is shown, and what is printed says so.
"""

import matplotlib.pyplot as plt
import numpy as np

import isocortex as ic

# %%
# Features and voxels
# -------------------
# Both feature spaces and the recording carry the names of the objects;
# rows meet by them.

data = ic.datasets.objects81(or_simulated=True)
print(data)
data.brain

# %%
# A model for every voxel
# -----------------------
# ``inner="gcv"`` compares the penalties in closed form, for each voxel
# by itself.

penalties = np.logspace(-3, 8, 23)
model = ic.Ridge(penalties, inner="gcv")
scores = ic.encode(data.features, data.brain, model, folds=8)
scores

# %%
# From seeing to meaning
# ----------------------
# The table is tidy: what to average over is a line of pandas. EVC
# follows what objects look like, PFS what they mean, and others are
# between.

table = scores.table()
means = table.pivot_table("score", "region", "layer", sort=False)
voxels = data.brain.units["region"].value_counts()
ax = means.plot.bar(
    width=0.8, figsize=(7, 3.6), rot=0, color=["#0072B2", "#D55E00"]
)
ax.set_xticklabels(
    [f"{each}\nn = {voxels[each]}" for each in means.index]
)
ax.set(
    ylabel="Pearson's r, held-out objects", xlabel="region, n voxels"
)
ax.spines[["top", "right"]].set_visible(False)
ax.axhline(0, color="grey", linewidth=0.8)
ax.legend(
    frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2
)
plt.tight_layout()

# %%
# What each space adds
# --------------------
# :class:`isocortex.BandedRidge` fits both spaces in one model, each
# with a penalty of its own. What the joint model has over one space
# alone is what only the other one knows. It is below 0 where the second
# space costs more than it brings.

banded = ic.BandedRidge(np.logspace(-3, 8, 12), mixtures=8)
both = ic.encode(data.features, data.brain, banded, folds=8)
joint = both.table().groupby("region", sort=False)["score"].mean()
unique = (-means).add(joint, axis=0)
unique = unique.rename(
    columns={"alexnet": "meaning adds", "word2vec": "seeing adds"}
)
unique.round(2)

# %%

ax = unique.plot.bar(
    width=0.8, figsize=(7, 3.4), rot=0, color=["#D55E00", "#0072B2"]
)
ax.set(ylabel="gain in Pearson's r", xlabel="region")
ax.spines[["top", "right"]].set_visible(False)
ax.axhline(0, color="grey", linewidth=0.8)
ax.legend(
    frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2
)
plt.tight_layout()

# %%
# Is it chance?
# -------------
# Each score gets a p-value by permuting the objects, corrected over all
# voxels and both spaces. Permutations reuse the factorization of each
# fold; with a fixed penalty thousands of them are cheap.

tested = ic.encode(
    data.features,
    data.brain,
    ic.Ridge(100.0),
    folds=8,
    permutations=200,
)
found = tested.columns["p_fdr"][:, 0] < 0.05
for row, space in zip(found, data.features, strict=True):
    print(
        f"{space.labels['layer']} predicts {row.sum()} of {row.size} "
        "voxels (false discovery rate .05)"
    )
