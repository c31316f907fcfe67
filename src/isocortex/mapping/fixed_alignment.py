"""Fixed training and test sets: single trials train, averages over repeats test."""

from typing import Any

import numpy as np

from isocortex.arrays import as_numpy
from isocortex.choice import counted
from isocortex.data.names import check_there, positions
from isocortex.data.responses import Responses
from isocortex.data.trials import Trials, average
from isocortex.errors import InputError
from isocortex.mapping.alignment import Joined, one_or_more, target_units, target_values
from isocortex.mapping.feature_source import Source
from isocortex.mapping.fixed_sets import FixedSets, Recording


def join_sets(recording: Any, features: Any, sets: FixedSets, who: str) -> tuple[Joined, Responses]:
    """Rows of training trials, then of averaged test stimuli.

    Parameters
    ----------
    recording : Responses or Trials
        Each training trial is a row; repeats of a test stimulus are averaged.
    features : Responses, Gram, Store or list
    sets : FixedSets

    Returns
    -------
    joined : Joined
        With the features as sources and the recording as targets.
    measured : Responses
        The same rows of the recording, for the mirror.

    Raises
    ------
    InputError
        If a stimulus is in both sets, or the two recordings have different units.
    MisalignedError
        If the recording or the features lack a stimulus.
    """
    first, second = (_chosen(part, recording, who) for part in (sets.train, sets.test))
    if first.n_units != second.n_units:
        raise InputError(
            f"{who}: the training recording has {counted(first.n_units, 'unit')}, the test "
            "recording "
            f"{second.n_units}."
        )
    of_train, of_test = sets.names(first.stimuli, second.stimuli)
    x, trained = _single(first, of_train, who)
    z, tested = _averaged(second, of_test, who)
    names, n_train = (*trained, *tested), len(trained)
    # A stimulus has several training trials, and a noun wants names that occur once.
    rows = [f"row {i}" for i in range(len(names))]
    measured = Responses(np.concatenate([x, z]), rows, first.units, first.labels)
    sources = [
        Source(noun, positions(noun.stimuli, names, f"{who}: {type(noun).__name__} of features"))
        for noun in one_or_more(features, who)
    ]
    fold = (np.arange(n_train), np.arange(n_train, len(names)))
    y = np.asarray(measured.values)
    return Joined(sources, names, y, target_units([measured]), fold), measured


def mirrored(joined: Joined, measured: Responses, who: str) -> Joined:
    """The same rows with the recording as source and the features as targets."""
    nouns = [source.noun for source in joined.sources]
    y = np.concatenate(
        [target_values(source.noun, who)[source.rows] for source in joined.sources], axis=1
    )
    source = Source(measured, np.arange(measured.n_stimuli))
    return Joined([source], joined.names, y, target_units(nouns), joined.fold)


def _chosen(part: Any, recording: Any, who: str) -> Recording:
    noun = part if isinstance(part, Recording) else recording
    if not isinstance(noun, Recording):
        raise InputError(
            f"{who} with FixedSets needs one recording, as Responses or Trials; "
            f"it found {type(noun).__name__}."
        )
    return noun


def _single(noun: Recording, names: list[str], who: str) -> tuple[np.ndarray, tuple[str, ...]]:
    check_there(noun.stimuli, names, f"{who}: the training recording")
    wanted = set(names)
    rows = [i for i, name in enumerate(noun.stimuli) if name in wanted]
    return _values(noun)[rows], tuple(noun.stimuli[i] for i in rows)


def _averaged(noun: Recording, names: list[str], who: str) -> tuple[np.ndarray, tuple[str, ...]]:
    mean = average(noun) if isinstance(noun, Trials) else noun
    rows = positions(mean.stimuli, names, f"{who}: the test recording")
    return _values(mean)[rows], tuple(names)


def _values(noun: Recording) -> np.ndarray:
    if isinstance(noun, Trials) and noun.times is not None:
        raise InputError("these trials have a time axis; choose one time with trials.at(time).")
    values = noun.values if isinstance(noun.values, np.ndarray) else noun.values[:]
    return as_numpy(values).astype(np.float64, copy=False)
