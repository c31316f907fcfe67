"""What a table says of rows that follow one another in time: runs and moments."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import counted, is_number, listed
from isocortex.data.frames import check_index
from isocortex.data.names import Names, looked_up
from isocortex.errors import InputError

ONE_RUN = "run"
"""What the only run is called where none has a name."""

DELAYS = "delays"
"""The label by which rows tell of what came how many rows before them they are made."""

LONGEST_TR = 30.0
"""Seconds between volumes from which a repetition time is taken for milliseconds."""

UNEVEN = 0.01
"""The part of a step by which steps may differ."""


@dataclass(frozen=True, eq=False)
class Runs:
    """The run of each row, by number, and what the runs are called."""

    codes: np.ndarray
    """Shape (n_rows,)."""
    names: tuple[str, ...]

    def rows(self, run: int) -> np.ndarray:
        """The rows of a run, in their order."""
        return np.nonzero(self.codes == run)[0]

    def spans(self, who: str) -> list[slice]:
        """The rows of each run as slices.

        Raises
        ------
        InputError
            If rows of a run do not follow one another.
        """
        starts = np.nonzero(np.diff(self.codes, prepend=-1))[0]
        if len(starts) > len(self.names):
            seen = self.codes[starts].tolist()
            torn = next(code for code in seen if seen.count(code) > 1)
            raise InputError(
                f"{who}: the rows of run {self.names[torn]!r} do not follow one another; others "
                "lie between them. Bring them into the order of time, run by run, with take()."
            )
        stops = [*starts[1:], len(self.codes)]
        return [slice(int(a), int(b)) for a, b in zip(starts, stops, strict=True)]


def runs_of_rows(
    table: pd.DataFrame | None, names: Names, given: Any = None, who: str = "runs"
) -> Runs:
    """The runs of rows: those that are given, or the column ``run`` of a table, or one run.

    Parameters
    ----------
    table : DataFrame or None
    names : names of the rows
    given : sequence, or mapping from name to run, optional
    who : str
        For errors.

    Raises
    ------
    InputError
        If a row has no run, or their number is not that of the rows.
    """
    if given is None:
        if table is None or "run" not in table.columns:
            return Runs(np.zeros(len(names), dtype=int), (ONE_RUN,))
        given = table["run"].tolist()
    elif isinstance(given, Mapping):
        given = looked_up(given, names, f"{who}: runs")
    else:
        check_index(names, given, who, "runs")
    if isinstance(given, str) or np.ndim(np.asarray(given, dtype=object)) != 1:
        raise InputError(f"{who}: runs are one name or number for each row, not {given!r:.60}.")
    runs = pd.Series(list(given), dtype=object)
    if len(runs) != len(names):
        raise InputError(
            f"{who}: there are runs for {counted(len(runs), 'row')}, but "
            f"{counted(len(names), 'row')}."
        )
    if runs.isna().any():
        place = int(np.argmax(runs.isna()))
        raise InputError(f"{who}: the row {names[place]!r} has no run (NaN or None).")
    codes, known = pd.factorize(runs.map(run_name))
    return Runs(np.asarray(codes), tuple(map(str, known)))


def run_name(run: Any) -> str:
    """A run as text: 1 and 1.0, of a column that had gaps, are the run 1."""
    return str(int(run)) if isinstance(run, float | np.floating) and run == int(run) else str(run)


def is_series(noun: Any) -> bool:
    """Whether the table of a noun says that its rows are moments of a series.

    That is what ``resample`` and ``delayed`` write: a column ``time`` of numbers.
    """
    if not getattr(noun, "has_row_table", True):
        return False
    table = getattr(noun, "table", None)
    if not isinstance(table, pd.DataFrame) or "time" not in table.columns:
        return False
    return pd.api.types.is_numeric_dtype(table["time"]) and len(table) > 1


def longest_delay(labels: Mapping[str, Any]) -> int:
    """How many rows lie between a row and the farthest one that it is made of, by its labels."""
    steps = str(labels.get(DELAYS, "")).split(" after ")
    return sum(max(map(int, re.findall(r"\d+", each)), default=0) for each in steps)


def moments_of(table: pd.DataFrame, at: str, names: Names, who: str) -> np.ndarray:
    """The moment that each row stands for, in seconds from the start of its run.

    Parameters
    ----------
    table : DataFrame
    at : {"middle", "onset", "offset"}
        ``"middle"``: the column ``time`` where there is one, else between onset and offset.
    names : names of the rows
    who : str

    Raises
    ------
    InputError
        If there is no such column, a row has no time, or ends before it begins.
    """
    if at == "middle" and "time" in table.columns:
        return seconds(table["time"], names, who)
    wanted = ("onset", "offset") if at == "middle" else (at,)
    missing = [each for each in wanted if each not in table.columns]
    if missing:
        raise InputError(
            f"{who} needs the times of rows: a table with columns 'onset' and 'offset' (or "
            f"'time'), in seconds. There is no {listed(missing)}; the table has "
            f"{listed(table.columns) or 'no columns'}. Give it: "
            "responses.replace(table={'onset': ..., 'offset': ...})."
        )
    parts = [seconds(table[each], names, who) for each in wanted]
    backwards = parts[-1] < parts[0]
    if backwards.any():
        raise InputError(
            f"{who}: {int(backwards.sum())} rows end before they begin, such as "
            f"{names[int(backwards.argmax())]!r}."
        )
    return (parts[0] + parts[-1]) / 2


def seconds(column: Any, names: Sequence[str], who: str) -> np.ndarray:
    """A column of times as numbers.

    Raises
    ------
    InputError
        With the first row that has none.
    """
    try:
        times = column.to_numpy(dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"{who}: {column.name!r} must be numbers, in seconds; it holds {column.iloc[0]!r:.40}."
        ) from None
    if not np.isfinite(times).all():
        lost = ~np.isfinite(times)
        raise InputError(
            f"{who}: {int(lost.sum())} rows have no {column.name}, such as "
            f"{names[int(lost.argmax())]!r}. Leave them out with take(), or fill them knowingly."
        )
    return times


def repetition_time(given: Any, who: str, what: str = "tr", do: str = "Divide by 1000") -> float:
    """The seconds from one volume to the next, as asked for, described or written in a header.

    Parameters
    ----------
    given : number
    who : str
        The verb, for errors.
    what : str
        What has the time.
    do : str
        What to do where it is in milliseconds.

    Raises
    ------
    InputError
        If it is no number above 0, or so long that it is in milliseconds.
    """
    if not is_number(given) or not np.isfinite(given) or given <= 0:
        raise InputError(f"{who}: {what}={given!r} must be a number of seconds above 0.")
    if given > LONGEST_TR:
        raise InputError(
            f"{who}: {what} is in seconds; {given:g} s is too long. Is it {given:g} ms, which are "
            f"{given / 1000:g} s? {do}."
        )
    return float(given)


def even_step(times: np.ndarray, who: str) -> float:
    """The step of times that follow one another at one distance.

    Raises
    ------
    InputError
        If they do not; the message says where.
    """
    steps = np.diff(times)
    step = float(np.mean(steps)) if len(steps) else np.nan
    if not len(steps) or step <= 0:
        raise InputError(f"{who}: times must increase, and there must be two or more of them.")
    typical = float(np.median(steps))
    uneven = np.abs(steps - typical) > UNEVEN * abs(typical)
    if uneven.any():
        place = int(uneven.argmax())
        raise InputError(
            f"{who}: rows are {typical:g} s apart, but {steps[place]:g} s lie between row {place} "
            f"(at {times[place]:g} s) and the next. Is a volume missing? Steps may differ by "
            f"{UNEVEN:.0%}: give the times of all volumes, and leave some out afterwards, with "
            "take()."
        )
    return step
