"""
From betas to a map of what a network predicts
==============================================

Which voxels does a layer of a network predict, and for which is that
more than chance? Betas and images go in; out come a map over the
anatomy, of those voxels alone that survive correction, and NIfTI files.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import nibabel as nib
import numpy as np
from nilearn.datasets import load_mni152_template

import isocortex as ic

# %%
# Files, as the analysis of a run leaves them
# -------------------------------------------
# An image with one beta for each stimulus, a mask, and the anatomy. (A
# study in BIDS goes from events and series to betas by
# ``ic.read_bids(root, betas="lss")``.) There are no such betas of the
# images that are at hand here, so they are simulated, at the back of a
# head in MNI space: voxels of the left side follow a layer of AlexNet.

data = ic.datasets.images92(or_simulated=True)
weights = ic.datasets.local_weights("alexnet_features", missing_ok=True)
network = ic.load_network("alexnet", weights)
print(data, network, "Betas: simulated", sep="\n")
layer = ic.extract(network, data.stimuli, ["conv3_relu"])["conv3_relu"]

folder = Path(tempfile.mkdtemp())
anatomy = load_mni152_template(resolution=2)
rng = np.random.default_rng(0)
seen = layer.numpy() - layer.numpy().mean(0)
seen = seen @ rng.normal(size=(layer.n_units, 18 * 6 * 5))
betas = rng.normal(size=(len(seen), 18, 6, 5))
left = np.arange(18)[:, None, None] < 9
betas += 4 * left * (seen / seen.std()).reshape(betas.shape)
space = np.diag([4.0, 4.0, 4.0, 1.0])
space[:3, 3] = -34, -98, -10
mask = np.ones((18, 6, 5), dtype=np.uint8)
nib.save(
    nib.Nifti1Image(np.moveaxis(betas, 0, -1), space),
    folder / "betas.nii.gz",
)
nib.save(nib.Nifti1Image(mask, space), folder / "mask.nii.gz")

# %%
# Encode, test, draw, save
# ------------------------
# A ridge regression predicts each voxel from the layer, five times a
# fifth of the images. Images change places 200 times for p;
# ``p_fdr`` is corrected over voxels by Benjamini and Hochberg, and
# ``p_max`` by the largest score. See :func:`isocortex.read_nifti`,
# :func:`isocortex.encode`, :func:`isocortex.plots.brain` and
# :func:`isocortex.write_nifti`.

brain = ic.read_nifti(folder / "betas.nii.gz", folder / "mask.nii.gz", data.stimuli)
model = ic.Ridge(np.logspace(2, 9, 6))
scores = ic.encode(layer, brain, model, folds=5, pooled=True, permutations=200)
ic.plots.brain(scores, p={"p_fdr": 0.05}, background=anatomy, slices=5)
plt.show()
ic.write_nifti(scores, folder / "r.nii.gz", p={"p_fdr": 0.05})
ic.write_nifti(scores, folder / "p.nii.gz", column="p_fdr")

# %%
# What was written is read by any viewer, and here:

again = nib.load(folder / "r.nii.gz")
kept = again.get_fdata() != 0
print(again.shape, "voxels of", again.header.get_zooms()[:3], "mm")
print(f"{kept.sum()} of {kept.size} voxels with p ≤ .05, corrected")
print(f"left, where there is something: {kept[:9].sum()}")
print(f"right, where there is nothing: {kept[9:].sum()}")

# %%
# As a table, the best first:

table = scores.table().sort_values("score", ascending=False)
columns = ["i", "j", "k", "score", "p", "p_fdr", "p_max"]
print(table[columns].head(5).round(3).to_string(index=False))

# %%
# A page to look through in a browser, with the same threshold, is
# ``ic.view(scores, "map.html", p={"p_fdr": 0.05})``.
