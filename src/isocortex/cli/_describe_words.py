"""What a file of timed words holds: tiers and their counts, or labels."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from isocortex.choice import listed
from isocortex.data.words.textgrid import Interval

Row = tuple[object, ...]

COLUMNS = ("tier", "holds", "silent", "from s", "to s", "such as")


def tiers_of(path: Path) -> tuple[str, list[Row]]:
    """A title that names the tiers of words, and a row for each tier of a TextGrid."""
    from isocortex.data.words.textgrid import read_textgrid
    from isocortex.data.words.tiers import word_tiers
    from isocortex.errors import InputError

    grid = read_textgrid(path)
    try:
        words = listed(each.name for each in word_tiers(grid, None, str(path)).values())
    except InputError:
        words = "no tier by its name; say which with tier="
    rows = [(each.name, *_of_entries(each.entries, each.kind)) for each in grid.tiers]
    span = f"{grid.start:.2f} to {grid.end:.2f} s, {grid.encoding}"
    return f"TextGrid of {len(grid.tiers)} tiers, {span}; words: {words}", rows


def labels_of(path: Path) -> tuple[str, list[Row]]:
    """A title, and the one row of a label file of HTK."""
    from isocortex.data.words.lab import read_lab

    entries = read_lab(path)
    return "labels of HTK", [("", *_of_entries(entries, "intervals"))]


def _of_entries(entries: Sequence[Interval], kind: str) -> Iterable[object]:
    from isocortex.data.words.tiers import is_silence

    spoken = [each for each in entries if not is_silence(each[2])]
    start = f"{min(each[0] for each in spoken):.3f}" if spoken else ""
    end = f"{max(each[1] for each in spoken):.3f}" if spoken else ""
    such = listed((" ".join(each[2].split())[:20] for each in spoken[:3]), 3)
    return f"{len(entries)} {kind}", len(entries) - len(spoken), start, end, such
