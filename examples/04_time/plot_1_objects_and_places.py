"""
Objects and places in inferior temporal cortex
==============================================

132 neurons saw seven objects at three positions, about 20 times each. When can every pair of
the 21 conditions be decoded? And is it what the object is, or where it stands, that tells
them apart?

Where these data are not at hand, a population is made in which position comes first and
objects later, so that the page can be read and run anywhere.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import isocortex as ic

# %%
# Trials
# ------
# Single trials, 50 ms bins. The neurons were recorded one after the other, so a trial of the
# population is put together from single trials of its neurons.

try:
    trials = ic.datasets.objects7_it(width=0.05)
except ic.NotFoundError:
    rng = np.random.default_rng(0)
    kinds = [f"{o}/{p}" for o in ("car", "face", "hand") for p in ("lower", "middle", "upper")]
    times = np.arange(-0.475, 0.5, 0.05)
    what, where = (
        np.repeat(rng.normal(size=(3, 60)), 3, 0),
        np.tile(rng.normal(size=(3, 60)), (3, 1)),
    )
    signal = [0.7 * what[:, :, None] * (times > 0.15), 0.5 * where[:, :, None] * (times > 0.05)]
    values = np.tile(sum(signal), (19, 1, 1)) + rng.normal(size=(171, 60, 20))
    trials = ic.Trials(values, kinds * 19, times)

print(trials)

# %%
# Every pair, at every time
# -------------------------
# Cross-validated accuracy of each pair of conditions: a dissimilarity matrix for each time.
# Before the stimulus it is at chance, 0.5.

decoded = ic.decoding_rdms(trials, folds=5)
accuracy = pd.Series(decoded.values.mean(1), decoded.labels["time"])
print(accuracy.round(2).to_string())

objects = [name.split("/")[0] for name in decoded.stimuli]
frames = [-0.225, -0.025, 0.075, 0.125, 0.175, 0.225, 0.325, 0.425]
ic.plots.rdm_movie(decoded, frames, groups=objects, limits=(0.4, 0.9))
plt.show()

# %%
# A distance instead of an accuracy
# ---------------------------------
# The cross-validated Mahalanobis distance ("crossnobis") does not saturate, and is around zero,
# with both signs, where there is nothing to tell apart.

distances = ic.rdms(trials, "crossnobis", noise="diagonal")
before = distances.values[trials.times < 0]
print(f"before the stimulus: mean {before.mean():.4f}, {np.mean(before < 0):.0%} below zero")

ic.plots.rdm_movie(distances, frames, groups=objects)
plt.show()

# %%
# Object or position?
# -------------------
# Two models: the same object or another one, the same position or another one. The partial
# correlation gives each its own part. There is one animal's population here, so the random
# factor is the neurons: twelve groups of them that share none take the place of subjects.

stimuli = distances.stimuli
parts = np.array([name.split("/") for name in stimuli])
models = ic.RDMs.from_arrays(
    [(parts[:, None, k] != parts[None, :, k]).astype(float) for k in (0, 1)],
    stimuli,
    {"model": ["object", "position"]},
)

order = np.random.default_rng(1).permutation(trials.n_units)
groups = []
for number, neurons in enumerate(np.array_split(order, 12)):
    part = ic.Trials(trials.values[:, neurons], trials.stimuli, trials.times)
    rdms = ic.rdms(part, "crossnobis", noise="diagonal")
    groups.append(ic.RDMs(rdms.values, stimuli, rdms.labels.assign(subject=number)))

scores = ic.compare(models, ic.RDMs.concat(groups), "partial")
clusters = ic.clusters(scores, tail="greater")
print(clusters.significant().round(4).to_string(index=False))

# %%
# Bars below mark clusters of times with p <= .05, over the whole time course.

ic.plots.timecourse(scores, clusters=clusters)
plt.show()
