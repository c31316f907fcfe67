"""
A story, and what listeners share of it
=======================================

Do regions of the language network follow how many words there are, what
the words mean, or what a text network makes of them in their context?

27 people lay in a scanner and heard the first chapter of *Alice in
Wonderland*. Words become volumes by :func:`isocortex.resample` and
:func:`isocortex.delayed`, what listeners share is found by
:func:`isocortex.intersubject`, and :func:`isocortex.encode` and
:func:`isocortex.partition` tell what explains it.

Where the recording is not on this machine, a story and its listeners
are simulated; what is printed says which of the two is shown.
"""

# sphinx_gallery_thumbnail_number = 3
import matplotlib.pyplot as plt
import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic

# %%
# Words, vectors, hidden states, listeners
# ----------------------------------------
# The words have their times in seconds from the start of the first of
# 372 volumes. GloVe has 50 numbers for each word, whatever stands
# around it; MiniLM, a text network of six blocks, has 384 in each of
# seven hidden states, and reads the 40 words before it as well. Clitics
# (*'s*, *'ll*) are left out, since GloVe's vectors and MiniLM's windows
# are of whole words here.

STATES = [f"hidden state {i}" for i in range(7)]
story = ic.datasets.alice(or_simulated=True)
print(story)
listeners = story.listeners
if story.simulated:
    words = story.words
    glove = story.features["GloVe"]
    states = {state: story.features[state] for state in STATES}
else:
    clitic = story.words.table["word"].str.startswith("'").to_numpy()
    words = story.words.take(~clitic)
    folder = ic.datasets.local_weights("glove_50d")
    vectors = folder / "glove_6b_50d_20k.npz"
    glove = ic.features.embedding(words, vectors, unknown="zero")
    network = ic.load_network(ic.datasets.local_weights("minilm_l6"))
    how = {"context": 40, "pooling": "mean"}
    states = ic.extract(network, words, STATES, **how)
    print("GloVe 6B, all-MiniLM-L6-v2")

rate = ic.features.word_rate(words)
print(f"{len(words)} words, {len(listeners)} listeners")

# %%
# Without those who say nothing
# -----------------------------
# Trends are taken out of each listener's series, which then have the
# same scale. One listener's are constant, which nothing can be made of:

cleaned = []
for each in listeners:
    try:
        cleaned.append(ic.clean(each))
    except ic.UndefinedError as error:
        print(error)

# %%
# What they have in common is all that the story can explain. The mean
# of the others tells that much of one listener, and the mean over all
# listeners has a ceiling, which its reliability gives.

shared = ic.intersubject(cleaned, permutations=200)
table = shared.mean("subject").table()
columns = ["region", "score", "pairwise", "ceiling_group", "p"]
print(table[columns].round(3).to_string(index=False))

mean = np.mean([each.numpy() for each in cleaned], axis=0)
group = cleaned[0].replace(values=mean, labels={"of": "group"})

# %%
# From words to volumes
# ---------------------
# Features are brought to volumes by a low-pass filter (Lanczos), and
# four copies, 2 to 8 s late, let each feature find its own response.
# Volumes that were not kept are left out *after* that, so that the
# first ones know what came before them.


def late(*spaces, name, centre=False):
    """Features as the volumes of the recording can follow them."""
    joined = ic.Responses.concat(spaces)
    series = ic.resample(joined, 372, tr=2.0, centre=centre)
    kept = ic.delayed(series, [1, 2, 3, 4]).take(slice(10, None))
    return kept.replace(labels={**kept.labels, "layer": name})


spaces = {
    "word rate": late(rate, name="word rate"),
    "rate + GloVe": late(rate, glove, name="rate + GloVe"),
}
layers = [
    late(rate, states[s], name=str(i)) for i, s in enumerate(STATES)
]

seconds = group.table["onset"]
words_in_volume = ic.resample(rate, 372, tr=2.0).numpy()[10:, 0]
figure, axes = plt.subplots(2, 1, figsize=(7, 3.6), sharex=True)
axes[0].plot(seconds, words_in_volume, color="0.35")
axes[0].set_ylabel("words\nper volume")
axes[1].plot(seconds, group.numpy()[:, 0], color="C0")
axes[1].set_ylabel(f"{group.units['region'][0]},\nmean z")
axes[1].set_xlabel("time from the start of the first volume (s)")
axes[0].set_title(
    f"Words, and the mean of {len(cleaned)} listeners",
    fontsize="medium",
)
for ax in axes:
    ax.spines[["top", "right"]].set_visible(False)
figure.align_ylabels()
figure.tight_layout()

# %%
# Do words predict the group?
# ---------------------------
# Six blocks of the story are held out in turn. The penalty is chosen on
# blocks within the others, never on volumes whose neighbours train:
# leaving out one volume at a time would cost the network .04 of its
# .56. Columns are scaled inside the model, by what it is trained on.
#
# r is the mean over the six blocks; r of the joined series stands
# beside it, and may be lower, since the means of blocks drift. p is of
# all shifts of the recording in a circle, 361 of them: it knows that
# the series are slow; ``p_max`` is corrected for six regions and two
# models.

