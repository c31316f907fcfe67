"""
A map of the brain, and where it is above chance
================================================

Somebody saw faces, houses and six other categories, in twelve runs. Around each voxel of a slice we
ask two things of its neighbours: do they tell faces from houses, and do they tell what lives from
what does not? Then a test that knows space says where, and a table lists the clusters.

Where the recording is not at hand, a made one of the same form stands in for it.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import nibabel as nib
import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

import isocortex as ic

OBJECTS = ["bottle", "cat", "chair", "face", "house", "scissors", "scrambledpix", "shoe"]


def made_volumes():
    """Eight categories in twelve runs, in a slice of 24 x 16 voxels; they differ in the middle."""
    rng = np.random.default_rng(0)
    order = [rng.permutation(OBJECTS) for _ in range(12)]
    shown = [name for run in order for what in run for name in ["rest"] * 2 + [what] * 4]
    patterns = {name: rng.normal(size=(24, 16, 1)) for name in OBJECTS}
    patterns["cat"] = 0.6 * patterns["cat"] + 0.8 * patterns["face"]
    volumes = rng.normal(scale=2, size=(24, 16, 1, len(shown)))
    for at, name in enumerate(shown):
        if name != "rest":
            volumes[6:14, 4:11, :, at] += patterns[name][6:14, 4:11]
    image = nib.Nifti1Image(volumes + 1000, np.diag([-3.5, 3.5, 3.5, 1]))
    mask = np.ones((24, 16, 1), dtype=np.int16)
    return ic.read_volumes(image, mask, stimuli=shown, runs=np.repeat(np.arange(1, 13), 48))


try:
    trials = ic.datasets.haxby_slice()
except ic.NotFoundError:
    trials = made_volumes()
trials = ic.clean(trials)

# %%
# A neighbourhood around each voxel
# ---------------------------------
# The voxels within 7.6 mm of each, by the affine of the image. Which voxels are neighbours of
# which in a cluster is another question: those that share a face.

near = ic.neighbours(trials, radius=7.6)
faces = ic.neighbours(trials, radius=3.8)
print(near)

# %%
# Do they tell faces from houses?
# -------------------------------
# Linear discriminants, each run left out in turn; a half would be right by guessing.

lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.5)
two = trials.take(np.isin(trials.stimuli, ["face", "house"]))
decoding = ic.Decoding({"face": "face", "house": "house"}, lda)
accuracy = ic.searchlight(two, near, decoding)
ax = ic.plots.brain(accuracy)
ax.set_title("faces or houses, each run left out")

# %%
# Where is that more than chance? Accuracies of runs that were left out share their training runs,
# so they are no sample. Six pairs of runs, each decoded by itself, are: all 64 flips of their
# signs are made, and the largest cluster of each.

pairs = [two.take(np.isin(two.runs, [first, first + 6])) for first in range(1, 7)]
maps = [ic.searchlight(pair, near, decoding).values for pair in pairs]
by_pair = ic.Scores(maps, {"pair": {"pair": range(1, 7)}, "unit": near.centres}, "accuracy")
found = ic.clusters(by_pair, faces, over="pair", chance=0.5, tail="greater")
print(found)
print(found.table[["size", "mass", "peak", "x", "y", "z", "p"]].head(3).round(3).to_string())
ax = ic.plots.brain(found, p=0.05)
ax.set_title("t over pairs of runs, p ≤ .05")

# %%
# Do they tell what lives from what does not?
# -------------------------------------------
# The model: faces and cats are alike, and unlike all the rest. Each run has an RDM of its own in
# each neighbourhood, and so a map: twelve maps are the sample. Threshold-free enhancement needs no
# threshold to make clusters.

lives = np.array([name in ("cat", "face") for name in OBJECTS], dtype=float)
model = ic.rdms(ic.Responses(lives[:, None], OBJECTS, labels={"model": "lives"}), "euclidean")
patterns = ic.run_averages(trials)
patterns = patterns.take(np.array(patterns.stimuli) != "rest")
runs = [
    ic.average(patterns.take(patterns.runs == run)).replace(labels={"subject": f"run {run}"})
    for run in range(1, 13)
]
rsa = ic.searchlight(runs, near, ic.RSA(model, "correlation", "spearman"))
found = ic.clusters(rsa, faces, "tfce", tail="greater", n_permutations=4096)
print(found)
print(found.table[["size", "peak", "tfce", "x", "y", "z", "p"]].head(3).round(3).to_string())

figure, both = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
mean = rsa.mean("subject")
ic.plots.brain(mean, ax=both[0]).set_title("living things, Spearman, mean of runs")
ic.plots.brain(found, p=0.05, ax=both[1]).set_title("t over runs, TFCE p ≤ .05")

# %%
# Files and pages
# ---------------
# The map goes back into the space of the recording, its p-values too; any viewer opens them. A
# page of its own is there to look through, without a network.

folder = Path(tempfile.mkdtemp())
for column in ("score", "p", "cluster"):
    path = ic.write_nifti(found, folder / f"{column}.nii.gz", column=column)
    print(path.name, nib.load(path).shape)
print(ic.view(mean, folder / "living.html", title="living things"))
