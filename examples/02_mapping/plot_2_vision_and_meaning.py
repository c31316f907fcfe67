"""
What a region sees, and what it means
=====================================

Two feature spaces for the same 81 kinds of objects: principal components of AlexNet, which sees
pictures, and of word2vec, which has only read. Which of them predicts which region of the
brain? One ridge model for each voxel, all penalties chosen inside the training stimuli.

The voxels are those of one person in seven regions (Bonner & Epstein, 2021). Where these data
are not at hand, a small brain is made, so that the page can be read and run anywhere.
"""

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy.io import loadmat

import isocortex as ic

# %%
# Features and voxels
# -------------------
# Both feature spaces and the recording carry the names of the objects; rows meet by them.

folder = Path(os.environ.get("ISOCORTEX_DATA", "../../../shared/data")) / "objects81"
if folder.is_dir():
    data = np.load(folder / "objects81.npz")
    names, betas = data["categories"], data["betas"]
    regions = data["roi_names"][data["roi_index"] - 1]
    spaces = {space: loadmat(folder / f"{space}.mat")[space] for space in ("alexnet", "word2vec")}
else:
    rng = np.random.default_rng(0)
    names, regions = [f"object {i}" for i in range(81)], np.repeat(["EVC", "LOC", "PFS"], 40)
    spaces = {"alexnet": rng.normal(size=(81, 20)), "word2vec": rng.normal(size=(81, 30))}
    share = np.repeat([0.9, 0.5, 0.1], 40)
    seen = spaces["alexnet"] @ rng.normal(size=(20, 120))
    meant = spaces["word2vec"] @ rng.normal(size=(30, 120))
    betas = share * seen + (1 - share) * meant + 6 * rng.normal(size=(81, 120))

recording = ic.Responses(betas, names, units={"region": regions})
features = [
    ic.Responses(values, names, labels={"layer": space}) for space, values in spaces.items()
]
print(recording)

# %%
# A model for every voxel
# -----------------------
# ``inner="gcv"`` compares the penalties in closed form, for each voxel by itself.

model = ic.Ridge(np.logspace(-3, 5, 17), inner="gcv")
scores = ic.encode(features, recording, model, folds=8)
print(scores.tables["layer"])

# %%
# From seeing to meaning
# ----------------------
# The table is tidy: what to average over is a line of pandas.

table = scores.table()
means = table.pivot_table(index="region", columns="layer", values="score", sort=False)
print(means.round(2))

ax = means.plot.bar(width=0.8, figsize=(6, 3.4), rot=0)
ax.set(ylabel="Pearson r, held-out objects", xlabel="")
ax.spines[["top", "right"]].set_visible(False)
ax.axhline(0, color="grey", linewidth=0.8)
ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)

# %%
# What each space adds
# --------------------
# Banded ridge fits both spaces in one model, each with a penalty of its own. What the joint
# model has over one space alone is what only the other one knows.

both = ic.encode(features, recording, ic.BandedRidge(np.logspace(-3, 5, 9), mixtures=8), folds=8)
joint = both.table().groupby("region", sort=False)["score"].mean()
unique = (
    (-means)
    .add(joint, axis=0)
    .rename(columns={"alexnet": "only word2vec", "word2vec": "only alexnet"})
)
print(unique.round(2))

fig, ax = plt.subplots(figsize=(4, 3.4))
ax.scatter(unique["only alexnet"], unique["only word2vec"], color="black", zorder=2)
for region, row in unique.iterrows():
    at = row["only alexnet"], row["only word2vec"]
    side = (-6, "right") if region in ("LOC", "OFA") else (6, "left")
    ax.annotate(str(region), at, (side[0], 0), textcoords="offset points", ha=side[1], va="center")
ax.axline((0, 0), slope=1, color="grey", linewidth=0.8, linestyle="--")
ax.set(xlabel="r gained by seeing", ylabel="r gained by meaning")
ax.spines[["top", "right"]].set_visible(False)
fig.tight_layout()

# %%
# Is it chance?
# -------------
# Each score gets a p-value by permuting the objects, corrected over all voxels and both
# spaces. Permutations reuse the factorization of each fold; with a fixed penalty thousands of
# them are cheap.

tested = ic.encode(features, recording, ic.Ridge(100.0), folds=8, permutations=200)
found = tested.columns["p_fdr"][:, 0] < 0.05
for row, space in zip(found, spaces, strict=True):
    print(f"{space} predicts {row.sum()} of {row.size} voxels (false discovery rate 0.05)")
print(tested.notes)
