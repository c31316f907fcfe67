"""
Epochs of MNE: when like which layer?
=====================================

Ten people see 16 images, each ten times. From when on does their
EEG tell the images apart, and when is it like the early and when like
the late layers of a network? From ``mne.Epochs`` to a figure with the
significant times.
"""

import matplotlib.pyplot as plt
import numpy as np

import isocortex as ic

try:
    import mne
except ImportError:
    raise SystemExit(
        "It needs MNE: pip install isocortex[mne]"
    ) from None

# %%
# Images, two layers, and epochs of ten people
# ---------------------------------------------
# Your epochs come from ``mne.read_epochs("sub-01-epo.fif")``, and their
# events are called as the images are. The EEG here is simulated, so
# that the answer is known: at 120 ms it follows an early layer of
# AlexNet, at 240 ms a late one.

data = ic.datasets.images92(or_simulated=True)
print(data)
few = np.linspace(0, len(data.stimuli) - 1, 16).astype(int)
stimuli = data.stimuli.take(few)

weights = ic.datasets.local_weights("alexnet_features", missing_ok=True)
name = "AlexNet" if weights else "AlexNet, untrained"
network = ic.load_network("alexnet", weights, name=name)
print(network)
layers = ["conv1_relu", "conv5_relu"]
store = ic.extract(network, stimuli, layers)

times = np.arange(-0.1, 0.42, 0.02)
info = mne.create_info(32, sfreq=50.0, ch_types="eeg")
codes = {name: i for i, name in enumerate(stimuli.names)}


def recorded(person):
    """Epochs of one person: ten of each image, 32 electrodes."""
    rng = np.random.default_rng(person)
    shown = np.tile(np.arange(16), 10)
    volts = 3 * rng.normal(size=(160, 32, len(times)))
    for layer, peak in zip(layers, (0.12, 0.24), strict=True):
        seen = store[layer].numpy() - store[layer].numpy().mean(0)
        seen = seen @ rng.normal(size=(seen.shape[1], 32))
        wave = np.exp(-(((times - peak) / 0.05) ** 2))
        volts += (seen / seen.std())[shown][:, :, None] * wave
    events = np.c_[np.arange(160), np.zeros(160, int), shown]
    return mne.EpochsArray(
        1e-6 * volts, info, events, times[0], codes, verbose=False
    )


people = {person: recorded(person) for person in range(1, 11)}
print("EEG: simulated,", people[1].get_data().shape)

# %%
# When does it tell the images apart?
# -----------------------------------
# Epochs become :class:`isocortex.Trials`. Each pair of images is
# decoded at each time (:func:`isocortex.decoding_rdms`), and the mean
# over pairs is tested over people, for all times together
# (:func:`isocortex.clusters`).

trials = [
    ic.read_epochs(epochs, labels={"subject": who})
    for who, epochs in people.items()
]
rdms = ic.decoding_rdms(trials, folds=5, shrinkage="auto")
told = ic.clusters(rdms, chance=0.5, tail="greater")
print(
    told.table[["start", "stop", "p"]].round(4).to_string(index=False)
)
ax = ic.plots.timecourse(rdms, clusters=told, chance=0.5)
ax.set_title(f"{len(people)} people, {rdms.n_stimuli} images")
plt.show()

# %%
# When is it like which layer?
# ----------------------------
# The RDM at each time is compared with that of each layer
# (:func:`isocortex.compare`). Two curves are tested, and ``p_max``
# holds over both.

models = ic.rdms(store, "correlation")
scores = ic.compare(models, rdms, "spearman")
like = ic.clusters(scores, tail="greater")
columns = ["layer", "start", "stop", "p", "p_max"]
print(like.table[columns].round(4).to_string(index=False))
ax = ic.plots.timecourse(scores, clusters=like)
ax.set_title(f"{network.name}, and the EEG of 10 people")
plt.show()

# %%
# The curve of a late layer alone does not say that it explains what an
# early layer does not: :func:`isocortex.partition` and partial
# correlations do.