model = make_pipeline(StandardScaler(), ic.Ridge(np.logspace(0, 6, 13)))
folds = ic.Folds.by_run(group, 6, gap=0)
asked = {"model": model, "folds": folds}
both = list(spaces.values())
words_only = ic.encode(both, group, **asked, permutations=1000)
joined = ic.encode(both, group, **asked, pooled=True)
table = words_only.mean("fold").table().rename(columns={"score": "r"})
table["r joined"] = joined.table()["score"]
columns = ["layer", "region", "r", "r joined", "p", "p_max"]
print(table[columns].round(3).to_string(index=False))

# %%
# Meaning beyond rate, listener by listener
# -----------------------------------------
# Whether that holds for other listeners is asked of single ones, whose
# series are noisier; r is lower, and so is what it could be.

single = ic.encode(both, cleaned, **asked).mean("fold")
by_person = single.table().pivot_table(
    "score", "subject", "layer", observed=True
)
by_person = by_person[list(spaces)]
labels = {
    "subject": {"subject": by_person.index},
    "layer": {"layer": list(spaces)},
}
found = ic.difference(
    ic.Scores(by_person.to_numpy(), labels, "pearson"),
    {"layer": "rate + GloVe"},
    {"layer": "word rate"},
    test="t",
)
t = found.value / (
    by_person.diff(axis=1).iloc[:, 1].std() / np.sqrt(found.n)
)
latl = ic.difference(
    single.select(region="LATL"),
    {"layer": "rate + GloVe"},
    {"layer": "word rate"},
    test="t",
)
print(f"t({found.n - 1}) = {t:.2f} in the mean of six regions")
for name, each in {"six regions": found, "LATL": latl}.items():
    print(
        f"{name}: r is higher by {each.value:.3f} (95 % interval "
        f"{each.low:.3f} to {each.high:.3f}, p = {each.p:.2g})"
    )

figure, ax = plt.subplots(figsize=(3.4, 3.6))
ax.plot([0, 1], by_person.T, color="0.7", linewidth=0.8)
ax.plot([0, 1], by_person.mean(), color="C0", linewidth=2.5, marker="o")
ax.set_xticks([0, 1], list(spaces))
ax.set_xlim(-0.3, 1.3)
ax.set_ylabel("Pearson's r, mean of six regions")
ax.set_title(f"{found.n} listeners, and their mean", fontsize="medium")
ax.spines[["top", "right"]].set_visible(False)
figure.tight_layout()

# %%
# A network, layer by layer
# -------------------------
# Word rate and each hidden state of the network; 0 is its embedding.
# The dashed line is the ceiling of a model of the group's mean, the
# dotted one word rate and GloVe. Deeper is not better, and the last
# state, which the network was trained to compare sentences with, is
# worst.

curve = ic.encode(layers, group, **asked).mean("fold")
reference = words_only.mean("fold").select(layer="rate + GloVe")
top = shared.mean("subject").columns["ceiling_group"].ravel()
figure, axes = plt.subplots(
    2, 3, figsize=(8, 4.6), sharex=True, sharey=True
)
for i, (region, ax) in enumerate(
    zip(group.units["region"], axes.flat, strict=True)
):
    ic.plots.layers(curve.select(region=region), ax=ax)
    ax.axhline(top[i], color="0.3", linestyle="--", linewidth=1)
    ax.axhline(
        reference.values[0, i], color="C1", linestyle=":", linewidth=1.5
    )
    ax.set(
        title=region,
        ylim=(0, 1),
        ylabel="Pearson's r" if i % 3 == 0 else "",
    )
    ax.tick_params(axis="x", labelrotation=0)
for ax in axes[1]:
    ax.set_xlabel("hidden state")
axes[0, 0].text(
    0, top[0] + 0.01, "ceiling", va="bottom", fontsize="small"
)
where = float(reference.values[0, 0])
axes[0, 0].text(
    6,
    where + 0.01,
    "GloVe",
    color="C1",
    va="bottom",
    ha="right",
    fontsize="small",
)
figure.tight_layout()

# %%
# Who explains what
# -----------------
# Three feature spaces, each with a penalty of its own in every region,
# predict together. What each explains of the variance adds up to all
# that is explained, and may be below 0: a space that helped where the
# model was fitted, and hurts where it is tested. GloVe and MiniLM are
# centred (their mean over words is 0) before they are summed over
# volumes: else they, too, would say how many words there were.

three = [
    late(rate, name="word rate"),
    late(glove, name="GloVe", centre=True),
    late(states["hidden state 2"], name="MiniLM 2", centre=True),
]
banded = ic.BandedRidge(np.logspace(-3, 4, 15))
scores = ic.encode(
    three, group, banded, folds=folds, accuracy="explained_variance"
)
gap = np.abs(scores.columns["share"].sum(-1) - scores.values).max()
print(f"Shares add up to the explained variance within {gap:.0e}.")
ax = ic.plots.shares(scores)
ax.set_xlabel("share of the variance, mean of six held-out blocks")

# %%
# A share says what a space does in this model, not whether the others
# could do without it. For that, all models of one and two spaces are
# fitted too: word rate alone explains a little, GloVe or the network
# alone nothing, and nearly all is common to these two. Points are
# regions.

parts = ic.partition(scores, method="parts")
ic.plots.partition(parts)

table = parts.table()
total = table.loc[table["part"] != "all", "explained"].sum()
print(table[["part", "explained"]].round(3).to_string(index=False))
gap = abs(total - parts.explained[-1])
print(f"The parts add up to all within {gap:.0e}.")
