"""How to get from what was given at a door to what is needed there."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

WAYS: Mapping[tuple[str, str], str] = {
    ("Responses", "RDMs"): "ic.rdms(responses) makes RDMs of Responses",
    ("Gram", "RDMs"): "ic.rdms(gram) makes RDMs of a Gram",
    ("Store", "RDMs"): "ic.rdms(store) makes RDMs of its layers",
    ("Trials", "RDMs"): "ic.rdms(trials, 'crossnobis') or ic.decoding_rdms(trials) makes RDMs of "
    "Trials",
    ("Trials", "Responses"): "ic.average(trials) gives the mean of each stimulus as Responses",
    ("Trials", "Gram"): "ic.gram(ic.average(trials)) makes one of Trials",
    ("Responses", "Gram"): "ic.gram(responses) makes one of Responses",
    ("Store", "Responses"): "store['conv1'] is one layer of a Store as Responses",
    ("Store", "Gram"): "ic.gram(store['conv1']) makes one of a layer",
    ("Stimuli", "Responses"): "ic.extract(network, stimuli) gives what the layers of a network do",
    ("Stimuli", "Store"): "ic.extract(network, stimuli) makes one",
    ("Network", "Responses"): "ic.extract(network, stimuli)['conv1'] is what a layer does",
    ("Network", "Store"): "ic.extract(network, stimuli) makes one",
    ("Network", "RDMs"): "ic.rdms(ic.extract(network, stimuli)) makes RDMs of its layers",
    ("RDMs", "Scores"): "ic.compare(models, rdms) gives Scores of RDMs; of decoding RDMs over time "
    "the scores are in rdms.table()",
    ("Responses", "Scores"): "ic.encode(features, responses, model) gives Scores of Responses",
    ("Trials", "Scores"): "ic.generalization(trials) or ic.compare(models, ic.rdms(trials)) gives "
    "Scores of Trials",
    ("Estimate", "Scores"): "an Estimate is one number; its scores went in where it was made",
    ("Clusters", "Scores"): "draw the scores that the Clusters are of, with clusters=",
    ("RDMs", "Weighted"): "RDMs as they are have nothing to fit; ic.Weighted(rdms) makes a model "
    "of them",
    ("NoneType", "Neighbours"): "near = ic.neighbours(recording, radius=8) finds them",
    ("Responses", "Trials"): "Trials has one row for each presentation: ic.Trials(values, stimuli)",
    ("Responses", "Stimuli"): "ic.Stimuli.from_folder(folder) reads what was shown",
    ("Scores", "Estimate"): "ic.interval, ic.difference and ic.hierarchy make estimates of Scores",
    ("Scores", "RDMs"): "Scores come from comparing RDMs; give those RDMs",
    ("Scores", "Clusters"): "ic.clusters(scores) makes them",
}
"""How to get from what was given to what is needed."""

_ARRAYS = {
    "RDMs": "ic.RDMs.from_arrays(array, stimuli=names) makes RDMs of square matrices",
    "Responses": "ic.Responses(array, stimuli=names) makes Responses of an array",
    "Trials": "ic.Trials(array, stimuli=names) makes Trials of an array",
    "Scores": "ic.Scores(array, tables) makes Scores of an array",
    "Stimuli": "ic.Stimuli.from_arrays(arrays, names) makes Stimuli of arrays, "
    "ic.Stimuli.from_words(table) of words",
    "Gram": "ic.gram(ic.Responses(array, stimuli=names)) makes one of an array",
}
_PATHS = {
    "Stimuli": "ic.read(path) reads a folder of images, or words with their times",
    "Network": "ic.load_network(name) loads a network by its name or file",
    "Store": "ic.Store(path) opens one",
}
_FOREIGN = {
    "mne": "ic.read_epochs(epochs) makes Trials of epochs of MNE",
    "rsatoolbox": "RDMs.from_rsatoolbox, Responses.from_rsatoolbox and Trials.from_rsatoolbox take "
    "objects of rsatoolbox",
    "nilearn": "ic.read_nifti(image, mask=masker.mask_img_) reads the voxels of an image",
    "nibabel": "ic.read_nifti(image, mask) reads the voxels of an image",
    "torch": "ic.load_network(module) takes a module; ic.Responses(tensor, names) a tensor",
}


def way(given: Any, needed: Iterable[str]) -> str:
    """How to get from what was given to one of the kinds that are needed, or nothing."""
    mine = [each.__name__ for each in type(given).__mro__]
    home = type(given).__module__.partition(".")[0]
    for kind in needed:
        for name in mine:
            if (name, kind) in WAYS:
                return WAYS[name, kind]
        if isinstance(given, str | Path) and kind in {**_PATHS, **_ARRAYS}:
            return _PATHS.get(kind, "ic.read(path) reads what is in a file")
        if isinstance(given, np.ndarray | pd.DataFrame | pd.Series) and kind in _ARRAYS:
            return _ARRAYS[kind]
    return _FOREIGN.get(home, "")
