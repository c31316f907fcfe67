"""Tables of text (.csv, .tsv): separators and encodings found out, text kept as it was written."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import counted
from isocortex.errors import FormatError, NotFoundError

SEPARATORS = (",", ";", "\t", "|")
MISSING_NUMBERS = frozenset(("", "n/a", "NA", "NaN", "nan"))
"""What stands for no number in a column whose other entries are numbers."""

# A whole number with a leading zero is a code, such as 007; so is one too long to be exact.
_WHOLE = re.compile(r"[+-]?(0|[1-9]\d{0,17})")
_NUMBER = re.compile(r"[+-]?((0|[1-9]\d{0,14})(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class TextTable:
    """A table as it was written: every entry text."""

    frame: pd.DataFrame
    decimal: str
    """The sign before the fraction: a comma where semicolons separate."""
    is_bids: bool
    """Whether tabs separate, as in BIDS, where ``n/a`` is missing."""
    encoding: str


def read_text_table(
    path: Path,
    wanted: Collection[str] = (),
    unheaded: Callable[[Sequence[str]], Sequence[str] | None] | None = None,
) -> TextTable:
    """The rows below a header, with whichever separator the header shows.

    Parameters
    ----------
    path : path
        UTF-8, UTF-16 with its mark, or else Windows-1252. ``.tsv`` has tabs.
    wanted : collection of str, optional
        Columns of which one should be found, which helps to tell the separator.
    unheaded : function, optional
        From the first row to the names of columns, if that row is no header; else to None.

    Raises
    ------
    NotFoundError
        If it is not there.
    FormatError
        If it is not text, has no header, or a row has another length than the header.
    """
    if not path.is_file():
        raise NotFoundError(f"There is no file {str(path)!r} to read a table from.")
    text, encoding = _decoded(path)
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise FormatError(f"{str(path)!r} is not a CSV file: it is empty.")
    separator = "\t" if path.suffix.lower() == ".tsv" else _separator(lines[0], wanted)
    try:
        rows, numbers = _rows(text, separator)
    except csv.Error as error:
        raise FormatError(f"{str(path)!r} is not a CSV file: {error}.") from error
    names = None if unheaded is None else unheaded(rows[0])
    if names is not None:
        rows, numbers = [list(names), *rows], [0, *numbers]
    header = _header(rows[0], path)
    for row, number in zip(rows[1:], numbers[1:], strict=True):
        if len(row) != len(header):
            raise FormatError(
                f"{str(path)!r} is not a CSV file: line {number} has {counted(len(row), 'entry')}, "
                "but the "
                f"header has {len(header)}."
            )
    columns = zip(*rows[1:], strict=True) if len(rows) > 1 else [()] * len(header)
    frame = pd.DataFrame(
        {name: list(column) for name, column in zip(header, columns, strict=True)}, dtype=object
    )
    return TextTable(frame, "," if separator == ";" else ".", separator == "\t", encoding)


def first_row(path: Path, wanted: Collection[str] = ()) -> list[str]:
    """The entries of the first line of a table that is not empty; none where it is no text.

    Parameters
    ----------
    path : path
    wanted : collection of str, optional
        As for :func:`read_text_table`.
    """
    try:
        with path.open("rb") as file:
            text, _ = _as_text(file.read(_HEAD), path, whole=False)
    except (OSError, FormatError):
        return []
    line = next((each for each in text.splitlines() if each.strip()), "")
    separator = "\t" if path.suffix.lower() == ".tsv" else _separator(line, wanted)
    return next(csv.reader([line], delimiter=separator), []) if line else []


def typed(table: TextTable, as_text: Collection[str] = ()) -> pd.DataFrame:
    """Columns of numbers as numbers, all others as the text that they are.

    A column is one of numbers if each entry is a number, or missing; a whole number with a
    leading zero is none, so that codes such as 007 keep their zeros.
    """
    return pd.DataFrame(
        {
            name: _text(column, table) if name in as_text else _column(column, table)
            for name, column in table.frame.items()
        },
        index=table.frame.index,
    )


def _text(column: pd.Series, table: TextTable) -> list[Any]:
    return [None if table.is_bids and each == "n/a" else each for each in column]


def _column(column: pd.Series, table: TextTable) -> Any:
    entries = [each.strip().replace(table.decimal, ".") for each in column]
    known = [each for each in entries if each not in MISSING_NUMBERS]
    if known and all(map(_WHOLE.fullmatch, known)) and len(known) == len(entries):
        return np.array([int(each) for each in entries], dtype=np.int64)
    if known and all(map(_NUMBER.fullmatch, known)):
        return np.array([np.nan if e in MISSING_NUMBERS else float(e) for e in entries])
    if known and {each.lower() for each in known} <= {"true", "false"} and known == entries:
        return np.array([each.lower() == "true" for each in entries])
    return _text(column, table)


_HEAD = 2**16


def _decoded(path: Path) -> tuple[str, str]:
    return _as_text(path.read_bytes(), path)


def _as_text(content: bytes, path: Path, whole: bool = True) -> tuple[str, str]:
    """Bytes as text; where it is the head of a file, it may end within a character."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "windows-1252", "latin-1"]
    for encoding in encodings:
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(content, final=whole)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, encoding
    raise FormatError(f"{str(path)!r} is not a CSV file: it is not text.")


def _separator(header: str, wanted: Collection[str]) -> str:
    """The one under which a wanted column is found, else which cuts the header most."""
    cut = {each: next(csv.reader([header], delimiter=each)) for each in SEPARATORS}
    fits = [
        each for each in SEPARATORS if any(name.strip() in wanted for name in cut[each])
    ] or SEPARATORS
    return max(fits, key=lambda each: len(cut[each]))


def _rows(text: str, separator: str) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    kept = [(row, reader.line_num) for row in reader if any(entry.strip() for entry in row)]
    if kept[0][0][-1] == "" and all(row[-1] == "" for row, _ in kept):
        kept = [(row[:-1], number) for row, number in kept]  # A separator ends each line.
    return [row for row, _ in kept], [number for _, number in kept]


def _header(names: Sequence[str], path: Path) -> list[str]:
    header = [name.strip() or f"Unnamed: {i}" for i, name in enumerate(names)]
    twice = {name for name in header if header.count(name) > 1}
    if twice:
        raise FormatError(
            f"{str(path)!r} has more than one column {', '.join(map(repr, sorted(twice)))}."
        )
    return header
