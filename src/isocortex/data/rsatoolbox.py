"""The one place that speaks rsatoolbox: its RDMs and data sets at the door, and ours for it."""

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import listed, suggestion
from isocortex.data.frames import STIMULUS
from isocortex.data.needs import called
from isocortex.data.tables import with_other_names
from isocortex.errors import InputError, MissingDependencyError, warn

NAMES = (*STIMULUS, "stim", "stims", "cond", "conds", "image", "images", "pattern", "name", "names")
"""What descriptors of stimuli are called, there and elsewhere."""
RUNS = ("run", "runs")


def of_rdms(rdms: Any, stimuli: str | None, who: str) -> dict[str, Any]:
    """What the RDMs of rsatoolbox are, as arguments of ours.

    Raises
    ------
    InputError
        If it is none of them, or it is not known what names the stimuli.

    Warns
    -----
    IsocortexWarning
        With the descriptors that have no place here.
    """
    _needs(rdms, ("dissimilarities", "rdm_descriptors", "pattern_descriptors"), "RDMs", who)
    values = np.asarray(rdms.dissimilarities, dtype=np.float64)
    patterns = _columns(rdms.pattern_descriptors, int(rdms.n_cond))
    names = _chosen(patterns, stimuli, NAMES, who, "stimuli")
    labels = _columns(rdms.rdm_descriptors, len(values))
    single, left = _single(rdms.descriptors)
    left += [name for name in rdms.rdm_descriptors if name not in (*labels, "index")]
    left += [name for name in rdms.pattern_descriptors if name not in (names, "index")]
    _tell(left, who)
    return {
        "values": values,
        "stimuli": None if names is None else patterns[names],
        "labels": {**single, **labels},
        "dissimilarity": str(rdms.dissimilarity_measure or ""),
        "gaps": bool(np.isnan(values).any()),
    }


def to_rdms(rdms: Any) -> Any:
    """RDMs of rsatoolbox; pairs have the same order there.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    from_there = _imported("rdm")
    return from_there.RDMs(
        np.array(rdms.values),
        dissimilarity_measure=rdms.dissimilarity or None,
        rdm_descriptors=_lists(rdms.labels),
        pattern_descriptors={"stimulus": list(rdms.stimuli)},
    )


def of_dataset(data: Any, stimuli: str | None, who: str) -> dict[str, Any]:
    """What a Dataset of rsatoolbox is, as arguments of Responses.

    Raises
    ------
    InputError
        If it is none, has times, or it is not known what names the stimuli.
    """
    rows, found, left = _recorded(data, stimuli, who)
    if np.ndim(data.measurements) != 2:
        raise InputError(f"{who}: this {called(data)} has times; Trials.from_rsatoolbox takes it.")
    _tell(left, who)
    names = found.pop("name")
    table = {key: each for key, each in rows.items() if key != names}
    found["stimuli"] = None if names is None else rows[names]
    return {**found, "table": pd.DataFrame(table) if table else None}


def of_trials(data: Any, stimuli: str | None, runs: str | None, who: str) -> dict[str, Any]:
    """What a Dataset or TemporalDataset of rsatoolbox is, as arguments of Trials.

    Raises
    ------
    InputError
        If it is none, or it is not known what names the stimuli.

    Warns
    -----
    IsocortexWarning
        With the descriptors of observations and times that have no place here.
    """
    rows, found, left = _recorded(data, stimuli, who)
    names = found.pop("name")
    if names is None:
        raise InputError(f"{who}: no descriptor of the observations names their stimuli.")
    known = [name for name in RUNS if name in rows] if runs is None else [runs]
    if known and known[0] not in rows:
        raise InputError(
            f"{who}: runs={runs!r} is no descriptor of the observations. {suggestion(runs, rows)}"
            f"There are: {listed(rows, 20) or 'none'}."
        )
    times = dict(getattr(data, "time_descriptors", None) or {})
    left += [name for name in rows if name not in (names, *known[:1])]
    left += [name for name in times if name not in ("time", "index")]
    _tell(left, who)
    return {
        **found,
        "stimuli": rows[names],
        "runs": rows[known[0]] if known else None,
        "times": times.get("time"),
    }


def to_dataset(responses: Any) -> Any:
    """A Dataset of rsatoolbox.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    rows = with_other_names(responses.table, ["stimulus"], "stimulus_")
    return _imported("data").Dataset(
        np.array(responses.numpy()),
        descriptors=dict(responses.labels),
        obs_descriptors={"stimulus": list(responses.stimuli), **_lists(rows)},
        channel_descriptors=_lists(responses.units),
    )


