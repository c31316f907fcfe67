"""Stimuli from a table: which file each row shows, under which name, and what is known of it."""

import os
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import pandas as pd

from isocortex.choice import listed, suggestion
from isocortex.data.folders import inside, named_missing, names_of
from isocortex.data.text_table import read_text_table, typed
from isocortex.errors import InputError

FILE_COLUMNS = ("file", "stim_file")
"""Where the files stand: the custom here, and that of BIDS."""

ALWAYS_TEXT = ("file", "name", "label", "stim_file")


@dataclass(frozen=True)
class Listed:
    """The stimuli of a table, each once."""

    names: tuple[str, ...]
    files: tuple[Path, ...]
    table: pd.DataFrame
    said: str
    """What should be known of the reading; empty if nothing."""


def stimuli_in_table(path: Path, file: str | None, folder: Path | None) -> Listed:
    """The stimuli that a table lists, in the order in which they come first.

    Raises
    ------
    NotFoundError
        If the table or an image is not there.
    InputError
        If a column is missing, a path leads out of the folder, or a name stands for two files.
    FormatError
        If it is no table.
    """
    wanted = FILE_COLUMNS if file is None else (file,)
    read = read_text_table(path, wanted)
    column = next((each for each in wanted if each in read.frame.columns), None)
    if column is None:
        known = list(read.frame.columns)
        raise InputError(
            f"{str(path)!r} has no column {wanted[0]!r}. {suggestion(wanted[0], known)}"
            f"It has: {listed(known, 20)}. Name the column of files with file=…"
        )
    texts = [each.strip() for each in read.frame[column]]
    shows = [i for i, each in enumerate(texts) if each and not (read.is_bids and each == "n/a")]
    if len(shows) < len(texts) and not (read.is_bids and shows):
        empty = next(i for i in range(len(texts)) if i not in set(shows))
        raise InputError(f"{str(path)!r}: row {empty + 1} below the header names no file.")
    if not shows:
        raise InputError(f"{str(path)!r} lists no stimulus below its header.")
    texts = [texts[i] for i in shows]
    root = _root(path, column) if folder is None else folder
    files = _files(texts, root, path)
    frame = typed(read, (column, *ALWAYS_TEXT)).iloc[shows].reset_index(drop=True)
    names = _names(frame, texts, path)
    said = _said(path, read.encoding, len(read.frame) - len(shows), len(read.frame))
    return _each_once(names, files, frame.drop(columns=[column, "name"], errors="ignore"), said)


def _root(path: Path, column: str) -> Path:
    """The table's folder; for ``stim_file`` the folder ``stimuli`` of its BIDS data set."""
    if column == "stim_file":
        for each in path.resolve().parents:
            if (each / "dataset_description.json").is_file() and (each / "stimuli").is_dir():
                return each / "stimuli"
    return path.parent


def _files(texts: Sequence[str], root: Path, path: Path) -> list[Path]:
    files = [_there(root / text) for text in texts]
    out = [text for text, each in zip(texts, files, strict=True) if _leads_out(text, each, root)]
    if out:
        raise InputError(
            f"{str(path)!r}: {len(out)} relative paths lead out of the folder {str(root)!r}: "
            f"{listed(out)}. Give folder= that holds all images, or absolute paths."
        )
    missing = [each for each in files if not each.is_file()]
    if missing:
        raise named_missing(missing, len(files), repr(str(path)))
    return files


def _there(file: Path) -> Path:
    """The file under whichever form of its letters with accents the disk has it."""
    if file.is_file():
        return file
    forms = [Path(unicodedata.normalize(form, str(file))) for form in ("NFC", "NFD")]
    return next((each for each in forms if each.is_file()), file)


def _leads_out(text: str, file: Path, root: Path) -> bool:
    if PurePath(text).is_absolute():
        return False
    return PurePath(os.path.normpath(text)).parts[:1] == ("..",) or not inside(file, root)


def _names(frame: pd.DataFrame, texts: Sequence[str], path: Path) -> list[str]:
    if "name" not in frame.columns:
        distinct = list(dict.fromkeys(PurePath(os.path.normpath(text)) for text in texts))
        cure = "Add a column 'name' with a name for each."
        named = dict(zip(distinct, names_of(distinct, repr(str(path)), cure), strict=True))
        return [named[PurePath(os.path.normpath(text))] for text in texts]
    names = frame["name"].tolist()
    if not all(isinstance(name, str) and name for name in names):
        raise InputError(f"{str(path)!r}: the column 'name' is empty in some rows; fill it.")
    file_of: dict[str, str] = {}
    for name, text in zip(names, texts, strict=True):
        if file_of.setdefault(name, text) != text:
            raise InputError(
                f"{str(path)!r}: the name {name!r} stands for two files, {file_of[name]!r} and "
                f"{text!r}. Give each its own."
            )
    return names


def _each_once(names: Sequence[str], files: Sequence[Path], frame: pd.DataFrame, said: str):
    """One row for each stimulus; what differs between its presentations stands in tuples."""
    rows: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        rows.setdefault(name, []).append(i)
    firsts = [each[0] for each in rows.values()]
    if len(firsts) < len(names):
        merged = {key: _merged(column.tolist(), rows) for key, column in frame.items()}
        frame = pd.DataFrame(merged, index=pd.RangeIndex(len(firsts)))
    return Listed(tuple(rows), tuple(files[i] for i in firsts), frame, said)


def _merged(column: list[Any], rows: Mapping[str, list[int]]) -> list[Any]:
    several = [tuple(column[i] for i in each) for each in rows.values()]
    same = all(len(set(map(repr, each))) == 1 for each in several)
    return [each[0] for each in several] if same else several


def _said(path: Path, encoding: str, without: int, total: int) -> str:
    said = []
    if encoding in ("windows-1252", "latin-1"):
        said.append(f"is not UTF-8 and was read as {encoding}; look at names with accents")
    if without:
        said.append(f"has {without} of {total} rows without a picture (n/a), which are left out")
    return f"Stimuli.from_csv: {str(path)!r} {', and '.join(said)}." if said else ""
