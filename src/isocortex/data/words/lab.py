"""Label files of HTK and HTS (``.lab``): start, end and label, one a line."""

import re
from pathlib import Path

from isocortex.data.words.praat_text import decoded
from isocortex.data.words.textgrid import Interval
from isocortex.errors import FormatError
from isocortex.reading import check_room, reader

UNIT = 1e-7
"""Whole numbers count 100 ns; with a decimal point, times are in seconds."""

_LINE = re.compile(r"\s*(\d+(?:\.\d+)?)\s+(\d+(?:\.\d+)?)\s+(\S+)(?:\s.*)?")


@reader("a label file of HTK", alone=True)
def read_lab(path: Path) -> tuple[Interval, ...]:
    """The intervals of a label file, in seconds.

    Raises
    ------
    FormatError
        If a line is no start, end and label.
    """
    check_room(path, path.stat().st_size * 16, "its text")
    text, _ = decoded(path.read_bytes())
    found = []
    for n, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise FormatError(
                f"{str(path)!r}, line {n}: a line of a label file is a start, an end and a label, "
                f"not {line.strip()!r:.60}."
            )
        found.append(match.groups())
    if not found:
        raise FormatError(f"{str(path)!r} is empty: it has no label.")
    in_seconds = any("." in start or "." in end for start, end, _ in found)
    scale = 1.0 if in_seconds else UNIT
    return tuple((float(start) * scale, float(end) * scale, label) for start, end, label in found)
