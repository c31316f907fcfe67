"""Recordings before averaging, as trials."""

from dataclasses import dataclass

import numpy as np

from isocortex.choice import counted
from isocortex.data.rdms import RDMs
from isocortex.data.trials import Trials
from isocortex.datasets import simulated
from isocortex.datasets.folders import is_absent, opened, told
from isocortex.errors import InputError
from isocortex.seeds import generator
from isocortex.store.npz import read_npz

FINGERS = ("thumb", "index", "middle", "ring", "little")


@dataclass(frozen=True)
class Fingers:
    """Movements of single fingers in the hand area of 7 people.

    Attributes
    ----------
    trials : tuple of Trials
        One for each subject: prewhitened patterns (finger and run, voxel), with runs.
    models : RDMs
        Three, with the label model: muscle, natural statistics, somatotopy.
    simulated : bool
        Whether nobody moved, and these are a stand-in whose answer is known.

    See Also
    --------
    finger7t : Returns it.
    Images92, Digits : Other data sets.

    Examples
    --------
    >>> import isocortex as ic
    >>> fingers = ic.datasets.finger7t()
    >>> len(fingers.trials), fingers.models.stimuli
    (7, ('thumb', 'index', 'middle', 'ring', 'little'))
    """

    trials: tuple[Trials, ...]
    models: RDMs
    simulated: bool = False

    def __repr__(self) -> str:
        text = f"{counted(len(self.trials), 'person')}, {counted(self.models.n_rdms, 'model')}"
        return told(self, text)


def finger7t(*, or_simulated: bool = False) -> Fingers:
    """7T fMRI of five fingers in 8 (or 7) runs, and what three models say of their distances.

    Parameters
    ----------
    or_simulated : bool, default=False
        Whether a small simulated stand-in is returned where the data are not on this machine and
        cannot be fetched; its ``print`` and ``.simulated`` say so.
        Data that are there are always returned, or told to be damaged.

    Returns
    -------
    Fingers
        ``.trials``, one for each subject, and ``.models``.

    Raises
    ------
    NotFoundError, FormatError
        As :func:`fetch`.

    See Also
    --------
    Fingers : What it returns.
    isocortex.rdms : ``"crossnobis"`` distances of the trials.
    n170_eeg, objects7_it : Other recordings of trials.

    References
    ----------
    .. [1] Ejaz, Hamada & Diedrichsen (2015), Hand use predicts the structure of representations
       in sensorimotor cortex, Nat. Neurosci. 18:1034. https://doi.org/10.1038/nn.4038

    Examples
    --------
    >>> import isocortex as ic
    >>> trials = ic.datasets.finger7t().trials[0]
    >>> trials.conditions
    ('index', 'little', 'middle', 'ring', 'thumb')
    >>> ic.rdms(trials, "crossnobis").values.shape
    (1, 10)
    """
    from scipy.io import loadmat

    if or_simulated and is_absent("finger7t"):
        return Fingers(*simulated.fingers(FINGERS), simulated=True)
    with opened("finger7t") as folder:
        file = loadmat(folder / "data_recipe_finger7T.mat", squeeze_me=True)
    trials = tuple(
        Trials(
            np.asarray(values, dtype=np.float64),
            [FINGERS[finger - 1] for finger in fingers],
            runs=runs,
            labels={"subject": subject},
        )
        for subject, (values, fingers, runs) in enumerate(
            zip(file["Y"], file["condVec"], file["partVec"], strict=True), 1
        )
    )
    names = ["muscle", "natural statistics", "somatotopy"]
    squares = np.stack([model["RDM"] for model in file["Model"]])
    return Fingers(trials, RDMs.from_arrays(squares, FINGERS, {"model": names}))


