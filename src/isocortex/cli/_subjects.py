"""Several recordings are several subjects, called by their files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from isocortex.cli._nouns import called, stem_of


def with_subjects(recordings: Sequence[Any], paths: Sequence[Path]) -> list[Any]:
    """Each recording with the label ``subject``, from its file where it is not said."""
    return [
        one if {"subject", "layer"} & set(one.labels) else called(one, "subject", name)
        for one, name in zip(recordings, names_of(paths), strict=True)
    ]


def names_of(paths: Sequence[Path]) -> list[str]:
    """Their stems; where two are the same, with their folders, or else with their endings."""
    stems = [stem_of(path) for path in paths]
    placed = [(path.parent / stem).as_posix() for path, stem in zip(paths, stems, strict=True)]
    whole = [path.as_posix() for path in paths]
    return next((each for each in (stems, placed) if len({*each}) == len(each)), whole)
