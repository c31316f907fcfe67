"""Fixed training and test sets: single trials train, averages over repeats test."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from isocortex.arrays import as_numpy
from isocortex.choice import listed
from isocortex.data.names import check_there, positions
from isocortex.data.responses import Responses
from isocortex.data.trials import Trials, average
from isocortex.errors import InputError
from isocortex.mapping.alignment import Joined, one_or_more, target_units, target_values
from isocortex.mapping.feature_source import Source

Recording = Responses | Trials


def join_sets(
    recording: Any, features: Any, train: Any, test: Any, *, who: str
) -> tuple[Joined, Responses]:
    """Rows of training trials, then of averaged test stimuli.

    Parameters
    ----------
    recording : Responses or Trials
        Each training trial is a row; repeats of a test stimulus are averaged.
    features : Responses, Gram, Store or list
    train, test : names of stimuli, or a recording, or None
        A recording is used instead of ``recording`` for that set; None: all stimuli that
        the other set does not have.

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
    nouns = {"training": _chosen(train, recording, who), "test": _chosen(test, recording, who)}
    if nouns["training"].n_units != nouns["test"].n_units:
        raise InputError(
            f"{who}: the training recording has {nouns['training'].n_units} units, the test "
            f"recording {nouns['test'].n_units}."
        )
    of_train, of_test = _set_names(nouns["training"], nouns["test"], train, test, who)
    x, trained = _single(nouns["training"], of_train, who)
    z, tested = _averaged(nouns["test"], of_test, who)
    names, n_train = (*trained, *tested), len(trained)
    rows = [f"row {i}" for i in range(len(names))]
    first = nouns["training"]
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
    noun = part if isinstance(part, Responses | Trials) else recording
    if not isinstance(noun, Responses | Trials):
        raise InputError(
            f"{who} with train= or test= needs one recording, as Responses or Trials; "
            f"it found {type(noun).__name__}."
        )
    return noun


def _set_names(
    first: Recording, second: Recording, train: Any, test: Any, who: str
) -> tuple[list[str], list[str]]:
    of_train, of_test = _names(train, first), _names(test, second)
    if first is second:
        if test is None:
            of_test = _without(of_test, of_train)
        elif train is None:
            of_train = _without(of_train, of_test)
    both = [name for name in of_train if name in set(of_test)]
    if both:
        raise InputError(
            f"{who}: {len(both)} stimuli are in both the training and the test set: {listed(both)}."
        )
    if len(of_train) < 2 or not of_test:
        raise InputError(
            f"{who}: {len(of_train)} stimuli to train and {len(of_test)} to test do not suffice."
        )
    return of_train, of_test


def _names(chosen: Any, noun: Recording) -> list[str]:
    if isinstance(chosen, str):
        raise InputError(f"train and test are lists of names, not the string {chosen!r}.")
    if chosen is None or not isinstance(chosen, Iterable) or isinstance(chosen, Responses | Trials):
        return list(dict.fromkeys(noun.stimuli))
    return [str(name) for name in chosen]


def _without(names: list[str], taken: list[str]) -> list[str]:
    there = set(taken)
    return [name for name in names if name not in there]


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
