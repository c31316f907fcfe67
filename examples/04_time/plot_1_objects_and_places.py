"""
Objects and places in IT, over time
===================================

When do neurons in inferior temporal cortex (IT) tell objects apart, and
is it the object or its position that they tell?

132 neurons saw seven objects at three positions, about 20 times each.
:func:`isocortex.decoding_rdms` gives the accuracy of each pair of the
21 conditions at each time, :func:`isocortex.rdms` a distance that does
not saturate, and :func:`isocortex.clusters` a test over the whole time
course.

Where these data are not on this machine, a population is simulated that
knows the position first and the object later, and what is printed says
so.
"""

# sphinx_gallery_thumbnail_number = 3
import numpy as np
import pandas as pd

import isocortex as ic

# %%
# Trials
# ------
# Single trials, 50 ms bins. The neurons were recorded one after the
# other, so a trial of the population is put together from single trials
# of its neurons.

trials = ic.datasets.objects7_it(width=0.05, or_simulated=True)
print("objects7_it:", trials)
trials

# %%
# Every pair, at every time
# -------------------------
# Cross-validated accuracy of each pair of conditions: a dissimilarity
# matrix for each time, grouped by object. Before the stimulus it is at
# chance, 0.5; soon after, most pairs are classified.

decoded = ic.decoding_rdms(trials, folds=5)
objects = [name.split("/")[0] for name in decoded.stimuli]
frames = [-0.025, 0.075, 0.125, 0.175, 0.225, 0.325, 0.425]
ic.plots.rdm_movie(decoded, frames, groups=objects, limits=(0.4, 0.9))

# %%

accuracy = pd.Series(decoded.values.mean(1), decoded.labels["time"])
accuracy.rename("mean accuracy").round(2).to_frame()

# %%
# A distance instead of an accuracy
# ---------------------------------
# The cross-validated Mahalanobis distance ("crossnobis") does not
# saturate, and is around zero, with both signs, where there is nothing
# to tell apart.

distances = ic.rdms(trials, "crossnobis", noise="diagonal")
before = distances.values[trials.times < 0]
print(
    f"before the stimulus: mean {before.mean():.4f}, "
    f"{np.mean(before < 0):.0%} below zero"
)
ic.plots.rdm_movie(distances, frames, groups=objects)

# %%
# Object or position?
# -------------------
# Two models: the same object or another one, the same position or
# another one. The partial correlation gives each its own part. There is
# one animal's population here, so the random factor is the neurons:
# twelve groups of them that share none take the place of subjects.

parts = np.array([name.split("/") for name in distances.stimuli])
models = ic.RDMs.from_arrays(
    [parts[:, None, k] != parts[None, :, k] for k in (0, 1)],
    distances.stimuli,
    {"model": ["object", "position"]},
)

order = np.random.default_rng(1).permutation(trials.n_units)
groups = []
for number, neurons in enumerate(np.array_split(order, 12)):
    values = trials.values[:, neurons]
    part = ic.Trials(values, trials.stimuli, trials.times)
    rdms = ic.rdms(part, "crossnobis", noise="diagonal")
    labels = rdms.labels.assign(subject=number)
    groups.append(ic.RDMs(rdms.values, rdms.stimuli, labels))

scores = ic.compare(models, ic.RDMs.concat(groups), "partial")
clusters = ic.clusters(scores, tail="greater")
print(clusters.significant().round(4).to_string(index=False))

# %%
# Lines are means over the groups of neurons, with one standard error.
# Bars below mark clusters of times with p ≤ .05, over the whole time
# course.

ax = ic.plots.timecourse(scores, clusters=clusters)
ax.set_title(f"{len(groups)} groups of {trials.n_units // 12} neurons")
