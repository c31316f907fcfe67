"""What was shown when: the table of events, and the condition of each volume by it."""

import numbers
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from isocortex.choice import listed, suggestion
from isocortex.data.frames import check_columns
from isocortex.data.tables import SAME_TIME
from isocortex.data.text_table import read_text_table, typed
from isocortex.errors import FormatError, InputError

HALF = 0.5
"""Of the largest predicted response to a condition: volumes above it are labelled by the HRF."""


@dataclass(frozen=True)
class Events:
    """The events of one run that have a condition."""

    table: pd.DataFrame
    """``onset`` and ``duration`` in s, and ``trial_type``, the condition as text."""
    n_nameless: int
    """Events without a condition (``n/a``), which are left out."""
    who: str = "read_bids"
    """By whose name errors speak."""


def events_of(path: Path, condition: str) -> Events:
    """The events of a run.

    Parameters
    ----------
    path : path
        An ``_events.tsv``.
    condition : str
        The column that says what was shown.

    Raises
    ------
    NotFoundError, FormatError
        If it is not there, is no table, or has no onsets and durations.
    InputError
        If it has no such column or no event.
    """
    return events_in(typed(read_text_table(path), as_text=(condition,)), condition, str(path))


def events_in(table: pd.DataFrame, condition: str, origin: str, who: str = "read_bids") -> Events:
    """The same of a table that is read, which errors call ``origin``."""
    check_columns(table, f"{who}: {origin!r}")
    absent = [name for name in ("onset", "duration") if name not in table.columns]
    if absent:
        raise FormatError(
            f"{origin!r} is no table of events: it has no column {absent[0]!r}, but "
            f"{listed(table.columns, 20)}."
        )
    if condition not in table.columns:
        raise InputError(
            f"{who}: {origin!r} has no column {condition!r}. "
            f"{suggestion(condition, table.columns)}Say which column holds the condition, such as "
            f"condition='stim_file'; it has: {listed(table.columns, 20)}."
        )
    named = table[condition].notna()
    for name in ("onset", "duration"):
        _check(table.loc[named, name], name, origin)
    kept = table.loc[named, ["onset", "duration"]].astype(float)
    kept["trial_type"] = [str(each) for each in table.loc[named, condition]]
    if not len(kept):
        raise InputError(f"{who}: {origin!r} has no event with a {condition!r}.")
    nameless = len(table) - len(kept)
    return Events(kept.sort_values("onset", kind="stable", ignore_index=True), nameless, who)


def _check(column: pd.Series, name: str, origin: str) -> None:
    column = column.infer_objects()
    if (
        column.dtype.kind not in "fiu"
        or not np.isfinite(column.to_numpy(float, na_value=np.nan)).all()
    ):
        unfit = ["n/a" if pd.isna(each) else each for each in column if not _is_second(each)]
        raise FormatError(
            f"{origin!r}: every event needs a number of seconds as {name}; there is "
            f"{listed(dict.fromkeys(unfit)) or 'n/a'}."
        )
    if name == "duration" and (column < 0).any():
        raise FormatError(f"{origin!r}: the duration of an event is negative.")


def _is_second(entry: object) -> bool:
    if not isinstance(entry, numbers.Real) or isinstance(entry, bool | np.bool_):
        return False
    return bool(np.isfinite(float(entry)))


def by_lag(events: Events, times: np.ndarray, lag: float) -> np.ndarray:
    """The condition of each volume, by onset and a lag; None where no event covers it.

    A volume at time t belongs to the event with onset <= t - lag < onset + duration.

    Raises
    ------
    InputError
        If events of two conditions cover one volume.
    """
    shown = np.full(len(times), None, dtype=object)
    for onset, duration, name in events.table.itertuples(index=False):
        # Of volumes at k times TR, which is rounded, one is at the onset itself.
        since = times - lag - onset + SAME_TIME
        covered = (since >= 0) & (since < duration)
        others = [each for each in shown[covered] if each is not None and each != name]
        if others:
            raise InputError(
                f"{events.who}: events of {others[0]!r} and {name!r} cover the same volume, near "
                f"{onset:g} s, so that it cannot be of one of them. Estimate betas, which take "
                "them apart: betas='lss'."
            )
        shown[covered] = name
    return shown


def by_hrf(events: Events, times: np.ndarray, model: str) -> np.ndarray:
    """The condition whose predicted response is largest in each volume; None below half of its
    own largest.
    """
    from nilearn.glm.first_level import compute_regressor

    names = list(dict.fromkeys(events.table["trial_type"]))
    predicted = np.empty((len(times), len(names)))
    for place, name in enumerate(names):
        rows = events.table[events.table["trial_type"] == name]
        boxes = np.vstack([rows["onset"], rows["duration"], np.ones(len(rows))])
        predicted[:, place] = compute_regressor(boxes, model, times)[0][:, 0]
    largest = predicted.argmax(1)
    height = predicted[np.arange(len(times)), largest]
    enough = height > HALF * predicted.max(0)[largest]
    return np.array([names[i] if ok else None for i, ok in zip(largest, enough, strict=True)])
