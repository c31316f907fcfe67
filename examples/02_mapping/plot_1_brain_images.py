"""
Brain images in, a map out
==========================

Which voxels tell what somebody saw, and can what was seen be read out?

Somebody lay in a scanner and saw faces, houses, cats, chairs and other
objects, in blocks, in twelve runs. From the images of one slice
:func:`isocortex.probe` decodes what was seen, and
:func:`isocortex.encode` makes a map of the voxels that categories
predict, which :func:`isocortex.write_nifti` writes as an image. Then
the same verbs on hand-written digits.

Where the recordings are not on this machine, simulated stand-ins of the
same form are shown, and what is printed says so.
"""

# sphinx_gallery_thumbnail_number = 2
import tempfile
from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneGroupOut
from sklearn.svm import SVC

import isocortex as ic

# %%
# Volumes, blocks, patterns
# -------------------------
# A NIfTI file and a mask were read by :func:`isocortex.read_volumes`: a
# row for each volume, a column for each voxel of the mask. Trends and
# scale go out of each run, and the volumes of a block are averaged.

trials = ic.datasets.haxby_slice(or_simulated=True)
print("haxby_slice:", trials)

patterns = ic.run_averages(ic.clean(trials))
blocks = patterns.take(np.array(patterns.stimuli) != "rest")
blocks

# %%
# What was seen?
# --------------
# Eight categories, each run left out in turn; guessing would be right
# in one of eight. Rows are what was seen, numbers are blocks. In the
# recording, houses are always told, and man-made things are taken for
# one another.

seen = list(blocks.stimuli)
svm = SVC(kernel="linear")
scores = ic.probe(blocks, seen, svm, folds=LeaveOneGroupOut())
print(f"right in {scores.values.mean():.0%} of the blocks left out")
ic.plots.confusion(scores)

# %%
# Which voxels know?
# ------------------
# An encoding model: the category predicts each voxel. Pearson's r is
# between measured and predicted blocks of runs that were left out, of
# all runs together, since a single run has only eight blocks.

names = [
    f"run {run}, {what}"
    for run, what in zip(blocks.runs, seen, strict=True)
]
design = pd.get_dummies(pd.Series(seen)).astype(float)
labels = {"layer": "category"}
features = ic.Responses(design.to_numpy(), names, labels=labels)
recording = ic.Responses(blocks.values, names, blocks.units)
by_run = ic.Folds(LeaveOneGroupOut(), list(blocks.runs))
accuracy = ic.encode(
    features, recording, ic.OLS(), folds=by_run, pooled=True
)
ic.plots.brain(accuracy, like=recording)

# %%
# The map becomes an image where the mask was, with the affine of the
# recording; any viewer opens it.

folder = Path(tempfile.mkdtemp())
path = folder / "accuracy.nii.gz"
ic.write_nifti(accuracy, path, like=recording)
image = nib.load(path)
print(path.name, image.shape, image.get_data_dtype())
print(f"best voxel: r = {image.get_fdata().max():.2f}")

# %%
# Digits
# ------
# Sixes and nines, and the voxels of V1 to V3 of the one who saw them.
# Where the voxels lie was not published, so there is no map; but the
# digit can be read out of them.

digits = ic.datasets.digits69(or_simulated=True)
print(digits)
stimuli, brain = digits.stimuli, digits.brain
which = stimuli.table["digit"]
probed = ic.probe(brain, which, LogisticRegression(), folds=10)
print(f"six or nine: right for {probed.values.mean():.0%}")

# %%
# And pixels predict many of the voxels, coarse ones as well as fine
# ones: grey is the distribution over voxels, the black line goes from
# the first to the third quartile, the bar is the mean.

pixels = np.stack(
    [stimuli.read(row).astype(float) for row in range(len(stimuli))]
)
coarse = pixels.reshape(-1, 7, 4, 7, 4).mean((2, 4))
layers = [
    ic.Responses(
        each.reshape(len(each), -1), stimuli.names, labels=label
    )
    for each, label in (
        (pixels, {"layer": "28 x 28 pixels"}),
        (coarse, {"layer": "7 x 7 pixels"}),
    )
]
ridge = ic.Ridge(np.logspace(4, 11, 15), inner="loo")
scores = ic.encode(layers, brain, ridge, folds=10)
ax = ic.plots.accuracy(scores, points="unit")
ax.set_title(f"{brain.n_units} voxels")
