"""
A study in one file
===================

Which of two networks is more like early visual cortex (EVC) and
inferior temporal cortex (IT) of many people, and in which layer? What
is compared with what is written down once; then it is planned, run, and
read as a table, a figure and a page.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from PIL import Image

import isocortex as ic

# %%
# Files, as you have them
# -----------------------
# A folder of images, and a file for each person and region: here RDMs.
# Responses, trials and images of brains will do as well.

data = ic.datasets.images92(or_simulated=True)
print(data)
folder = Path(tempfile.mkdtemp())
(folder / "images").mkdir()
(folder / "fmri").mkdir()
for i, name in enumerate(data.stimuli.names):
    picture = data.stimuli.read(i)
    if picture.dtype.kind == "f":
        picture = (255 * picture).astype("uint8")
    Image.fromarray(picture).save(folder / "images" / f"{name}.png")
for row in data.brain.labels.itertuples():
    rdm = data.brain.select(region=row.region, subject=row.subject)
    ic.save(rdm, folder / "fmri" / f"{row.subject}_{row.region}.npz")

# %%
# The study
# ---------
# ``isocortex study init`` writes such a file to begin with; all that
# may stand in it is told on the page on studies in the guide. Where no
# weights are on this machine, both networks have random ones.

there = ic.datasets.local_weights("squeezenet1_1", missing_ok=True)
weights = there or "random"
print("SqueezeNet's weights:", "of ImageNet" if there else "random")

(folder / "study.toml").write_text(f"""
[study]
name = "objects"

[stimuli]
folder = "images"

[[network]]
name = "SqueezeNet"
source = "squeezenet1_1"
weights = "{weights}"
layers = ["features.1", "features.4", "features.7", "features.12"]

[[network]]
name = "SqueezeNet, untrained"
source = "squeezenet1_1"
weights = "random"
seed = 1
layers = ["features.1", "features.4", "features.7", "features.12"]

[[recording]]
name = "fMRI"
files = "fmri/{{subject}}_{{region}}.npz"
regions = ["EVC", "IT"]

[[method]]
name = "RSA"
kind = "rsa"
comparison = "spearman"
""")

study = ic.Study.from_toml(folder / "study.toml")
plan = ic.plan(study)
print(plan)

# %%
# Run
# ---
# Stopped at any moment, the same call goes on where it was; what is
# added to the file next week costs its own work only.
# ``where=4`` takes four processes, ``where="cluster"`` the machines
# that the file names. See :func:`isocortex.plan`,
# :func:`isocortex.run`.

result = ic.run(study)
print(result)

# %%
# The table has a row for each number, and rows without a subject for
# means, with their interval and p. For each person the best layer is
# chosen by the others, so that it is not the luckiest one.

best = result.best()
by_layer = best.groupby(["network", "region"], observed=True)["score"]
print(by_layer.agg(["mean", "sem", "count"]).round(3).to_string())

# %%
# A figure
# --------
# Means over people with their 95 % intervals, by depth; the band is the
# noise ceiling of the region.

table = result.table()
means = table[table["subject"].isna()]
figure, axes = plt.subplots(
    1, 2, figsize=(8, 3), sharey=True, layout="constrained"
)
for ax, region in zip(axes, ["EVC", "IT"], strict=True):
    mine = means[means["region"] == region]
    for name, each in mine.groupby("network", observed=True):
        ax.fill_between(
            each["depth"], each["low"], each["high"], alpha=0.2
        )
        ax.plot(each["depth"], each["score"], marker="o", label=name)
    low, high = mine[["ceiling", "ceiling_high"]].iloc[0]
    ax.axhspan(low, high, color="0.85", zorder=0, label="noise ceiling")
    ax.axhline(0, color="0.5", linewidth=0.8, linestyle=":")
    ax.set(title=region, xlabel="depth of the layer, 0 to 1")
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("Spearman's ρ, mean of people")
where = {"loc": "outside right upper", "frameon": False}
figure.legend(*axes[0].get_legend_handles_labels(), **where)
plt.show()

# %%
# A page
# ------
# One file that opens without a network and can be sent to others: who
# is best where, tests, profiles, matrices, the table, methods in words
# (:func:`isocortex.report`).

page = ic.report(result, folder / "objects.html")
print(page.name, f"{page.stat().st_size / 1e6:.1f} MB")
