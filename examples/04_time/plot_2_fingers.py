"""
Five fingers, cross-validated over runs
=======================================

How far apart are the patterns of five fingers in the hand area, and
what explains their distances?

Seven people moved single fingers at 7 tesla. Three models: muscles,
where fingers lie side by side in the cortex (somatotopy), and how hands
are used every day (natural statistics). Distances are crossnobis
(:func:`isocortex.rdms`), and models are tested by
:func:`isocortex.infer`.

Where these data are not on this machine, patterns are simulated whose
distances follow natural statistics, and what is printed says so.
"""

import matplotlib.pyplot as plt
import numpy as np

import isocortex as ic

data = ic.datasets.finger7t(or_simulated=True)
print(data)
trials, models = data.trials, data.models
trials[0]

# %%
# Distances over runs
# -------------------
# Each distance is an inner product of two estimates of the same
# difference, from different runs. Noise does not add to it; it is not
# clipped, and no root is taken. The thumb is far from all others, and
# neighbours are near.

rdms = ic.rdms(list(trials), "crossnobis")
rdms = rdms.reorder(["thumb", "index", "middle", "ring", "little"])
ax = ic.plots.rdm(rdms.mean(), groups=rdms.stimuli)
ax.set_title(f"mean of {rdms.n_rdms} people")

# %%
# Alike between brains
# --------------------

alike = ic.compare(rdms, rdms, "pearson").values
pairs = alike[np.triu_indices(len(alike), 1)]
print(f"mean correlation between two people: {pairs.mean():.2f}")

# %%
# Three models and the noise ceiling
# ----------------------------------
# Bars are means, points are people. Natural statistics come closest to
# the ceiling.

scores = ic.compare(models, rdms, "pearson")
ceiling = ic.noise_ceiling(rdms, "pearson")
print(f"noise ceiling {ceiling.low:.2f} to {ceiling.high:.2f}")

names = list(models.labels["model"])
figure, ax = plt.subplots(figsize=(5, 3.4), layout="constrained")
band = {"color": "0.85", "label": "noise ceiling"}
ax.axhspan(ceiling.low, ceiling.high, **band)
ax.bar(names, scores.values.mean(1), width=0.6, color="#0072B2")
for i, row in enumerate(scores.values):
    at = i + np.linspace(-0.12, 0.12, len(row))
    ax.plot(at, row, "o", color="black", alpha=0.5, markersize=4)
lowest = min(0, scores.values.min() - 0.05)
ax.set(ylim=(lowest, 1.15), ylabel="Pearson's r")
ax.axhline(0, color="grey", linewidth=0.8)
ax.set_title(f"{rdms.n_rdms} people", fontsize="medium")
ax.legend(frameon=False, loc="upper right")
ax.spines[["top", "right"]].set_visible(False)

# %%
# For other people
# ----------------
# With five fingers there are no other stimuli to speak of: people are
# drawn anew. A wing starts at a model and ticks those that it is better
# than.

result = ic.infer(models, rdms, "pearson", over="subject")
print(result.pairs().round(4).to_string(index=False))
ic.plots.models(result)

# %%
# Whether a model is related to the hand area at all, all 120 ways to
# name five fingers tell exactly: no p can be below 1/120.

relabelled = ic.infer(models, rdms, "pearson", method="permutation")
relabelled.table()[["model", "score", "p", "n"]].round(4)

# sphinx_gallery_thumbnail_number = 2
