"""
A map, and where it is above chance
===================================

Where in a slice of the brain do voxels tell faces from houses, and
where do they tell what lives from what does not?

Somebody saw faces, houses and six other categories, in twelve runs.
:func:`isocortex.searchlight` asks the neighbours of each voxel, and
:func:`isocortex.clusters` is a test that knows space: it says where,
and lists the clusters in a table.

Where the recording is not on this machine, a simulated one of the same
form stands in for it, and what is printed says so.
"""

# sphinx_gallery_thumbnail_number = 2
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import nibabel as nib
import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

import isocortex as ic

trials = ic.datasets.haxby_slice(or_simulated=True)
print("haxby_slice:", trials)
trials = ic.clean(trials)

# %%
# A neighbourhood around each voxel
# ---------------------------------
# The voxels within 7.6 mm of each, by the affine of the image. Which
# voxels are neighbours of which in a cluster is another question: those
# that share a face.

near = ic.neighbours(trials, radius=7.6)
faces = ic.neighbours(trials, radius=3.8)
near

# %%
# Do they tell faces from houses?
# -------------------------------
# Linear discriminants, each run left out in turn; a half would be right
# by guessing.

lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.5)
two = trials.take(np.isin(trials.stimuli, ["face", "house"]))
decoding = ic.Decoding({"face": "face", "house": "house"}, lda)
accuracy = ic.searchlight(two, near, decoding)
ax = ic.plots.brain(accuracy)
ax.set_title("faces or houses, each run left out; chance 0.5")

# %%
# Where is that more than chance? Accuracies of runs that were left out
# share their training runs, so they are no sample. Six pairs of runs,
# each decoded by itself, are: all 64 flips of their signs are made, and
# the largest cluster of each. Colours end at a t of 20.

pairs = [
    two.take(np.isin(two.runs, [first, first + 6]))
    for first in range(1, 7)
]
maps = [ic.searchlight(pair, near, decoding).values for pair in pairs]
axes = {"pair": {"pair": range(1, 7)}, "unit": near.centres}
by_pair = ic.Scores(maps, axes, "accuracy")
found = ic.clusters(
    by_pair, faces, over="pair", chance=0.5, tail="greater"
)
print(found)
ax = ic.plots.brain(found, p=0.05, limit=20)
ax.set_title("t over six pairs of runs, p ≤ .05")

# %%
# Places are in mm.

columns = ["size", "mass", "peak", "x", "y", "z", "p"]
found.table[columns].head(3).round(3)

# %%
# Do they tell what lives from what does not?
# -------------------------------------------
# The model: faces and cats are alike, and unlike all the rest. Each run
# has an RDM of its own in each neighbourhood, and so a map: twelve maps
# are the sample. Threshold-free enhancement needs no threshold to make
# clusters.

patterns = ic.run_averages(trials)
patterns = patterns.take(np.array(patterns.stimuli) != "rest")
objects = patterns.conditions
lives = [[name in ("cat", "face")] for name in objects]
model = ic.rdms(
    ic.Responses(
        np.array(lives, dtype=float), objects, labels={"model": "lives"}
    ),
    "euclidean",
)
runs = []
for run in range(1, 13):
    mine = ic.average(patterns.take(patterns.runs == run))
    runs.append(mine.replace(labels={"subject": f"run {run}"}))
rsa = ic.searchlight(
    runs, near, ic.RSA(model, "correlation", "spearman")
)
mean = rsa.mean("subject")
how = {"tail": "greater", "n_permutations": 4096}
found = ic.clusters(rsa, faces, "tfce", **how)
print(found)

figure, both = plt.subplots(
    1, 2, figsize=(9, 3.4), layout="constrained"
)
ax = ic.plots.brain(mean, ax=both[0])
ax.set_title("living things, mean of 12 runs")
ax = ic.plots.brain(found, p=0.05, ax=both[1])
ax.set_title("t over runs, TFCE p ≤ .05")

# %%

found.table[["size", "peak", "tfce", "x", "y", "z", "p"]].round(3)

# %%
# Files and pages
# ---------------
# The map goes back into the space of the recording, its p-values too;
# any viewer opens them. A page of its own is there to look through,
# without a network.

folder = Path(tempfile.mkdtemp())
for column in ("score", "p", "cluster"):
    path = folder / f"{column}.nii.gz"
    ic.write_nifti(found, path, column=column)
    print(path.name, nib.load(path).shape)
page = ic.view(mean, folder / "living.html", title="living things")
print(page)
