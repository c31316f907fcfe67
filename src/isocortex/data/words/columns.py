"""Words from tables: which column is the word, the onset and the end, under the names in use."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import listed
from isocortex.data.stimulus_table import FILE_COLUMNS
from isocortex.data.text_table import first_row, read_text_table, typed
from isocortex.errors import InputError
from isocortex.reading import check_room, reader

WORD = ("word", "words", "text", "token")
ONSET = ("onset", "start", "start_time", "begin", "xmin", "tmin")
OFFSET = ("offset", "end", "stop", "end_time", "xmax", "tmax")
DURATION = ("duration", "dur")
EVENT = ("trial_type", "type")
"""Where tables of events say what each row is; rows of ``"word"`` are taken."""

OF_EVENT = (*WORD, "value")
"""Where such a row may have its word; elsewhere a value is a trigger."""

MISSING = ("", "n/a")
"""What stands where there is no time."""

OF_GENTLE = ("word", "aligned", "onset", "offset")
"""The columns of alignments that are written without a header."""

MEANT = ("word", "onset", "offset", "run", "speaker")


@dataclass(frozen=True)
class Found:
    """Words before they are checked: columns of ``MEANT`` and whatever else is known."""

    table: pd.DataFrame
    said: tuple[str, ...] = ()
    """What was left out, for one warning."""


@reader("a table of words")
def read_word_table(path: Path) -> Found:
    """Words of a ``.csv`` or ``.tsv``: with a header, as events of BIDS, or as gentle writes them.

    Text stays as it is written: ``null``, ``nan``, ``NA`` and ``None`` are words.

    Raises
    ------
    FormatError, InputError
        If it is no table, or lacks words or times.
    """
    check_room(path, path.stat().st_size * 64, "its table")
    read = read_text_table(path, (*ONSET, *WORD), unheaded=_without_header)
    words = [
        name for name in read.frame.columns if _known(name, (*OF_EVENT, *EVENT, "speaker", "run"))
    ]
    frame = typed(read, words)
    frame = frame.assign(**{name: frame[name].fillna("") for name in words})
    said = []
    if read.encoding in ("windows-1252", "latin-1"):
        said.append(f"it is not UTF-8 and was read as {read.encoding}; look at words with accents")
    found = words_in(frame, repr(str(path)))
    return Found(found.table, (*said, *found.said))


def lists_words(path: Path) -> bool:
    """Whether the first row of a table names words and onsets, and no files of stimuli."""
    header = first_row(path, (*ONSET, *WORD))
    names = {each.strip().lower() for each in header}
    if names & set(FILE_COLUMNS):
        return False
    return bool(names & {*WORD} and names & {*ONSET}) or _without_header(header) is not None


def _without_header(row: Sequence[str]) -> Sequence[str] | None:
    """Names for columns where the first row is a word already."""
    times = [each.strip() for each in row[2:]]
    if len(row) != len(OF_GENTLE) or any(_known(each, (*WORD, *ONSET)) for each in row):
        return None
    return OF_GENTLE if all(not each or _is_number(each) for each in times) else None


def _is_number(entry: Any) -> bool:
    try:
        float(entry)
    except (TypeError, ValueError):
        return False
    return True


def words_in(table: pd.DataFrame, who: str) -> Found:
    """Words of a table: a word, an onset and an end (or a duration) in each row.

    Parameters
    ----------
    table : DataFrame
        Names of columns in any case; those of ``WORD``, ``ONSET``, ``OFFSET`` and ``DURATION``.
    who : str
        For errors.

    Raises
    ------
    InputError
        If a column is missing, or is not of numbers.
    """
    table, names, said = _word_events(table)
    used = _columns(table, names, who)
    onset = _numbers(table, used["onset"], who)
    made: dict[str, Any] = {"word": table[used["word"]].tolist(), "onset": onset}
    if "offset" in used:
        made["offset"] = _numbers(table, used["offset"], who)
    else:
        made["offset"] = onset + _numbers(table, used["duration"], who)
    made |= {name: table[used[name]].tolist() for name in ("run", "speaker") if name in used}
    rest = [name for name in table.columns if name not in used.values() and name not in made]
    made |= {name: table[name].tolist() for name in rest}
    plain = pd.DataFrame(made, index=pd.RangeIndex(len(table)))
    return _with_words(Found(plain, said), who)


def _word_events(table: pd.DataFrame) -> tuple[pd.DataFrame, Sequence[str], tuple[str, ...]]:
    """Events that are words, where their word may stand, and how many others there were."""
    event = _column(table, EVENT)
    rows = _is_word([] if event is None else table[event].tolist())
    if not rows.any():
        return table, WORD, ()
    others = int((~rows).sum())
    said = (f"{others} of {len(table)} events are no words and left out",) if others else ()
    return table.loc[rows].reset_index(drop=True), OF_EVENT, said


def _columns(table: pd.DataFrame, names: Sequence[str], who: str) -> dict[str, Any]:
    """Which column of the table is the word, the onset, and the end or the duration."""
    known = {
        "word": names,
        "onset": ONSET,
        "offset": OFFSET,
        "duration": DURATION,
        "run": ("run",),
        "speaker": ("speaker",),
    }
    places = {meant: _column(table, each) for meant, each in known.items()}
    found = {meant: place for meant, place in places.items() if place is not None}
    missing = [meant for meant in ("word", "onset") if meant not in found]
    missing += [] if {"offset", "duration"} & found.keys() else ["offset"]
    if missing:
        raise InputError(
            f"{who}: there is no column {listed(missing)}; there are {listed(table.columns, 20)}. "
            "Words need the columns word, onset, and offset or duration."
        )
    if "offset" in found:
        found.pop("duration", None)  # It stays as it is, as any other column.
    return found


def _with_words(found: Found, who: str) -> Found:
    """Without rows that say that there is no word (``n/a`` of BIDS, or nothing)."""
    table = found.table
    if any(each is pd.NA or (isinstance(each, float) and each != each) for each in table["word"]):
        raise InputError(
            f"{who}: some words are NaN. The words 'null', 'nan' and 'NA' are read as NaN by "
            "pandas; use pd.read_csv(path, keep_default_na=False), or give the path itself."
        )
    absent = [each is None or not str(each).strip() for each in table["word"]]
    if not any(absent):
        return found
    kept = table.loc[~np.array(absent)].reset_index(drop=True)
    said = f"{sum(absent)} of {len(table)} rows have no word and are left out"
    return Found(kept, (*found.said, said))


def _numbers(table: pd.DataFrame, column: Any, who: str) -> np.ndarray:
    """Times of a column; NaN where it is empty."""
    given = table[column].tolist()
    try:
        return np.array([np.nan if _is_empty(each) else float(each) for each in given])
    except (TypeError, ValueError):
        wrong = next(each for each in given if not _is_empty(each) and not _is_number(each))
    raise InputError(f"{who}: the column {column!r} holds {wrong!r:.40}, which is no time.")


def _is_empty(entry: Any) -> bool:
    return entry is None or entry is pd.NA or (isinstance(entry, str) and entry.strip() in MISSING)


def _column(table: pd.DataFrame, names: Sequence[str]) -> Any:
    """The first of the names that the table has, in whichever case."""
    lowered = {str(name).strip().lower(): name for name in reversed(list(table.columns))}
    return next((lowered[name] for name in names if name in lowered), None)


def _known(name: str, names: Sequence[str]) -> bool:
    return name.strip().lower() in names


def _is_word(column: Sequence[Any]) -> np.ndarray:
    return np.array([str(each).strip().lower() == "word" for each in column], dtype=bool)
