"""Trials with less noise: averaged in small groups, or smoothed in time."""

from typing import Any

import numpy as np

from isocortex.arrays import as_numpy
from isocortex.choice import listed
from isocortex.data.trials import Trials
from isocortex.errors import InputError


def pseudo_trials(trials: Trials, size: int, *, seed: int = 0) -> Trials:
    """Averages over random groups of trials of the same condition (and run).

    Each trial goes into one group at most; what is left over is not used.

    Parameters
    ----------
    trials : Trials
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

    References
    ----------
    .. [1] Isik, Meyers, Leibo & Poggio (2014), The dynamics of invariant object recognition in
       the human visual system, J. Neurophysiol. 111:91. https://doi.org/10.1152/jn.00394.2013
    """
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
        raise InputError(f"pseudo_trials: size must be a whole number from 1, not {size!r}.")
    rng = np.random.default_rng(seed)
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


def smooth(trials: Trials, width: float) -> Trials:
    """The mean over a window of time around each time point.

    At both ends the window is cut off, so it is shorter there and not centred.

    Parameters
    ----------
    trials : Trials
        With a time axis.
    width : float
        Of the window in seconds.

    Returns
    -------
    Trials
        With the same times.

    Raises
    ------
    InputError
        If there is no time axis or the width is not positive.
    """
    if trials.times is None:
        raise InputError("smooth needs trials with a time axis: values (trials, units, times).")
    if not width > 0:
        raise InputError(f"smooth: the width of the window must be above 0 s, not {width}.")
    near = np.abs(trials.times[:, None] - trials.times[None, :]) <= width / 2 * (1 + 1e-9)
    kernel = near / near.sum(0)
    return trials.replace(values=as_numpy(trials.values) @ kernel)


def _cells(trials: Trials) -> list[tuple[str, Any, np.ndarray]]:
    """Condition, run and positions of the trials of every condition in every run."""
    runs = np.zeros(trials.n_trials) if trials.runs is None else trials.runs
    stimuli = np.array(trials.stimuli, dtype=object)
    return [
        (name, run, np.nonzero((stimuli == name) & (runs == run))[0])
        for name in trials.conditions
        for run in np.unique(runs)
    ]
