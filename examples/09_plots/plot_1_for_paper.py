"""
Figures for a paper
===================

Plots take an axes and give it back, so that they stand beside what else
a figure holds. In :func:`isocortex.plots.paper` they are as wide as a
column.

All numbers on this page are simulated.
"""

import tempfile
from pathlib import Path

import mne
import nibabel as nib
import numpy as np

import isocortex as ic

rng = np.random.default_rng(0)

# %%
# One column, two panels
# ----------------------
# Inside the block letters have the size of print, and text in SVG and
# PDF stays text: save the figure there.

names = [f"conv{i}" for i in range(1, 6)]
far = np.abs(np.subtract.outer(range(5), range(5)))
axes = {"first": {"layer": names}, "second": {"other_layer": names}}
cka = ic.Scores(np.exp(-far / 3), axes, "cka")
with ic.plots.paper(85):
    ic.plots.similarity(cka)

# %%
# Two columns:

images = [f"image {i}" for i in range(20)]
labels = {"layer": ["conv1", "conv3", "conv5"]}
rdms = ic.RDMs(rng.random((3, 190)) + 0.5, images, labels)
with ic.plots.paper(174):
    ic.plots.rdm_panels(rdms)

# %%
# Networks
# --------
# Which region is best predicted from the units of each layer, and where
# that puts a network among published ones.

scores = {
    name: rng.uniform(0.1, 0.6, (5, 80)) + 0.2 * np.eye(5)[:, [i]]
    for i, name in enumerate(names)
}
estimate = ic.hierarchy(scores)
ic.plots.hierarchy_regions(estimate)

# %%

ic.plots.hierarchy_ranking(ic.ranked({"my network": estimate}))

# %%
# Maps
# ----
# A map in MNI space through a glass brain and on the cortex.

affine = np.diag([6.0, 6, 6, 1])
affine[:3, 3] = -78, -112, -70
centres = np.moveaxis(np.indices((27, 32, 27)), 0, -1) @ affine[:3, :3]
centres = centres + affine[:3, 3]
near = np.exp(-((centres - [38, -60, -12]) ** 2).sum(-1) / 400)
image = nib.Nifti1Image(np.stack([near, near], -1), affine)
voxels = ic.read_nifti(image)
r = ic.Scores(voxels.numpy()[0], {"unit": voxels.units}, "pearson")
ic.plots.glass(r, threshold=0.2)

# %%

ic.plots.surface(r, hemisphere="both", threshold=0.2)

# %%
# Sensors of an EEG:

channels = mne.channels.make_standard_montage("biosemi32").ch_names
head = mne.create_info(channels, 100.0, "eeg")
head = head.set_montage("biosemi32")
axes = {
    "unit": {"channel": channels},
    "time": {"time": [0.1, 0.17, 0.25]},
}
values = np.linspace(0, 0.4, 32)[:, None] * [0.3, 1, 0.6]
eeg = ic.Scores(values, axes, "spearman")
ic.plots.topography(eeg, head, threshold=0.3)

# %%
# Time
# ----
# Matrices one after the other, as a film that can be saved.

frames = rng.random((8, 190)) + np.linspace(0, 1, 8)[:, None]
times = {"time": np.arange(8) / 20}
movie = ic.plots.rdm_animation(ic.RDMs(frames, images, times))
with tempfile.TemporaryDirectory() as folder:
    movie.save(Path(folder) / "rdms.gif", writer="pillow")
