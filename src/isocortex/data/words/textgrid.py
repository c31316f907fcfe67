"""TextGrids of Praat: tiers of intervals and points, from long and short text files."""

from dataclasses import dataclass
from pathlib import Path

from isocortex.data.words.praat_text import Values, praat_text
from isocortex.errors import FormatError
from isocortex.reading import reader

Interval = tuple[float, float, str]

_KINDS = {"IntervalTier": "intervals", "TextTier": "points"}


@dataclass(frozen=True)
class Tier:
    """One tier of a TextGrid, as it is written."""

    name: str
    kind: str
    """``"intervals"`` or ``"points"``."""
    entries: tuple[Interval, ...]
    """Start and end in seconds, and the label; points end where they start."""


@dataclass(frozen=True)
class TextGrid:
    """All of a file, times in seconds of its own clock, which need not begin at 0."""

    start: float
    end: float
    tiers: tuple[Tier, ...]
    encoding: str


@reader("a TextGrid of Praat", alone=True)
def read_textgrid(path: Path) -> TextGrid:
    """The tiers of a TextGrid: a text file, long or short, in any encoding that Praat writes.

    Raises
    ------
    NotFoundError, FormatError, StorageError
        If it is not there, binary, chronological, of another object, truncated or damaged, or too
        large for the memory.
    """
    text, encoding = praat_text(path)
    values = Values(text, path)
    _check_head(values, path)
    start, end = values.number("xmin"), values.number("xmax")
    there = values.flag("the flag of tiers") == "exists"
    n = values.count("the number of tiers") if there else 0
    # A number that the file cannot hold ends where the file does, before it is believed.
    tiers = tuple(_tier(values, path) for _ in range(n))
    values.end()
    return TextGrid(start, end, tiers, encoding)


def _check_head(values: Values, path: Path) -> None:
    head = values.text("the first line")
    if "chronological" in head:
        raise FormatError(
            f"{str(path)!r} is a chronological TextGrid; save it as a text file or as a short text "
            "file in Praat."
        )
    if not head.startswith("ooTextFile"):
        raise FormatError(f"{str(path)!r} is no text file of Praat: it begins with {head[:40]!r}.")
    kind = values.text("the second line")
    if kind.split()[:1] != ["TextGrid"]:
        raise FormatError(f"{str(path)!r} holds a {kind[:40]!r} of Praat, not a TextGrid.")


def _tier(values: Values, path: Path) -> Tier:
    kind = values.text("the class of a tier")
    if kind not in _KINDS:
        raise FormatError(
            f"{str(path)!r}: a tier is of the class {kind[:40]!r}; known are {', '.join(_KINDS)}."
        )
    name = values.text("the name of a tier")
    for bound in ("xmin", "xmax"):
        values.number(f"{bound} of the tier {name!r}")
    n = values.count(f"the size of the tier {name!r}")
    entries = []
    for _ in range(n):
        start = values.number("the start of an interval")
        end = values.number("the end of an interval") if kind == "IntervalTier" else start
        entries.append((start, end, values.text("a label")))
    return Tier(name, _KINDS[kind], tuple(entries))
