"""Small services for tables of labels."""

from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from isocortex.choice import is_number, listed, suggestion
from isocortex.data.label_rows import LabelRows
from isocortex.data.layer_names import (
    LayerName,
    distinct,
    label_column,
    other_names,
    rows_called,
)
from isocortex.errors import InputError, warn

Table = TypeVar("Table", pd.DataFrame, LabelRows)

HOW = ("folds",)
"""Labels that tell how a row was computed, in which people may differ: they make no series."""

SAME_TIME = 1e-9
"""Seconds within which two times are the same in any case: .1 + .2 is .3."""


def same_time(times: Any) -> float:
    """Seconds within which two of these times are the same: a thousandth of a sample."""
    known = np.unique(np.asarray(times, dtype=float))
    steps = np.diff(known[np.isfinite(known)])
    steps = steps[steps > SAME_TIME]
    return max(SAME_TIME, 1e-3 * float(np.median(steps))) if len(steps) else SAME_TIME


def same_numbers(first: Any, second: Any, slack: float = 0.0) -> np.ndarray:
    """Where numbers are equal but for the rounding of a few operations, and for ``slack``."""
    return np.isclose(first, second, rtol=1e-12, atol=slack)


def is_time(label: object) -> bool:
    """Whether a label holds times in seconds, by its name."""
    return str(label) in ("time", "train_time", "test_time")


def with_common_times(tables: Sequence[LabelRows]) -> list[LabelRows]:
    """The tables, with each time that is nearly one of an earlier table made equal to it."""
    made, known = [], np.empty(0)
    for table in tables:
        own = np.asarray(table.entries("time")) if "time" in table else np.empty(0, dtype=int)
        if own.dtype == np.float64:
            times = _as_known(own, known)
            known = np.union1d(known, times[~np.isnan(times)])
            if not np.array_equal(times, own, equal_nan=True):
                table = LabelRows.of_frame(table.frame().assign(time=times))
        made.append(table)
    return made


def _as_known(times: np.ndarray, known: np.ndarray) -> np.ndarray:
    if not len(known):
        return times
    nearest = known[np.abs(times[:, None] - known).argmin(1)]
    slack = max(same_time(known), same_time(times))
    return np.where(same_numbers(times, nearest, slack), nearest, times)


def rows_where(table: pd.DataFrame | LabelRows, wanted: Mapping[str, Any], who: str) -> np.ndarray:
    """Which rows have these labels; a list admits any of its members.

    A layer is found by the name that it was asked for, by its module's and by its classic one.

    Raises
    ------
    InputError
        If there is no such column, no row has a value that was asked for, or no row has all of
        them; the message lists what there is.
    """
    if isinstance(table, LabelRows):
        plain = _plain_rows(table, wanted)
        if plain is not None:
            return plain
        table = table.frame()
    keep = np.ones(len(table), dtype=bool)
    for key, value in wanted.items():
        if key not in table.columns:
            raise InputError(
                f"{who} has no label {key!r}. {suggestion(key, map(str, table.columns))}"
                f"It has: {listed(table.columns, 20) or 'none'}."
            )
        keep &= _any_of(table, key, _members(value), who)
    if not keep.any():
        asked = " and ".join(f"{key}={value!r}" for key, value in wanted.items())
        raise InputError(f"{who}: rows have these labels, but no row has {asked} at once.")
    return keep


def _members(value: Any) -> list[Any]:
    several = isinstance(value, list | tuple | set | frozenset | np.ndarray | pd.Series)
    return list(value) if several else [value]


def _plain_rows(rows: LabelRows, wanted: Mapping[str, Any]) -> np.ndarray | None:
    """Rows by columns of plain text and whole numbers, which need no table; None if it does."""
    keep = np.ones(rows.n_rows, dtype=bool)
    for key, value in wanted.items():
        members = _members(value)
        kinds = {type(each) for each in members}
        kind = str if kinds <= {str, LayerName} else int
        column = rows.plain(key, kind) if kinds <= {str, LayerName} or kinds == {int} else None
        if column is None or not set(members) <= set(column):
            return None
        asked = set(members)
        keep &= np.fromiter((each in asked for each in column), bool, rows.n_rows)
    return keep if keep.any() else None


def row_names(table: pd.DataFrame, rows: Sequence[int]) -> str:
    """Rows by their labels, such as ``subject 'ben', region 'IT'``, or by place without any."""
    said = [
        ", ".join(f"{key} {str(table[key].iloc[row])!r}" for key in table.columns) or f"row {row}"
        for row in rows[:3]
    ]
    more = len(rows) - len(said)
    return "; ".join(said) + (f" and {more} more" if more > 0 else "")


def _kind_told(table: pd.DataFrame, key: str, member: Any) -> str:
    """Where text is asked for among numbers, or a number among texts, which look alike."""
    there = distinct(table, key)
    if isinstance(member, str) and any(is_number(each) for each in there):
        return f", which are numbers: {key}={there[0]!r}"
    if is_number(member) and all(isinstance(each, str) for each in there):
        return f", which are texts: {key}={str(there[0])!r}"
    return ""


def _any_of(table: pd.DataFrame, key: str, members: list[Any], who: str) -> np.ndarray:
    found = np.zeros(len(table), dtype=bool)
    for member in members:
        rows = rows_called(table, key, member) | _nearly(table, key, member)
        if not rows.any() and is_time(key):
            rows = _at_nearest_time(table[key], member, who)
        if not rows.any():
            raise InputError(
                f"{who}: no row has {key}={member!r}. {_nearest(table, key, member)}"
                f"There is: {listed(distinct(table, key), 20) or 'none'}"
                f"{_kind_told(table, key, member)}."
            )
        found |= rows
    return found


