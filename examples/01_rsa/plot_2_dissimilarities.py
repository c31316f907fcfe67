"""
What a dissimilarity sees
=========================

The same responses under several dissimilarities: which of them care about the strength of a
response, and which about its pattern only? And a map of the stimuli.
"""

import matplotlib.pyplot as plt
import numpy as np

import isocortex as ic

# %%
# A made region: three groups of eight stimuli, each group with a pattern of its own. Half of the
# stimuli are shown at twice the contrast, which doubles the response and leaves its pattern.

rng = np.random.default_rng(1)
groups = np.repeat(["faces", "houses", "tools"], 8)
patterns = rng.gamma(2.0, size=(3, 100))
contrast = np.tile([1.0, 2.0], 12)
values = contrast[:, None] * (patterns[np.repeat([0, 1, 2], 8)] + 0.4 * rng.normal(size=(24, 100)))
names = [f"{group} {i}" for i, group in enumerate(groups)]
region = ic.Responses(values, names, labels={"region": "made"})
region

# %%
# Correlation and cosine see the pattern; Euclidean and Manhattan distance also see the strength.

figure, axes = plt.subplots(1, 4, figsize=(15, 3.4), layout="constrained")
for ax, kind in zip(axes, ("correlation", "cosine", "euclidean", "manhattan"), strict=True):
    ic.plots.rdm(ic.rdms(region, kind), groups=groups, ax=ax)
    ax.set_title(kind)

# %%
# On a map of the stimuli, distances follow dissimilarities as well as two dimensions allow.

figure, axes = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
for ax, kind in zip(axes, ("correlation", "euclidean"), strict=True):
    ic.plots.mds(ic.rdms(region, kind), groups=groups, ax=ax)
    ax.set_title(kind)

# %%
# A dissimilarity is a name or a function from (n, d) responses to an (n, n) matrix.


def largest_difference(x):
    """The difference in the unit that differs most."""
    return np.abs(x[:, None] - x[None]).max(-1)


ic.plots.rdm(ic.rdms(region, largest_difference), groups=groups)
