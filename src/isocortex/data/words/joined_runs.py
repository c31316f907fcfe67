"""Timed words of all runs as one table, checked, with the columns that have a fixed meaning."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from isocortex.choice import listed, one_of
from isocortex.data.words.checks import check_times, timed
from isocortex.data.words.columns import MEANT
from isocortex.data.words.sources import Source, runs_of, words_of
from isocortex.errors import InputError

UNITS = {"s": 1.0, "ms": 1e-3}
"""Seconds of one unit of time."""


def all_words(
    given: Any, tier: str | Sequence[str] | None, unit: str, untimed: str
) -> tuple[pd.DataFrame, list[str]]:
    """The words of all runs, and what was left out of each.

    Raises
    ------
    InputError
        If words cannot be used; the file or run is named.
    """
    scale = UNITS[one_of(unit, UNITS, "unit")]
    tables, said = [], []
    for run, source in runs_of(given).items():
        table, told = _run(source, run, tier, scale, untimed)
        tables.append(table)
        if told:
            said.append(f"{_called(source, run)}: {'; '.join(told)}")
    return pd.concat(tables, ignore_index=True), said


def _run(
    source: Source, run: str, tier: str | Sequence[str] | None, scale: float, untimed: str
) -> tuple[pd.DataFrame, list[str]]:
    who = f"from_words: {_called(source, run)}"
    found = words_of(source, tier)
    table = found.table.assign(
        word=[str(each).strip() for each in found.table["word"]],
        onset=found.table["onset"] * scale,
        offset=found.table["offset"] * scale,
    )
    table["run"] = _runs(table, run, who)
    table["speaker"] = _text(table, "speaker", "")
    _check_blocks(table["run"].tolist(), who)
    parts, told = [], list(found.said)
    for name, rows in table.groupby("run", sort=False) if len(table) else [("", table)]:
        whose = f"{who}, run {name!r}" if name != run else who
        part, left_out = timed(rows.reset_index(drop=True), untimed, whose)
        check_times(part, whose)
        parts.append(part)
        told += [left_out] if left_out else []
    whole = pd.concat(parts, ignore_index=True)
    rest = [name for name in whole.columns if name not in MEANT]
    return whole.loc[:, [*MEANT, *rest]], told


def _runs(table: pd.DataFrame, run: str, who: str) -> list[str]:
    """The run of each word: as the table says, unless it is one file of several."""
    said = _text(table, "run", run or "1")
    if run and len(set(said)) > 1:
        raise InputError(
            f"{who} was given as the run {run!r}, but its column 'run' has {listed(set(said))}. "
            "Give it alone, or one file for each run."
        )
    return [run] * len(said) if run else said


def _text(table: pd.DataFrame, name: str, default: str) -> list[str]:
    if name not in table.columns:
        return [default] * len(table)
    return [default if pd.isna(each) else _plain(each) for each in table[name]]


def _plain(entry: object) -> str:
    """A name as text; runs that pandas has made 1.0 are called 1."""
    return str(int(entry)) if isinstance(entry, float) and entry.is_integer() else str(entry)


def _check_blocks(runs: Sequence[str], who: str) -> None:
    starts = [run for i, run in enumerate(runs) if i == 0 or runs[i - 1] != run]
    if len(set(starts)) < len(starts):
        raise InputError(
            f"{who}: the runs {listed(dict.fromkeys(starts))} alternate; sort the table by run and "
            "onset."
        )


def _called(source: Source, run: str) -> str:
    if isinstance(source, str | Path):
        return repr(str(source))
    return f"the table of the run {run!r}" if run else "the table"
