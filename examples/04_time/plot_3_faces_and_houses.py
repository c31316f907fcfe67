"""
Faces and houses in four electrodes
===================================

Four people saw faces and houses, with a headband of four dry electrodes. From when on does the
EEG tell one from the other, and does what is learnt at one time hold at another?

Where these data are not at hand, an EEG is made with a deflection that is larger for faces.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import isocortex as ic

try:
    trials = ic.datasets.n170_eeg()
except ic.NotFoundError:
    rng = np.random.default_rng(0)
    times = np.arange(-0.1, 0.8, 1 / 128)
    wave = -4 * np.exp(-(((times - 0.17) / 0.03) ** 2))
    trials = []
    for subject in range(1, 5):
        face = np.arange(240) % 2
        noise = np.cumsum(rng.normal(size=(240, 4, len(times))), 2)
        values = 4 * rng.normal(size=noise.shape) + noise - noise.mean(2, keepdims=True)
        values += face[:, None, None] * np.array([1, 0.2, 0.2, 1])[:, None] * wave
        names = np.where(face, "face", "house")
        trials.append(ic.Trials(values, names, times, labels={"subject": subject}))

for each in trials:
    print(each)

# %%
# Decoding in time
# ----------------
# What is decoded at a time are the samples of 100 ms around it, all of them, in all channels.
# Covariances are shrunk (Ledoit-Wolf), and ten folds are taken. Each time of each subject is a
# dissimilarity matrix with a single pair in it.

windows = [ic.time_windows(each, 0.1, step=0.02) for each in trials]
rdms = ic.decoding_rdms(windows, folds=10, shrinkage="auto")
scores = ic.Scores(
    rdms.values,
    {"rdm": rdms.labels[["subject", "time"]], "pair": pd.DataFrame({"pair": ["face/house"]})},
    "accuracy",
)

# %%
# With four subjects there are 16 ways to flip their signs, so no p-value is below 1/16: the
# test below cannot call anything significant, and says so. Each subject by itself is drawn too.

clusters = ic.clusters(scores, chance=0.5, tail="greater")
print(clusters, dict(clusters.notes))

ax = ic.plots.timecourse(scores, clusters=clusters, chance=0.5)
for _, mine in scores.table().groupby("subject"):
    ax.plot(mine["time"], mine["score"], color="0.6", linewidth=0.7, zorder=0)
ax.autoscale(axis="y")
plt.show()

# %%
# Time by time
# ------------

across = ic.generalization(windows, folds=5, shrinkage="auto")
ic.plots.generalization(across)
plt.show()