def to_trials(trials: Any) -> Any:
    """A Dataset of rsatoolbox, or a TemporalDataset where there are times.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    runs = {} if trials.runs is None else {"run": trials.runs.tolist()}
    about = {
        "descriptors": dict(trials.labels),
        "obs_descriptors": {"stimulus": list(trials.stimuli), **runs},
        "channel_descriptors": _lists(trials.units),
    }
    values = np.array(trials.values)
    if trials.times is None:
        return _imported("data").Dataset(values, **about)
    times = {"time": np.array(trials.times)}
    return _imported("data").TemporalDataset(values, **about, time_descriptors=times)


def _recorded(
    data: Any, stimuli: str | None, who: str
) -> tuple[dict[str, list[Any]], dict[str, Any], list[str]]:
    """Descriptors of the rows, what Responses and Trials have in common, and what has no place."""
    _needs(data, ("measurements", "obs_descriptors", "channel_descriptors"), "a Dataset", who)
    rows = _columns(data.obs_descriptors, int(data.n_obs))
    units = _columns(data.channel_descriptors, int(data.n_channel))
    labels, left = _single(data.descriptors)
    left += [name for name in data.obs_descriptors if name not in (*rows, "index")]
    left += [name for name in data.channel_descriptors if name not in (*units, "index")]
    name = _chosen(rows, stimuli, NAMES, who, "stimuli")
    found = {"units": pd.DataFrame(units) if units else None, "labels": labels, "name": name}
    return rows, {"values": np.asarray(data.measurements), **found}, left


def _columns(descriptors: Mapping[str, Any] | None, n: int) -> dict[str, list[Any]]:
    """Descriptors with one plain value for each row; a count of rows says nothing."""
    found = {}
    for name, column in (descriptors or {}).items():
        values = np.asarray(column, dtype=object) if not _is_array(column) else np.asarray(column)
        if values.shape != (n,) or any(_has_parts(each) for each in values):
            continue
        plain = values.tolist()
        if name != "index" or plain != list(range(n)):
            found[str(name)] = plain
    return found


def _is_array(column: Any) -> bool:
    return isinstance(column, np.ndarray) and column.dtype != object


def _has_parts(value: Any) -> bool:
    return isinstance(value, list | tuple | dict | np.ndarray)


def _single(descriptors: Mapping[str, Any] | None) -> tuple[dict[str, Any], list[str]]:
    """Descriptors of all of it that are one value, and the names of the others."""
    single, left = {}, []
    for name, value in (descriptors or {}).items():
        one = value.item() if isinstance(value, np.ndarray) and value.size == 1 else value
        one = one[0] if isinstance(one, list | tuple) and len(one) == 1 else one
        if one is None or isinstance(one, str | bool | Real | np.generic):
            single[str(name)] = one
        else:
            left.append(str(name))
    return single, left


def _chosen(
    columns: Mapping[str, Any], asked: str | None, known: Sequence[str], who: str, what: str
) -> str | None:
    """The descriptor that names the rows; None if there is none at all."""
    if asked is not None:
        if asked not in columns:
            raise InputError(
                f"{who}: {what}={asked!r} is no descriptor with one value for each row. "
                f"{suggestion(asked, columns)}There are: {listed(columns, 20) or 'none'}."
            )
        return asked
    found = [name for name in known if name in columns]
    if not found and len(columns) > 1:
        raise InputError(
            f"{who}: which descriptor names the stimuli? Say it by {what}=; there are "
            f"{listed(columns, 20)}."
        )
    return next(iter(found or columns), None)


def _tell(left: Sequence[str], who: str) -> None:
    if left:
        warn(f"{who}: the descriptors {listed(left, 12)} have no place here and are left out.")


def _lists(table: pd.DataFrame) -> dict[str, list[Any]]:
    return {str(name): table[name].tolist() for name in table.columns}


def _needs(given: Any, has: Sequence[str], what: str, who: str) -> None:
    if not all(hasattr(given, name) for name in has):
        raise InputError(f"{who} needs {what} of rsatoolbox, not {called(given)}.")


def _imported(room: str) -> Any:
    from importlib import import_module

    try:
        return import_module(f"rsatoolbox.{room}")
    except ImportError:
        raise MissingDependencyError(
            "to_rsatoolbox() needs rsatoolbox, which is not installed: pip install rsatoolbox"
        ) from None
