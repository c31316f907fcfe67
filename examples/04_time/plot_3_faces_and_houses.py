"""
Faces and houses in four electrodes
===================================

From when on does the EEG tell faces from houses, and does what is
learnt at one time hold at another?

Four people saw faces and houses, with a headband of four dry
electrodes. :func:`isocortex.decoding_rdms` decodes at each time,
:func:`isocortex.clusters` tests the time course, and
:func:`isocortex.generalization` trains at one time and tests at others.

Where these data are not on this machine, an EEG is simulated with a
deflection that faces alone have, and what is printed says so.
"""

import pandas as pd

import isocortex as ic

trials = ic.datasets.n170_eeg(or_simulated=True)
for each in trials:
    print("n170_eeg:", each)
trials[0]

# %%
# Decoding in time
# ----------------
# What is decoded at a time are the samples of 100 ms around it, all of
# them, in all channels. Covariances are shrunk (Ledoit-Wolf), and ten
# folds are taken. Each time of each subject is a dissimilarity matrix
# with a single pair in it.

windows = [ic.time_windows(each, 0.1, step=0.02) for each in trials]
rdms = ic.decoding_rdms(windows, folds=10, shrinkage="auto")
pair = pd.DataFrame({"pair": ["face/house"]})
axes = {"rdm": rdms.labels[["subject", "time"]], "pair": pair}
scores = ic.Scores(rdms.values, axes, "accuracy")

# %%
# The thick line is the mean, with one standard error; grey lines are
# the four people. In the recording, three of four rise at 200 to 300
# ms.
#
# With four subjects there are 16 ways to flip their signs, so no
# p-value is below 1/16: the test cannot call anything significant, and
# says so.

clusters = ic.clusters(scores, chance=0.5, tail="greater")
print(clusters)
for what, found in clusters.notes.items():
    print(f"  {what}: {found}")

ax = ic.plots.timecourse(scores, clusters=clusters, chance=0.5)
for _, mine in scores.table().groupby("subject"):
    grey = {"color": "0.6", "linewidth": 0.7, "zorder": 0}
    ax.plot(mine["time"], mine["score"], **grey)
ax.autoscale(axis="y")
ax.set_title(f"{len(trials)} people, faces or houses")

# %%
# Time by time
# ------------
# Trained at one time, tested at another, mean over people. In the
# recording, what is learnt at 250 ms holds only near 250 ms: the code
# changes.

across = ic.generalization(windows, folds=5, shrinkage="auto")
ic.plots.generalization(across)
