"""``net2brain.preprocess.rdm``: RDMs of EEG by pairwise decoding."""

from typing import Any

import numpy as np

from isocortex.arrays import as_numpy
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.rsa.decoding import decoding_rdms


def eeg_rdm(eeg: Any, labels: Any) -> np.ndarray:
    """Leave-one-trial-pair-out LDA accuracy of all pairs of conditions at all times.

    The same numbers as Net2Brain's, from the exact and fast functions of
    :func:`isocortex.decoding_rdms`. As there, the first m trials of each condition are used,
    where m is the number of trials of the rarest.

    Parameters
    ----------
    eeg : array, shape (n_trials, n_channels, n_times)
    labels : array, shape (n_trials,)

    Returns
    -------
    rdm : array, shape (n_conditions, n_conditions, n_times)
        Accuracies from 0 to 1 (chance 0.5), symmetric, 0 on the diagonal; conditions in the
        order of their sorted labels.

    Raises
    ------
    InputError
        If shapes do not fit, or a condition has fewer than 3 trials.
    """
    eeg, labels = as_numpy(eeg), np.asarray(labels).reshape(-1)
    if eeg.ndim != 3 or len(labels) != len(eeg):
        raise InputError(
            "eeg_rdm needs eeg of shape (n_trials, n_channels, n_times) and one label for each "
            f"trial, not {eeg.shape} and {len(labels)} labels."
        )
    names, which, counts = np.unique(labels, return_inverse=True, return_counts=True)
    first = [np.nonzero(which == i)[0][: counts.min()] for i in range(len(names))]
    chosen = np.sort(np.concatenate(first))
    trials = Trials(eeg[chosen], [f"{i}" for i in which[chosen]])
    return np.moveaxis(decoding_rdms(trials).square(), 0, -1)