def objects7_it(*, width: float = 0.05, seed: int = 0, or_simulated: bool = False) -> Trials:
    """Pseudo-population trials of 132 neurons of macaque IT: 7 objects at 3 positions.

    The neurons were recorded one after the other, so trial k of the population puts together a
    random trial of each neuron for the same object at the same place. What neurons do together
    within a trial is therefore lost.

    Parameters
    ----------
    width : float, default=0.05
        Of the bins in seconds, from 0.5 s before to 0.5 s after the stimulus came on.
    seed : int, default=0
        Of the random trials.
    or_simulated : bool, default=False
        Whether a small simulated stand-in is returned where the data are not on this machine and
        cannot be fetched; it says so (label ``data``: ``simulated``).
        Data that are there are always returned, or told to be damaged.

    Returns
    -------
    Trials, shape (399, 132, n_times)
        Spikes per second; conditions such as ``car/upper``, 19 trials of each; times are the
        middles of bins.

    Raises
    ------
    InputError
        If bins of that width do not divide one second.
    NotFoundError, FormatError
        As :func:`fetch`.

    See Also
    --------
    isocortex.decoding_rdms, isocortex.generalization : Decode objects over time.
    finger7t, n170_eeg : Other recordings of trials.

    References
    ----------
    .. [1] Zhang, Meyers, Bichot, Serre, Poggio & Desimone (2011), Object decoding with attention
       in inferior temporal cortex, PNAS 108:8850. https://doi.org/10.1073/pnas.1100999108

    Examples
    --------
    >>> import isocortex as ic
    >>> trials = ic.datasets.objects7_it(width=0.1)
    >>> trials.values.shape, trials.conditions[0]
    ((399, 132, 10), 'car/lower')
    """
    n_bins = round(1 / width) if width > 0 else 0
    per_bin = 1000 // max(n_bins, 1)
    if n_bins < 1 or per_bin * n_bins != 1000:
        raise InputError(f"objects7_it: bins of {width} s do not divide 1 s; use 0.05, say.")
    times = (np.arange(n_bins) + 0.5) / n_bins - 0.5
    if or_simulated and is_absent("objects7_it"):
        return simulated.neurons(times)
    with opened("objects7_it") as folder:
        file = read_npz(folder / "zd_rasters.npz", "an archive of spikes")
    spikes = np.unpackbits(file["spikes_packed"], axis=1)[:, :1000]
    unit, site = file["unit"], file["site"]
    what = np.char.add(np.char.add(file["stimulus_ID"], "/"), file["stimulus_position"])
    rates = spikes.reshape(len(spikes), n_bins, per_bin).sum(2) * (1000.0 / per_bin)
    rng = generator(seed)
    names = np.unique(what)
    rows = [
        [rng.permutation(np.nonzero((unit == u) & (what == name))[0]) for u in range(len(site))]
        for name in names
    ]
    n_each = min(len(mine) for each in rows for mine in each)
    chosen = np.array([[mine[:n_each] for mine in each] for each in rows])
    values = rates[chosen.transpose(0, 2, 1).reshape(-1, len(site))]
    return Trials(values, np.repeat(names, n_each), times, units={"site": site})


def n170_eeg(*, worst: bool = False, or_simulated: bool = False) -> tuple[Trials, ...]:
    """EEG of 4 people who saw faces and houses; 4 channels, 0.1 s before to 0.8 s after.

    Parameters
    ----------
    worst : bool, default=False
        Whether trials of more than 150 microvolt from peak to peak are kept.
    or_simulated : bool, default=False
        Whether a small simulated stand-in is returned where the data are not on this machine and
        cannot be fetched; it says so (label ``data``: ``simulated``).
        Data that are there are always returned, or told to be damaged.

    Returns
    -------
    tuple of Trials
        One for each subject; microvolt, conditions ``face`` and ``house``, with runs.

    Raises
    ------
    NotFoundError, FormatError
        As :func:`fetch`.

    See Also
    --------
    isocortex.decoding_rdms, isocortex.generalization : Decode faces from houses.
    finger7t, objects7_it : Other recordings of trials.

    Examples
    --------
    >>> import isocortex as ic
    >>> subjects = ic.datasets.n170_eeg()
    >>> len(subjects), subjects[0].conditions
    (4, ('face', 'house'))
    >>> ", ".join(subjects[0].units["channel"])
    'TP9, AF7, AF8, TP10'
    """
    if or_simulated and is_absent("n170_eeg"):
        return simulated.eeg()
    with opened("n170_eeg") as folder:
        fields = read_npz(folder / "muse_n170_epochs.npz", "an archive of epochs")
    keep = np.ones(len(fields["y"]), dtype=bool) if worst else fields["good"]
    stimuli = np.where(fields["y"] == 2, "face", "house")
    out = []
    for subject in np.unique(fields["subject"]):
        mine = keep & (fields["subject"] == subject)
        out.append(
            Trials(
                fields["X"][mine].astype(np.float64),
                stimuli[mine],
                fields["times"].astype(np.float64),
                fields["run"][mine],
                {"channel": fields["ch_names"]},
                {"subject": int(subject)},
            )
        )
    return tuple(out)
