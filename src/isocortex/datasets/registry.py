"""Which data sets there are, where each file comes from, and what its bytes must hash to.

The files stand in ``registry.csv``. To add a data set: its lines there, its entry in
``DATASETS``, and where it needs one a source in ``SOURCES``.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

RAW = "https://raw.githubusercontent.com"

SOURCES: Mapping[str, str] = {
    "rsatoolbox": f"{RAW}/rsagroup/rsatoolbox/f1f83cadb7243492a1aae7460466e0f0140b20ac",
    "net2brain": f"{RAW}/cvai-roig-lab/Net2Brain/7616b6b7a496d744074130e754007f651a203ac7",
    "dgmm": f"{RAW}/ChangdeDu/DGMM/684daf6eb531cfc812bfadf72e07563295264ea2",
    "pymvpa": f"{RAW}/PyMVPA/PyMVPA/20f0335f98bbb59a0e11bc0b7a469edf8681a9a1",
}


@dataclass(frozen=True)
class RemoteFile:
    """One file of a data set."""

    name: str
    """Where it lies in the folder of its data set."""
    url: str
    """Where it can be fetched; empty where it cannot."""
    sha256: str
    """What its bytes must hash to."""

    @property
    def hashed(self) -> str:
        """The same with the name of the algorithm."""
        return f"sha256:{self.sha256}"


@dataclass(frozen=True)
class Dataset:
    """What a data set is, and where it comes from.

    Attributes
    ----------
    name : str
        The name under which it is asked for, and of its folder.
    about : str
        What it holds.
    reference : str
        The paper to cite.
    by_hand : str
        How to get it where it cannot be fetched by name.

    See Also
    --------
    fetch : The folder of a data set.
    images92, digits69, haxby_slice, finger7t, alice : Data sets as nouns.

    Examples
    --------
    >>> import isocortex as ic
    >>> dataset = ic.datasets.DATASETS["images92"]
    >>> dataset.reference.split(";")[0]
    'Kriegeskorte et al. (2008) Neuron 60:1126'
    >>> sorted(ic.datasets.DATASETS)
    ['alice', 'digits69', 'finger7t', 'haxby_slice', 'images92', 'n170_eeg', 'objects7_it',
     'objects81']
    """

    name: str
    about: str
    reference: str
    by_hand: str = ""

    @property
    def files(self) -> tuple[RemoteFile, ...]:
        """Its files, in the order of the registry."""
        return _files()[self.name]


@cache
def _files() -> Mapping[str, tuple[RemoteFile, ...]]:
    by_dataset: dict[str, list[RemoteFile]] = {}
    text = files("isocortex.datasets").joinpath("registry.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        url = f"{SOURCES[row['source']]}/{row['upstream']}" if row["source"] else ""
        file = RemoteFile(row["file"], url, row["sha256"])
        by_dataset.setdefault(row["dataset"], []).append(file)
    return {name: tuple(each) for name, each in by_dataset.items()}


DATASETS: Mapping[str, Dataset] = {
    each.name: each
    for each in (
        Dataset(
            "images92",
            "92 object images; RDMs of early visual cortex and IT of 15 people (fMRI), of "
            "monkey and human IT, of behaviour",
            "Kriegeskorte et al. (2008) Neuron 60:1126; Cichy et al. (2014) Nat Neurosci 17:455",
        ),
        Dataset(
            "digits69",
            "V1-V3 voxel patterns of one person for 100 hand-written sixes and nines",
            "van Gerven, de Lange & Heskes (2010) Neural Comput 22:3127",
        ),
        Dataset(
            "haxby_slice",
            "one slice of BOLD, 12 runs of 8 object categories, one person",
            "Haxby et al. (2001) Science 293:2425",
        ),
        Dataset(
            "finger7t",
            "7T patterns of five fingers, 7 people, 8 runs, and three model RDMs",
            "Ejaz, Hamada & Diedrichsen (2015) Nat Neurosci 18:1034",
            by_hand="pip download --no-deps --no-binary :all: PcmPy==1.2.0, and take "
            "docs/demos/data_recipe_finger7T.mat out of the archive",
        ),
        Dataset(
            "objects7_it",
            "spikes of 132 neurons in macaque IT, 7 objects at 3 positions, 20 trials of each",
            "Zhang et al. (2011) PNAS 108:8850",
            by_hand="pack the Zhang-Desimone rasters of the R package NeuroDecodeR into one file "
            "zd_rasters.npz (the fields are those of isocortex.datasets.objects7_it)",
        ),
        Dataset(
            "n170_eeg",
            "EEG of 4 people who saw faces and houses, 4 dry electrodes",
            "NeuroTechX eeg-notebooks; stimuli of Haxby et al. (2001) Science 293:2425",
            by_hand="filter (1-30 Hz) and epoch data/visual/N170 of NeuroTechX/eeg-notebooks_v0.1 "
            "into muse_n170_epochs.npz (the fields are those of isocortex.datasets.n170_eeg)",
        ),
        Dataset(
            "alice",
            "fMRI of 28 people who heard a chapter of Alice in Wonderland, six regions, and the "
            "times of its words",
            "Brennan et al. (2016) Brain Lang 157:81 (CC BY 4.0)",
            by_hand="take 6mm (alice_data_shared) and the TextGrid (alice_stim_shared, into a "
            "folder stim) out of brain-data/syntax-in-rnng of the repository daandouwe/Thesis on "
            "GitHub, as of commit ec54039",
        ),
        Dataset(
            "objects81",
            "696 voxels of seven regions of one person for 81 kinds of objects, and components of "
            "AlexNet and word2vec for the same kinds",
            "Bonner & Epstein (2021) Nat Commun 12:4081",
            by_hand="take alexnet.mat, word2vec.mat and python_roi_data.pickle out of the "
            "repository QuantumMatter/cracking-the-code-dw1 on GitHub, as of commit 68f7c3b, and "
            "pack the latter into objects81.npz (betas, categories, roi_index, roi_names)",
        ),
    )
}
