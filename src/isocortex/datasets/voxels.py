"""Two recordings of single voxels: categories in a time series, and hand-written digits."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from isocortex.choice import counted
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.data.trials import Trials
from isocortex.datasets import simulated
from isocortex.datasets.folders import is_absent, opened, told
from isocortex.formats.volumes import read_volumes

DIGITS = {1: "six", 2: "nine"}


@dataclass(frozen=True)
class Digits:
    """100 hand-written digits, and what V1 to V3 of one brain make of them.

    Attributes
    ----------
    stimuli : Stimuli
        The images, 28 x 28 pixels; their table has the column ``digit`` (six, nine).
    brain : Responses, shape (100, 3092)
        Of V1 to V3; where the voxels lie was not published.
    simulated : bool
        Whether nobody saw these, and they are a stand-in whose answer is known.

    See Also
    --------
    digits69 : Returns it.
    Images92, Fingers : Other data sets.

    Examples
    --------
    >>> import isocortex as ic
    >>> digits = ic.datasets.digits69()
    >>> sorted(set(digits.stimuli.table["digit"]))
    ['nine', 'six']
    """

    stimuli: Stimuli
    brain: Responses
    simulated: bool = False

    def __repr__(self) -> str:
        text = f"{counted(len(self.stimuli), 'image')}, {counted(self.brain.n_units, 'voxel')}"
        return told(self, text)


def haxby_slice(*, or_simulated: bool = False) -> Trials:
    """One slice of a brain that sees objects of eight categories and rest, in twelve runs.

    Fetched by name where the data are not on this machine (see :func:`fetch`).

    Parameters
    ----------
    or_simulated : bool, default=False
        Whether a small simulated stand-in is returned where the data are not on this machine and
        cannot be fetched; it says so (label ``data``: ``simulated``).
        Data that are there are always returned, or told to be damaged.

    Returns
    -------
    Trials, shape (1452 volumes, 530 voxels)
        As they were recorded, 2.5 s apart; stimuli are categories and ``rest``.
        :func:`isocortex.clean` takes out the trends of each run.

    Raises
    ------
    NotFoundError, FormatError
        As :func:`fetch`.

    See Also
    --------
    isocortex.clean, isocortex.run_averages : What comes first.
    isocortex.probe : Reads the category out of voxels.
    digits69, images92 : Other data sets.

    References
    ----------
    .. [1] Haxby et al. (2001), Distributed and overlapping representations of faces and objects
       in ventral temporal cortex, Science 293:2425. https://doi.org/10.1126/science.1063736

    Examples
    --------
    >>> import isocortex as ic
    >>> trials = ic.datasets.haxby_slice()
    >>> trials.values.shape
    (1452, 530)
    >>> ic.run_averages(ic.clean(trials)).n_trials
    108
    """
    if or_simulated and is_absent("haxby_slice"):
        return simulated.volumes()
    with opened("haxby_slice") as folder:
        text = (folder / "attributes_literal.txt").read_text(encoding="utf-8")
        rows = [line.split() for line in text.splitlines() if line.strip()]
    return read_volumes(
        folder / "bold.nii.gz",
        folder / "mask.nii.gz",
        stimuli=[category for category, _ in rows],
        runs=[int(run) + 1 for _, run in rows],
        labels={"subject": 1},
    )


def digits69(*, or_simulated: bool = False) -> Digits:
    """Sixes and nines, written by hand, and the responses of 3092 voxels of V1 to V3.

    Fetched by name where the data are not on this machine (see :func:`fetch`).

    Parameters
    ----------
    or_simulated : bool, default=False
        Whether a small simulated stand-in is returned where the data are not on this machine and
        cannot be fetched; its ``print`` and ``.simulated`` say so.
        Data that are there are always returned, or told to be damaged.

    Returns
    -------
    Digits
        ``.stimuli`` and ``.brain``, in the same order, sixes and nines as they were published.

    Raises
    ------
    NotFoundError, FormatError
        As :func:`fetch`.

    See Also
    --------
    Digits : What it returns.
    isocortex.encode, isocortex.decode : Map pixels and voxels onto one another.
    haxby_slice, images92 : Other data sets.

    References
    ----------
    .. [1] van Gerven, de Lange & Heskes (2010), Neural decoding with hierarchical generative
       models, Neural Computation 22:3127. https://doi.org/10.1162/NECO_a_00047

    Examples
    --------
    >>> import isocortex as ic
    >>> digits = ic.datasets.digits69()
    >>> digits.brain.values.shape, digits.stimuli.read(0).shape
    ((100, 3092), (28, 28))
    """
    from scipy.io import loadmat

    if or_simulated and is_absent("digits69"):
        return Digits(*simulated.digits(), simulated=True)
    with opened("digits69") as folder:
        content = loadmat(folder / "digit69_28x28.mat")
    pixels = np.concatenate([content["stimTrn"], content["stimTest"]])
    labels = np.concatenate([content["labelTrn"], content["labelTest"]]).ravel()
    digits = [DIGITS[int(label)] for label in labels]
    names = [f"{digit} {i}" for i, digit in enumerate(digits)]
    # The pixels run down the columns, as in MATLAB.
    images = pixels.reshape(-1, 28, 28).transpose(0, 2, 1)
    stimuli = Stimuli.from_arrays(images, names, pd.DataFrame({"digit": digits}))
    values = np.concatenate([content["fmriTrn"], content["fmriTest"]])
    return Digits(stimuli, Responses(values, names, labels={"region": "V1-V3"}))
