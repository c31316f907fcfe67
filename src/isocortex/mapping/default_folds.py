"""Which rows stay together unless told otherwise: those of a run, and the trials of a stimulus."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from isocortex.choice import listed
from isocortex.data.names import Names, positions
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.mapping.folds import DEFAULT, Folds


def folds_of_stimuli(folds: Folds, nouns: Iterable[Any], names: Names) -> Folds:
    """Folds of averages over trials: those of a run together, where stimuli allow it.

    Parameters
    ----------
    folds : Folds
        As it was asked for; ``Folds(None)`` for the default.
    nouns : what was given, Trials among it
    names : the stimuli, each once

    Raises
    ------
    InputError
        If more folds are asked for than there are runs.
    """
    trials = [noun for noun in nouns if isinstance(noun, Trials) and noun.runs is not None]
    if folds.groups is not None or not trials:
        return folds
    stimuli = [positions(names, noun.stimuli, "folds by run") for noun in trials]
    runs = [_codes(np.asarray(noun.runs)) for noun in trials]
    starts = np.cumsum([0, *(run.max() + 1 for run in runs)])
    # Run 1 of one recording is not run 1 of another.
    moved = [run + start for run, start in zip(runs, starts, strict=False)]
    groups = together(np.concatenate(stimuli), np.concatenate(moved), len(names))
    return _by_run(folds, groups)


def folds_of_trials(folds: Folds, trials: Trials, labels: Sequence[Any] | None, few: bool) -> Folds:
    """Folds of single trials.

    Parameters
    ----------
    folds : Folds
        As it was asked for; ``Folds(None)`` for the default.
    trials : Trials
    labels : sequence, length n_trials, or None
        Of each trial, where they came by stimulus.
    few : bool
        Whether labels are classes.

    Raises
    ------
    InputError
        If more folds are asked for than there are runs, or than a class has stimuli.
    """
    if folds.groups is not None:
        return folds
    stimuli = _codes(trials.stimuli)
    runs = None if trials.runs is None else _codes(trials.runs)
    number = folds.splitter is None or isinstance(folds.splitter, int | np.integer)
    if labels is None or not number or (few and _each_its_own(stimuli, labels)):
        return folds if runs is None else _by_run(folds, runs)
    if runs is not None:
        groups = together(stimuli, runs, int(stimuli.max()) + 1)[stimuli]
        if groups.max() > 0:
            return _by_run(folds, groups)
    least = _fewest_stimuli(stimuli, labels) if few else int(stimuli.max()) + 1
    asked = min(DEFAULT, least) if folds.splitter is None else int(folds.splitter)
    if not 2 <= asked <= least:
        raise InputError(
            f"probe: folds={asked}, but labels come by stimulus, whose trials stay together, and "
            f"a class has {least} stimuli: choose 2 to {least}."
        )
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    return Folds(StratifiedGroupKFold(asked) if few else GroupKFold(asked), stimuli.tolist())


def together(stimuli: np.ndarray, runs: np.ndarray, n_stimuli: int) -> np.ndarray:
    """The group of each stimulus such that no stimulus and no run is parted; (n_stimuli,).

    Runs that share a stimulus are one group: all of them, where each stimulus comes in each run.
    """
    # Stimuli and runs are the nodes, each trial is an edge: what hangs together is one group.
    size = n_stimuli + int(runs.max()) + 1
    edges = coo_array((np.ones(len(runs)), (stimuli, n_stimuli + runs)), shape=(size, size))
    return _codes(connected_components(edges, directed=False)[1][:n_stimuli])


def _by_run(folds: Folds, groups: np.ndarray) -> Folds:
    n_groups = int(groups.max()) + 1
    if n_groups < 2:
        return folds
    from sklearn.model_selection import GroupKFold, LeaveOneGroupOut

    names = groups.tolist()
    if folds.splitter is None:
        return Folds(LeaveOneGroupOut(), names)
    if not isinstance(folds.splitter, int | np.integer):
        return Folds(folds.splitter, names)
    if not 2 <= folds.splitter <= n_groups:
        raise InputError(
            f"folds={folds.splitter}, but trials with runs are cross-validated by run, and there "
            f"are {n_groups} (runs that share a stimulus are one): choose 2 to {n_groups}, or give "
            "a splitter, such as KFold(10), to have trials of a run on both sides."
        )
    return Folds(GroupKFold(int(folds.splitter)), names)


def _each_its_own(stimuli: np.ndarray, labels: Sequence[Any]) -> bool:
    """Whether every class is one stimulus: it is the stimuli that are classified."""
    return bool(_codes([str(each) for each in labels]).max() == stimuli.max())


def _fewest_stimuli(stimuli: np.ndarray, labels: Sequence[Any]) -> int:
    pairs = {(str(label), int(stimulus)) for label, stimulus in zip(labels, stimuli, strict=True)}
    counts = Counter(label for label, _ in pairs)
    single = sorted(label for label, count in counts.items() if count < 2)
    if len(single):
        raise InputError(
            f"probe: labels come by stimulus, whose trials stay together, but the class "
            f"{listed(single)} has one stimulus only, which cannot be on both sides. Leave "
            "it out, or say by folds= (a splitter) that trials of a stimulus may be parted."
        )
    return min(counts.values())


def _codes(values: Iterable[Any]) -> np.ndarray:
    """Integers from 0, in the order in which values come."""
    return np.asarray(pd.factorize(pd.Series(list(values)))[0])