def _at_nearest_time(column: Any, time: Any, who: str) -> np.ndarray:
    """The rows of the nearest time, said with a warning; none if that is beyond half a sample.

    Warns
    -----
    IsocortexWarning
        With the time that was taken, and how far it is.
    """
    if not is_number(time) or not pd.api.types.is_numeric_dtype(column):
        return np.zeros(len(column), dtype=bool)
    times = column.to_numpy(dtype=float)
    known = np.unique(times[np.isfinite(times)])
    if len(known) < 2:
        return np.zeros(len(times), dtype=bool)
    nearest = known[np.abs(known - time).argmin()]
    if abs(nearest - time) > np.diff(known).max() / 2 + SAME_TIME:
        return np.zeros(len(times), dtype=bool)
    tell_nearest(f"{who}: no row has {column.name}", time, nearest)
    return times == nearest


def place_of_time(times: np.ndarray, time: float, who: str) -> int:
    """The position of the time nearest to one that is asked for.

    Raises
    ------
    InputError
        If that lies more than half a sample outside.

    Warns
    -----
    IsocortexWarning
        If it is another time, with how far it is.
    """
    slack = (np.diff(times).max() / 2 if len(times) > 1 else 0.0) + SAME_TIME
    if not times[0] - slack <= time <= times[-1] + slack:
        raise InputError(
            f"time={time} lies outside {times[0]} to {times[-1]} s of these trials, by more than "
            "half a sample."
        )
    place = int(np.abs(times - time).argmin())
    if not same_numbers(times[place], time, same_time(times)):
        tell_nearest(f"{who}: there is no time", time, float(times[place]))
    return place


def tell_nearest(said: str, time: float, nearest: float) -> None:
    """Warn that another time is taken than was asked for, and how far it is."""
    away = 1e3 * abs(nearest - time)
    warn(f"{said}={time:g}; the nearest is {nearest:g}, {away:.3g} ms from it.")


def _nearly(table: pd.DataFrame, key: str, value: Any) -> np.ndarray:
    """Numbers that are this one but for rounding."""
    if not isinstance(value, Real) or not pd.api.types.is_float_dtype(table[key]):
        return np.zeros(len(table), dtype=bool)
    numbers = table[key].to_numpy()
    return same_numbers(numbers, value, same_time(numbers) if is_time(key) else 0.0)


def _nearest(table: pd.DataFrame, key: str, value: Any) -> str:
    """The value of a column that was perhaps meant, as a sentence."""
    known = distinct(table, key)
    if isinstance(value, str):
        return suggestion(value, [*map(str, known), *other_names(table, key)])
    numbers = [each for each in known if is_number(each)]
    if not numbers or not is_number(value):
        return ""
    return f"The nearest is {min(numbers, key=lambda each: abs(each - value)):g}. "


def with_other_names(table: Table, taken: Iterable[str], prefix: str = "other_") -> Table:
    """``table`` with ``prefix`` before the columns that are ``taken`` (those of another table)."""
    if isinstance(table, LabelRows):
        return table.renamed({c: f"{prefix}{c}" for c in set(taken).intersection(table)})
    clash = set(taken).intersection(table.columns)
    return table.rename(columns={c: f"{prefix}{c}" for c in clash}) if clash else table


def unit_rows(noun: Any, *, numbered: bool = False) -> LabelRows:
    """The same as :func:`units_with_labels`, of which a table is made when it is asked for."""
    known = noun.unit_rows
    if known is None and getattr(noun, "has_unit_table", True):
        return LabelRows.of_frame(units_with_labels(noun, numbered=numbered))
    known = LabelRows.of_columns({}, noun.n_units) if known is None else known
    labels = {key: [value] * noun.n_units for key, value in noun.labels.items() if key not in known}
    if not len(known) and (numbered or not labels):
        known = LabelRows.of_columns({"unit": range(noun.n_units)}, noun.n_units)
    return known.beside(LabelRows.of_columns(labels, noun.n_units))


def units_with_labels(noun: Any, *, numbered: bool = False) -> pd.DataFrame:
    """One row for each unit: what is known of it, and the labels of the whole recording.

    Parameters
    ----------
    noun : Responses or Trials
        A label that the table of units has as well is the units' own.
    numbered : bool, default=False
        Whether the units are numbered where their table says nothing of them; otherwise only
        where there are no labels either.
    """
    table = noun.units
    labels = {k: v for k, v in noun.labels.items() if k not in table.columns}
    if not len(table.columns) and (numbered or not labels):
        table = pd.DataFrame({"unit": np.arange(noun.n_units)})
    return table.assign(**{k: label_column([v] * len(table)) for k, v in labels.items()})


def labels_table(nouns: Any, more: Mapping[str, Sequence[Any]] | None = None) -> pd.DataFrame:
    """The same as :func:`labels_of`, as a table."""
    return labels_of(nouns, more).frame().copy(deep=False)


def labels_of(
    nouns: Any,
    more: Mapping[str, Sequence[Any]] | None = None,
    first: Mapping[str, Sequence[Any]] | None = None,
) -> LabelRows:
    """The labels of several nouns, one row for each, with layers as they run.

    Parameters
    ----------
    nouns : iterable
    more : mapping from a further column to its values, one for each noun, optional
    first : mapping, optional
        The same, before all others.
    """
    nouns = list(nouns)
    keys = dict.fromkeys(key for noun in nouns for key in noun.labels)
    columns = {key: list(column) for key, column in (first or {}).items()}
    columns |= {key: [noun.labels.get(key, np.nan) for noun in nouns] for key in keys}
    columns.update({key: list(column) for key, column in (more or {}).items()})
    return LabelRows.of_columns(columns, len(nouns))
