"""
What a dissimilarity sees
=========================

Which dissimilarities care about the strength of a response, and which
about its pattern only?

Simulated complex cells (:func:`isocortex.simulate_responses`) see
gratings of four orientations, each of them strong and faint. The same
responses give different matrices by :func:`isocortex.rdms`, and
different maps by :func:`isocortex.plots.mds`.
"""

import matplotlib.pyplot as plt
import numpy as np

import isocortex as ic

# %%
# Simulated responses with a known answer
# ---------------------------------------
# The contrast of a grating scales the response of all cells, and leaves
# its pattern. What each grating is stands in the table of the stimuli.

crossed = ic.crossed(
    orientations=[-90, -45, 0, 45],
    contrasts=[1.0, 0.5],
    phases=[0, 120],
)
stimuli = ic.sinusoids(**crossed)
cells = ic.simulate_responses(stimuli, "gabor_energy", noise=0.1)
groups = [f"{angle:.0f}°" for angle in stimuli.table["orientation"]]
print(cells)
ic.plots.stimuli(stimuli.take(range(0, len(stimuli), 2)))

# %%
# Pattern, or strength as well
# ----------------------------
# Correlation and cosine see the pattern: blocks of one orientation are
# dark. Euclidean and Manhattan distance also see the strength: strong
# gratings are far from faint ones of the same orientation.

kinds = ("correlation", "cosine", "euclidean", "manhattan")
figure, axes = plt.subplots(2, 2, figsize=(9, 7), layout="constrained")
for ax, kind in zip(axes.flat, kinds, strict=True):
    ic.plots.rdm(ic.rdms(cells, kind), groups=groups, ax=ax)
    ax.set_title(kind)

# %%
# On a map of the stimuli, distances follow dissimilarities as well as
# two dimensions allow. By correlation each orientation is one place; by
# Euclidean distance it is two, and the faint ones are nearer to all.

figure, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
for ax, kind in zip(axes, ("correlation", "euclidean"), strict=True):
    ic.plots.mds(ic.rdms(cells, kind), groups=groups, ax=ax)
    ax.set_title(kind)

# %%
# One of your own
# ---------------
# A dissimilarity is a name, or a function from responses (stimulus,
# unit) to a square matrix.


def largest_difference(x):
    """The difference in the unit that differs most."""
    return np.abs(x[:, None] - x[None]).max(-1)


ax = ic.plots.rdm(ic.rdms(cells, largest_difference), groups=groups)
ax.set_title("largest difference of any cell")

# sphinx_gallery_thumbnail_number = 2
