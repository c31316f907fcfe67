"""
Left or right: a network and mouse V1
=====================================

Is a network that learns to tell left from right like the visual cortex
of a mouse that sees the same gratings?

A *normative* model is not fitted to the brain: it is trained on a task
that the brain can solve (:func:`isocortex.train`), and then compared
with it. This page repeats a lesson of Neuromatch Academy: a small
convolutional network learns to tell gratings that tilt to the left from
those that tilt to the right, and its layers are held against primary
visual cortex (V1).

The recording is that of Stringer et al. (2021). Where it is not on this
machine and cannot be fetched, a simulated V1 stands in for it, and what
is printed, and titles of figures, say so.
"""

# sphinx_gallery_thumbnail_number = 7
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch

import isocortex as ic

# %%
# The task
# --------
# Orientations are degrees from the vertical; positive ones tilt to the
# right.

ic.plots.stimuli(ic.gratings([-60, -30, 0, 30, 60]))

# %%
# The network
# -----------
# One convolution, one pool, ten units, one probability. With
# ``seed=None`` all random numbers come from torch's global generator,
# so that the lesson is repeated but for rounding: after 5, 10, 15, 20
# and 25 epochs the loss of the last mini-batch there was 4.10e-01,
# 5.17e-02, 1.32e-02, 2.27e-03 and 8.15e-05.

torch.manual_seed(12)
network = ic.load_network("orientation_cnn", weights=None, seed=None)

# What the untrained network does is kept. Nothing random is drawn here.
folder = Path(tempfile.mkdtemp())
grid = ic.gratings(np.arange(-89.5, 90, 1.0))
chosen = ["pool", "fc"]
before = ic.extract(
    network, grid, chosen, into=folder / "untrained.zarr"
)

orientations = (np.random.RandomState(12).rand(1000) - 0.5) * 180
stimuli = ic.gratings(orientations)
to_the_right = orientations > 0
report = ic.train(
    network, stimuli, to_the_right, task="binary", seed=None
)
for epoch in (5, 10, 15, 20, 25):
    loss = report.step_losses[epoch - 1, -1]
    print(f"epoch {epoch}: loss on the last mini-batch {loss:.2e}")
ic.plots.training(report)

# %%
# The recording
# -------------

v1 = ic.load_orientation_responses(or_simulated=True)
simulated = v1.labels.get("data") == "simulated"
title = "simulated V1" if simulated else "mouse V1"
print(title)
v1

# %%
# The same gratings go through the network. Their names say their
# orientations, and by these names the rows of layers and of the
# recording meet.

gratings = ic.gratings(ic.stimulus_values(v1))
layers = ic.extract(network, gratings, chosen, into=folder / "a.zarr")
populations = [v1, layers["pool"], layers["fc"]]
titles = [title, "pool", "fc"]

# %%
# Dissimilarity matrices
# ----------------------
# One minus the correlation of the responses to each pair of gratings.
# V1 knows the angle: -90 and 90 degrees are near, since they are the
# same. The layer ``fc`` knows the side.

rdms = ic.rdms(populations, "correlation")
figure, row = plt.subplots(1, 3, figsize=(10, 3), layout="constrained")
for ax, population, name in zip(row, populations, titles, strict=True):
    ic.plots.rdm(ic.rdms(population, "correlation"), ax=ax)
    ax.set_title(name)

# %%
# The exercise of the lesson, written out, gives the same numbers:
# z-scored responses, then :math:`1 - Z Z^\top / N`.

x = layers["pool"].numpy().astype(float)
z = (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)
written_out = 1 - z @ z.T / z.shape[1]
difference = np.abs(written_out - rdms.square()[1]).max()
print(f"largest difference: {difference:.0e}")

# %%
# Which layer is more like V1? The correlation of the upper triangles
# says.

model = ic.rdms(layers, "correlation")
brain = ic.rdms(v1, "correlation")
scores = ic.compare(model, brain, "pearson")
ax = ic.plots.layer_bars(scores)
ax.set_title(f"with {title}")

# %%
# How alike are pool and fc themselves, before and after training?

for when, store in (("before", before), ("after", layers)):
    both = ic.rdms(store, "correlation")
    pool, fc = both.select(layer="pool"), both.select(layer="fc")
    alike = ic.compare(pool, fc, "pearson").values.item()
    print(f"{when} training: r = {alike:.2f}")

# %%
# Single rows of the matrices: how dissimilar is each grating from one
# at -75, -25, 25 and 75 degrees? The layer ``fc`` cares for the side of
# the tilt, and V1 for the angle.

ic.plots.rdm_rows(rdms, at=[-75, -25, 25, 75])

# %%
# Tuning
# ------
# Three units at random of each population. Units of the pool have
# several peaks, unlike neurons: this is why their embedding, below, is
# less smooth.

figure, row = plt.subplots(
    1, 3, figsize=(12, 3.4), layout="constrained"
)
for ax, population, name in zip(row, populations, titles, strict=True):
    curves = ic.tuning_curves(population, by="orientation", bin_width=3)
    ic.plots.tuning(curves, ax=ax)
    ax.set_title(name)

for population, name in zip(populations, titles, strict=True):
    peaks = ic.tuning_index(population, "peaks", bin_width=10)
    selective = ic.tuning_index(population, "selectivity")
    print(
        f"{name}: {np.nanmean(peaks.values):.1f} peaks, "
        f"selectivity {np.nanmean(selective.values):.2f}"
    )

# %%
# Embedding
# ---------
# Each grating as a point: twenty principal components, then t-SNE. V1
# is a smooth ring; ``fc`` puts gratings together by the choice that
# they lead to.

figure, row = plt.subplots(
    1, 3, figsize=(13, 3.8), layout="constrained"
)
for ax, population, name in zip(row, populations, titles, strict=True):
    ic.plots.embedding(ic.embed(population, "pca_tsne"), ax=ax)
    ax.set_title(name)

# %%
# Other networks and other tasks
# ------------------------------
# Nothing above is tied to this network or this task. Here a network
# without convolution learns the orientation itself, as a point on a
# circle, since -90 and 90 degrees are the same.

angle = 2 * np.deg2rad(orientations)
circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
module = torch.nn.Sequential(
    torch.nn.Flatten(),
    torch.nn.Linear(48 * 64, 20),
    torch.nn.ReLU(),
    torch.nn.Linear(20, 2),
)
picture = ic.Preprocessing(resize=(48, 64), mean=(0.5,), std=(0.5,))
other = ic.load_network(
    module, weights=None, preprocessing=picture, name="regression"
)
how = {"epochs": 15, "learning_rate": 0.01, "momentum": 0.9}
fitted = ic.train(other, stimuli, circle, task="regression", **how)
print(fitted)
hidden = ic.extract(other, gratings, ["2"], into=folder / "b.zarr")
ic.compare(ic.rdms(hidden), brain, "pearson").table()
