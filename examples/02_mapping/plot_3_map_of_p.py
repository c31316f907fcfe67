"""
From betas to a map of p
========================

Which voxels does a layer of a network predict, and for which is that
more than chance? Betas and images go in; out come a map over the
anatomy, of those voxels alone that survive correction, and NIfTI files.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import nibabel as nib
import numpy as np
from nilearn.datasets import (
    load_mni152_brain_mask,
    load_mni152_template,
)

import isocortex as ic

# %%
# Files, as the analysis of a run leaves them
# -------------------------------------------
# An image with one beta for each stimulus, a mask, and the anatomy. (A
# series and its events become betas by :func:`isocortex.read_bold`, a
# study in BIDS by :func:`isocortex.read_bids`, both followed by
# ``ic.average``.) There are no such betas of the images that are at
# hand here, so they are simulated, in three slices of MNI space: the
# back of the brain follows a layer of AlexNet.

data = ic.datasets.images92(or_simulated=True)
weights = ic.datasets.local_weights("alexnet_features", missing_ok=True)
name = "AlexNet" if weights else "AlexNet, untrained"
network = ic.load_network("alexnet", weights, name=name)
print(data, network, "Betas: simulated", sep="\n")
layer = ic.extract(network, data.stimuli, ["conv3_relu"])["conv3_relu"]

folder = Path(tempfile.mkdtemp())
anatomy = load_mni152_template(resolution=2)
brain_mask = load_mni152_brain_mask(resolution=6).slicer[:, :, 10:16:2]
inside = brain_mask.get_fdata() > 0
y = nib.affines.apply_affine(brain_mask.affine, np.argwhere(inside))[
    :, 1
]
rng = np.random.default_rng(0)
seen = layer.numpy() - layer.numpy().mean(0)
seen = seen @ rng.normal(size=(layer.n_units, len(y)))
values = rng.normal(size=seen.shape) + 4 * (y < -60) * seen / seen.std()
betas = np.zeros((*inside.shape, len(seen)))
betas[inside] = values.T
nib.save(
    nib.Nifti1Image(betas, brain_mask.affine), folder / "betas.nii.gz"
)
nib.save(brain_mask, folder / "mask.nii.gz")

# %%
# Encode, test, draw, save
# ------------------------
# A ridge regression predicts each voxel from the layer, five times a
# fifth of the images. (Of a list of penalties, each voxel's own would
# be chosen in inner folds.) Images change places 500 times for p;
# ``p_fdr`` is corrected over voxels by Benjamini and Hochberg, and
# ``p_max`` by the largest score. See :func:`isocortex.read_nifti`,
# :func:`isocortex.encode`, :func:`isocortex.plots.brain` and
# :func:`isocortex.write_nifti`.

brain = ic.read_nifti(
    folder / "betas.nii.gz", folder / "mask.nii.gz", data.stimuli
)
model = ic.Ridge(1e5)
scores = ic.encode(
    layer, brain, model, folds=5, pooled=True, permutations=500
)
ax = ic.plots.brain(
    scores, p={"p_fdr": 0.05}, background=anatomy, slices=3
)
ax.set_title(f"{network.name}, simulated betas\n")
plt.show()
ic.write_nifti(scores, folder / "r.nii.gz", p={"p_fdr": 0.05})
ic.write_nifti(scores, folder / "p.nii.gz", column="p_fdr")

# %%
# What was written is read by any viewer, and here:

again = ic.read_nifti(folder / "r.nii.gz", folder / "mask.nii.gz")
kept, back = again.numpy()[0] != 0, y < -60
print(again)
print(f"kept at the back, where an effect is: {kept[back].mean():.0%}")
print(f"kept elsewhere, where none is: {kept[~back].mean():.1%}")

# %%
# As a table, the best first:

table = scores.table().sort_values("score", ascending=False)
columns = ["i", "j", "k", "score", "p", "p_fdr", "p_max"]
print(table[columns].head(5).round(3).to_string(index=False))

# %%
# A page to look through in a browser, with the same threshold, is
# ``ic.view(scores, "map.html", p={"p_fdr": 0.05})``.
