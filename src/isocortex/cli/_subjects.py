"""Several recordings are several subjects, called by their files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any


def with_subjects(recordings: Sequence[Any], paths: Sequence[Path]) -> list[Any]:
    """Each recording with the label ``subject``, from its file where it is not said."""
    return [
        one
        if {"subject", "layer"} & set(one.labels)
        else one.replace(labels={**one.labels, "subject": path.name.partition(".")[0]})
        for one, path in zip(recordings, paths, strict=True)
    ]
