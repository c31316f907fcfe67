"""
Five fingers, cross-validated over runs
=======================================

Patterns of the hand area while single fingers move: how far apart are they, is that the same
in every brain, and what explains it: muscles, where fingers lie side by side in the cortex, or
how hands are used every day?

Where these data are not at hand, patterns are made whose distances follow one of three models.
"""

import matplotlib.pyplot as plt
import numpy as np

import isocortex as ic

try:
    data = ic.datasets.finger7t()
    trials, models = data.trials, data.models
except ic.NotFoundError:
    rng = np.random.default_rng(0)
    fingers = ["thumb", "index", "middle", "ring", "little"]
    points = {
        "muscle": rng.normal(size=(5, 4)),
        "natural statistics": np.c_[[3.0, 0.5, 0, -0.2, -0.5], [0, 1.0, 0.3, -0.4, -1]],
        "somatotopy": np.arange(5.0)[:, None],
    }
    models = ic.RDMs.concat(
        [
            ic.rdms(ic.Responses(x, fingers, labels={"model": name}), "squared_euclidean")
            for name, x in points.items()
        ]
    )
    pattern = points["natural statistics"] @ rng.normal(size=(2, 300))
    trials = [
        ic.Trials(
            np.tile(pattern, (8, 1)) + 4 * rng.normal(size=(40, 300)),
            fingers * 8,
            runs=np.repeat(np.arange(8), 5),
            labels={"subject": subject},
        )
        for subject in range(1, 8)
    ]

print(trials[0], "in", len(np.unique(trials[0].runs)), "runs")

# %%
# Distances over runs
# -------------------
# Each distance is an inner product of two estimates of the same difference, from different
# runs. Noise does not add to it; it is not clipped, and no root is taken.

rdms = ic.rdms(list(trials), "crossnobis")
rdms = rdms.reorder(["thumb", "index", "middle", "ring", "little"])
ic.plots.rdm(rdms.mean(), groups=rdms.stimuli)
plt.show()

# %%
# Alike between brains
# --------------------

alike = ic.compare(rdms, rdms, "pearson").values
pairs = alike[np.triu_indices(len(alike), 1)]
print(f"mean correlation between two subjects: {pairs.mean():.2f}")

# %%
# Three models and the noise ceiling
# ----------------------------------

scores = ic.compare(models, rdms, "pearson")
print(scores.mean("data").table().round(3).to_string(index=False))
ceiling = ic.noise_ceiling(rdms, "pearson")
print(f"noise ceiling {ceiling.low:.2f} to {ceiling.high:.2f}")

names = list(models.labels["model"])
fig, ax = plt.subplots(figsize=(5, 3.4), layout="constrained")
ax.axhspan(ceiling.low, ceiling.high, color="0.85", label="noise ceiling")
ax.bar(names, scores.values.mean(1), width=0.6, color="#0072B2")
for i, row in enumerate(scores.values):
    ax.plot(np.full(len(row), i), row, "o", color="black", alpha=0.4, markersize=4)
ax.set_ylim(0, 1.15)
ax.set_ylabel("pearson")
ax.legend(frameon=False, loc="upper right")
ax.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
# For other people
# ----------------
# With five fingers there are no other stimuli to speak of: people are drawn anew. A wing starts
# at a model and ticks those that it is better than.

result = ic.infer(models, rdms, "pearson", over="subject")
print(result.pairs().round(4).to_string(index=False))
ic.plots.models(result)
plt.show()

# %%
# Whether a model is related to the hand area at all, all 120 ways to name five fingers tell
# exactly: no p can be below 1/120.

relabelled = ic.infer(models, rdms, "pearson", method="permutation")
print(relabelled.table()[["model", "score", "p", "n"]].round(4).to_string(index=False))
