"""Data sets as nouns."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from isocortex.choice import counted
from isocortex.data.rdms import RDMs
from isocortex.data.stimuli import Stimuli
from isocortex.datasets import simulated
from isocortex.datasets.folders import is_absent, opened, told
from isocortex.store.npz import read_npz

REGIONS = ("EVC", "IT")


@dataclass(frozen=True)
class Images92:
    """92 images of objects, and what 15 brains make of them.

    Attributes
    ----------
    stimuli : Stimuli
        The images; their table has the columns category, human, face, animal and natural.
    brain : RDMs
        30 RDMs (1 - correlation of fMRI patterns), with the labels region (EVC, IT) and subject.
    behaviour : RDMs
        RDMs of 16 people who arranged the images by similarity; other people than those above.
    models : RDMs
        Eight RDMs that others proposed, with the label model: categories, IT of two monkeys
        (monkeyIT), and five of low-level vision.
    simulated : bool
        Whether these are no images that people saw, but a stand-in whose answer is known.

    See Also
    --------
    images92 : Returns it.
    Digits, Fingers : Other data sets.

    Examples
    --------
    >>> import isocortex as ic
    >>> objects = ic.datasets.images92()
    >>> sorted(objects.stimuli.table.columns)
    ['animal', 'category', 'face', 'human', 'natural']
    >>> objects.brain.select(region="IT").n_rdms
    15
    """

    stimuli: Stimuli
    brain: RDMs
    behaviour: RDMs
    models: RDMs
    simulated: bool = False

    def __repr__(self) -> str:
        people = len(set(self.brain.labels["subject"]))
        text = (
            f"{counted(len(self.stimuli), 'image')}, {counted(people, 'person')} (EVC, IT), "
            f"{counted(self.models.n_rdms, 'model')}"
        )
        return told(self, text)


def images92(*, or_simulated: bool = False) -> Images92:
    """The 92 object images and the fMRI RDMs of 15 people in EVC and IT.

    Fetched by name where the data are not on this machine (see :func:`fetch`).

    Parameters
    ----------
    or_simulated : bool, default=False
        Whether a small simulated stand-in is returned where the data are not on this machine and
        cannot be fetched; its ``print`` and ``.simulated`` say so.
        Data that are there are always returned, or told to be damaged.
        In it EVC follows the pixels of 32 shapes, and IT their kinds.

    Returns
    -------
    Images92
        ``.stimuli``, ``.brain``, ``.behaviour`` and ``.models``; one region with
        ``.brain.select(region="IT")``.

    Raises
    ------
    NotFoundError, FormatError
        As :func:`fetch`.

    See Also
    --------
    Images92 : What it returns.
    isocortex.extract, isocortex.rdms, isocortex.compare : Layers and brains.
    isocortex.noise_ceiling : How well the best model could do.

    References
    ----------
    .. [1] Kriegeskorte et al. (2008), Matching categorical object representations in inferior
       temporal cortex of man and monkey, Neuron 60:1126.
       https://doi.org/10.1016/j.neuron.2008.10.043
    .. [2] Cichy, Pantazis & Oliva (2014), Resolving human object recognition in space and time,
       Nat. Neurosci. 17:455. https://doi.org/10.1038/nn.3635

    Examples
    --------
    >>> import isocortex as ic
    >>> data = ic.datasets.images92()
    >>> data
    Images92(92 images, 15 people (EVC, IT), 8 models, recorded)
    >>> it = data.brain.select(region="IT")
    >>> low, high = ic.noise_ceiling(it)
    >>> round(low, 2), round(high, 2)
    (0.45, 0.54)
    """
    if or_simulated and is_absent("images92"):
        return Images92(*simulated.objects(), simulated=True)
    with opened("images92") as folder:
        images = Stimuli.from_folder(folder / "images")
        stimuli = Stimuli(images.names, images.sources, table=_categories(folder))
        stacks = [_region(folder, region, images.names) for region in REGIONS]
        arranged, models = _arranged(folder, images.names), _proposed(folder, images.names)
        return Images92(stimuli, RDMs.concat(stacks), arranged, models)


def _region(folder: Path, region: str, names: tuple[str, ...]) -> RDMs:
    path = folder / f"algonauts92_fmri_{region}_RDMs.npz"
    squares = read_npz(path, "an archive of RDMs")["Net_RDM"]
    labels = {"region": region, "subject": list(range(1, len(squares) + 1))}
    return RDMs.from_arrays(squares, names, labels, "correlation")


def _arranged(folder: Path, names: tuple[str, ...]) -> RDMs:
    from scipy.io import loadmat

    found = loadmat(folder / "92_behavRDMs.mat")["rdms_behav_92"].ravel()
    squares = np.array([each["RDM"] for each in found], dtype=float)
    labels = {"region": "behaviour", "subject": list(range(1, len(squares) + 1))}
    return RDMs.from_arrays(squares, names, labels, "arranged by similarity")


def _proposed(folder: Path, names: tuple[str, ...]) -> RDMs:
    from scipy.io import loadmat

    found = loadmat(folder / "92_modelRDMs.mat")["Models"].ravel()
    squares = np.array([each["RDM"] for each in found], dtype=float)
    return RDMs.from_arrays(squares, names, {"model": [str(each["name"][0]) for each in found]})


def _categories(folder: Path) -> pd.DataFrame:
    from scipy.io import loadmat

    path = folder / "Kriegeskorte_Neuron2008_supplementalData.mat"
    records = loadmat(path, squeeze_me=True)["stimuli_92objs"]
    flags = ("human", "face", "animal", "natural")
    table = pd.DataFrame({"category": [str(each) for each in records["category"]]})
    return table.assign(**{flag: records[flag].astype(int).astype(bool) for flag in flags})
