"""
Brain images in, decoding, and a map out
========================================

Somebody lay in a scanner and saw faces, houses, cats, chairs and other objects, in blocks, in
twelve runs. From the images of one slice we decode what was seen, and write a map of the voxels
that categories predict. Then the same verbs on hand-written digits.

Where the recordings are not at hand, made ones of the same form stand in for them.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import nibabel as nib
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneGroupOut
from sklearn.svm import SVC

import isocortex as ic

OBJECTS = ["bottle", "cat", "chair", "face", "house", "scissors", "scrambledpix", "shoe"]


def made_volumes():
    """Eight categories in twelve runs of 72 volumes, in a slice of 20 x 12 voxels."""
    rng = np.random.default_rng(0)
    order = [rng.permutation(OBJECTS) for _ in range(12)]
    shown = [name for run in order for what in run for name in ["rest"] * 3 + [what] * 6]
    patterns = {name: rng.normal(size=(20, 12, 1)) for name in OBJECTS}
    volumes = rng.normal(scale=4, size=(20, 12, 1, len(shown)))
    for at, name in enumerate(shown):
        volumes[..., at] += 1000 + patterns.get(name, 0)
    image = nib.Nifti1Image(volumes, np.diag([3.5, 3.5, 3.5, 1]))
    mask = np.ones((20, 12, 1), dtype=np.int16)
    return ic.read_volumes(image, mask, stimuli=shown, runs=np.repeat(np.arange(1, 13), 72))


# %%
# Volumes, blocks, patterns
# -------------------------
# ``ic.read_volumes(image, mask, stimuli=..., runs=...)`` has read a NIfTI file: a row for each
# volume, a column for each voxel of the mask. Trends and scale go out of each run, and the
# volumes of a block are averaged.

try:
    trials = ic.datasets.haxby_slice()
except ic.NotFoundError:
    trials = made_volumes()
patterns = ic.run_averages(ic.clean(trials))
blocks = patterns.take(np.array(patterns.stimuli) != "rest")
print(trials)
print(blocks)

# %%
# What was seen?
# --------------
# Eight categories, each run left out in turn; guessing would be right in one of eight.

scores = ic.probe(blocks, list(blocks.stimuli), SVC(kernel="linear"), folds=LeaveOneGroupOut())
print(f"right in {scores.values.mean():.0%} of the blocks of a run that was left out")

counts = scores.confusion.values.sum((0, 1))
fig, ax = plt.subplots(figsize=(5.2, 4.4), layout="constrained")
drawn = ax.imshow(counts, cmap="viridis")
names = scores.confusion.tables["label"]["label"]
ax.set_xticks(range(len(names)), names, rotation=45, ha="right")
ax.set_yticks(range(len(names)), names)
ax.set(xlabel="decoded", ylabel="seen")
fig.colorbar(drawn, label="blocks")

# %%
# Which voxels know?
# ------------------
# An encoding model: the category predicts each voxel, scored by the correlation between
# measured and predicted blocks of runs that were left out, of all runs together: a run has eight.

row_names = [f"run {run}, {what}" for run, what in zip(blocks.runs, blocks.stimuli, strict=True)]
design = pd.get_dummies(pd.Series(blocks.stimuli)).astype(float)
features = ic.Responses(design.to_numpy(), row_names, labels={"layer": "category"})
recording = ic.Responses(blocks.values, row_names, blocks.units)
by_run = ic.Folds(LeaveOneGroupOut(), list(blocks.runs))
accuracy = ic.encode(features, recording, ic.OLS(), folds=by_run, pooled=True)
ic.plots.brain(accuracy, like=recording)

# %%
# The map becomes an image where the mask was, with the affine of the recording; any viewer
# opens it.

folder = Path(tempfile.mkdtemp())
path = ic.write_nifti(accuracy, folder / "accuracy.nii.gz", like=recording)
image = nib.load(path)
print(image.shape, image.get_data_dtype(), "best voxel:", np.round(image.get_fdata().max(), 2))

# %%
# Digits
# ------
# Sixes and nines, and the voxels of V1 to V3 of the one who saw them. Where the voxels lie was
# not published, so there is no map; but the digit can be read out of them, and the pixels
# predict many of them (a point for each voxel).


def made_digits():
    """A blob above or below, and voxels that see a few pixels each."""
    rng = np.random.default_rng(0)
    labels = np.repeat(["six", "nine"], 50)
    rows = np.where(labels == "six", 19, 9) + rng.normal(size=100)
    grid = np.arange(28)
    images = np.exp(-((grid[None, :, None] - rows[:, None, None]) ** 2) / 20)
    images = images * np.exp(-((grid[None, None, :] - 14) ** 2) / 20)
    responses = images.reshape(100, -1) @ rng.normal(size=(784, 400))
    responses = responses / responses.std() + 2 * rng.normal(size=responses.shape)
    names = [f"{label} {i}" for i, label in enumerate(labels)]
    stimuli = ic.Stimuli.from_arrays(images, names, {"digit": labels})
    return stimuli, ic.Responses(responses, names)


try:
    digits = ic.datasets.digits69()
    stimuli, brain = digits.stimuli, digits.brain
except ic.NotFoundError:
    stimuli, brain = made_digits()

probed = ic.probe(brain, stimuli.table["digit"], LogisticRegression(), folds=10)
print(f"six or nine: right for {probed.values.mean():.0%} of the images that were left out")

pixels = np.stack([stimuli.read(row).ravel().astype(float) for row in range(len(stimuli))])
layers = [
    ic.Responses(pixels, stimuli.names, labels={"layer": "pixels"}),
    ic.Responses(
        pixels.reshape(-1, 7, 4, 7, 4).mean((2, 4)).reshape(len(pixels), -1),
        stimuli.names,
        labels={"layer": "coarse pixels"},
    ),
]
alphas = np.logspace(4, 8, 9)
pixel_scores = ic.encode(layers, brain, ic.Ridge(alphas, inner="loo"), folds=10)
ic.plots.accuracy(pixel_scores, points="unit")

# sphinx_gallery_thumbnail_number = 2
