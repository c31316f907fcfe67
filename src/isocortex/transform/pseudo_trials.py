"""The verb ``pseudo_trials``: averages of small groups of trials."""

from typing import Any

import numpy as np

from isocortex.arrays import as_numpy
from isocortex.choice import listed
from isocortex.data.needs import door
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.seeds import generator


@door
def pseudo_trials(trials: Trials, size: int, *, seed: int = 0) -> Trials:
    """Averages over random groups of trials of the same condition (and run).

    Each trial goes into one group at most; what is left over is not used.

    Parameters
    ----------
    trials : Trials
        Single trials, with runs or without.
    size : int
        How many trials are averaged.
    seed : int, default=0
        Of the random groups.

    Returns
    -------
    Trials
        Conditions in natural order.

    Raises
    ------
    InputError
        If a condition has fewer than ``size`` trials (in every run).

    See Also
    --------
    average : Over all trials of a stimulus.
    smooth, time_windows : Raise the signal along time instead.
    decoding_rdms : Decodes pairs of conditions from trials.

    References
    ----------
    .. [1] Isik, Meyers, Leibo & Poggio (2014), The dynamics of invariant object recognition in
       the human visual system, J. Neurophysiol. 111:91. https://doi.org/10.1152/jn.00394.2013

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> trials = ic.Trials(np.random.default_rng(0).normal(size=(40, 6)), ["face", "house"] * 20)
    >>> fewer = ic.pseudo_trials(trials, size=5, seed=0)
    >>> fewer.n_trials
    8
    >>> bool(fewer.values.std() < trials.values.std())
    True
    """
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
        raise InputError(f"pseudo_trials: size must be a whole number from 1, not {size!r}.")
    rng = generator(seed)
    groups, stimuli, runs = [], [], []
    for name, run, rows in _cells(trials):
        n_groups = len(rows) // size
        groups += list(rng.permutation(rows)[: n_groups * size].reshape(n_groups, size))
        stimuli += [name] * n_groups
        runs += [run] * n_groups
    missing = [name for name in trials.conditions if name not in set(stimuli)]
    if missing:
        raise InputError(
            f"pseudo_trials: averages of {size} trials are not possible for {listed(missing)}, "
            "which have fewer. Use a smaller size."
        )
    values = np.stack([as_numpy(trials.values)[group].mean(0) for group in groups])
    has_runs = trials.runs is not None
    return trials.replace(values=values, stimuli=stimuli, runs=runs if has_runs else None)


def _cells(trials: Trials) -> list[tuple[str, Any, np.ndarray]]:
    """Condition, run and positions of the trials of every condition in every run."""
    runs = np.zeros(trials.n_trials) if trials.runs is None else trials.runs
    stimuli = np.array(trials.stimuli, dtype=object)
    return [
        (name, run, np.nonzero((stimuli == name) & (runs == run))[0])
        for name in trials.conditions
        for run in np.unique(runs)
    ]
