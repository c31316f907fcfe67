"""Words of one run from whatever they are in: a TextGrid, a label file, a table."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import listed
from isocortex.data.words.columns import Found, read_word_table, words_in
from isocortex.data.words.lab import read_lab
from isocortex.data.words.textgrid import Interval, read_textgrid
from isocortex.data.words.tiers import is_silence, silences, word_tiers
from isocortex.errors import InputError, NotFoundError

SUFFIXES = (".textgrid", ".lab", ".csv", ".tsv")

Source = str | Path | pd.DataFrame | Mapping[str, Any]


def words_of(source: Source, tier: str | Sequence[str] | None) -> Found:
    """The words of one run, not yet checked.

    Raises
    ------
    NotFoundError, FormatError, InputError
        If the file is not there, is of no known kind, or has no words.
    """
    if isinstance(source, pd.DataFrame | Mapping):
        return words_in(pd.DataFrame(source), "from_words: the table")
    path = Path(source)
    if not path.is_file():
        raise NotFoundError(f"There is no file {str(path)!r} to read words from.")
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            f"from_words: {str(path)!r} is of no kind that words are read from; known are "
            ".TextGrid, .lab, .csv and .tsv."
        )
    if tier is not None and suffix != ".textgrid":
        raise InputError(f"from_words: {str(path)!r} is no TextGrid, and has no tier {tier!r}.")
    if suffix == ".textgrid":
        return _of_textgrid(path, tier)
    if suffix == ".lab":
        return _of_intervals({"": read_lab(path)}, ())
    return read_word_table(path)


def _of_textgrid(path: Path, tier: str | Sequence[str] | None) -> Found:
    grid = read_textgrid(path)
    tiers = word_tiers(grid, tier, repr(str(path)))
    said = ()
    if grid.encoding == "latin-1":
        said = ("it is neither UTF-8 nor UTF-16 and was read as Latin-1; look at accents",)
    return _of_intervals({name: each.entries for name, each in tiers.items()}, said)


def _of_intervals(by_speaker: Mapping[str, Sequence[Interval]], said: tuple[str, ...]) -> Found:
    """Words without silence; those of several speakers in the order of their onsets."""
    rows = [
        (" ".join(label.split()), start, end, speaker)
        for speaker, entries in by_speaker.items()
        for start, end, label in entries
        if not is_silence(label)
    ]
    if len(by_speaker) > 1:
        rows.sort(key=lambda row: row[1])
    labels = [label for entries in by_speaker.values() for *_, label in entries]
    quiet = silences(labels)
    # That nobody speaks is written as an empty label by the format itself.
    if any(quiet.keys()):
        told = ", ".join(f"{n} {label!r}" for label, n in list(quiet.items())[:6])
        said = (
            *said,
            f"of {len(labels)} intervals, {sum(quiet.values())} are silence or noise and left out "
            f"({told})",
        )
    words, onsets, offsets, speakers = zip(*rows, strict=True) if rows else ((), (), (), ())
    table = pd.DataFrame(
        {
            "word": pd.Series(words, dtype=object),
            "onset": np.array(onsets, dtype=float),
            "offset": np.array(offsets, dtype=float),
            "speaker": pd.Series(speakers, dtype=object),
        }
    )
    return Found(table, said)


def runs_of(given: Any) -> dict[str, Source]:
    """What was given, by run: one source, a list of files, or a mapping from runs to them.

    Files of a list are called by ``run-…`` in their names, or else by their stems.

    Raises
    ------
    InputError
        If it is none of these, or two files have one name.
    """
    if isinstance(given, str | Path):
        return {_run_in(Path(given)): given}
    if isinstance(given, pd.DataFrame):
        return {"": given}
    if isinstance(given, Mapping):
        if given and all(isinstance(each, str | Path | pd.DataFrame) for each in given.values()):
            return {str(run): each for run, each in given.items()}
        return {"": given}
    if not isinstance(given, list | tuple) or not given:
        raise InputError(
            "from_words needs a TextGrid, a table of words, a list of such files (one for each "
            f"run) or a mapping from runs to them, not {type(given).__name__}."
        )
    if not all(isinstance(each, str | Path) for each in given):
        raise InputError(
            "from_words: a list is one of files, one for each run; give tables as a mapping from "
            "runs to them: {'1': first, '2': second}."
        )
    paths = [Path(each) for each in given]
    names = [_run_in(each) for each in paths]
    if not all(names) or len(set(names)) < len(names):
        names = [each.stem for each in paths]
    if len(set(names)) < len(names):
        raise InputError(
            f"from_words: several files have one name ({listed(names)}); give a mapping from runs "
            "to files."
        )
    return dict(zip(names, paths, strict=True))


def _run_in(path: Path) -> str:
    """The run that a name of BIDS says, ``run-01`` as ``01``; else nothing."""
    parts = [each.removeprefix("run-") for each in path.stem.split("_") if each[:4] == "run-"]
    return parts[0] if parts else ""
