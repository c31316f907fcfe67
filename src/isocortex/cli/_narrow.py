"""Tables in narrow terminals: columns are left out and text is wrapped, numbers stay whole."""

import re
from collections.abc import Sequence

_ATOMS = re.compile(r"< \.\d+|[+-]?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?%?|[^\W\d]+|\s+|.", re.DOTALL)
_BETWEEN = 2
"""Blanks from one column to the next."""


def is_number(text: str) -> bool:
    """Whether a cell is a number, perhaps with a sign, an exponent or a star, or a bound of p."""
    return bool(
        re.fullmatch(r"< \.\d+|[+-]?\d[\d.,]*(e[+-]?\d+)?( \*| {2})?|nan|-", text.strip() or ".")
    )


def fitting(cells: Sequence[Sequence[str]], room: int | None) -> dict[int, int]:
    """The columns that fit, by their place, and how wide they are; the first is always there.

    Where not all fit, those of text go first, the widest before others, then those at the right:
    numbers are what a table is looked up for.

    Parameters
    ----------
    cells : list of columns, each a head and the cells below it
    room : int or None
        The width of the terminal; None where nothing limits it.
    """
    full = {i: _full(column) for i, column in enumerate(cells)}
    if room is None or _total(full) <= room:
        return full
    least = {i: _least(column, full[i], room) for i, column in enumerate(cells)}
    while len(least) > 1 and _total(least) > room:
        texts = [i for i in least if i and not _of_numbers(cells[i])]
        del least[max(texts, key=lambda i: (least[i], i)) if texts else max(least)]
    spare = room - _total(least)
    for i, size in least.items():
        more = max(0, min(spare, full[i] - size))
        least[i] += more
        spare -= more
    return {i: max(1, min(size, room)) for i, size in least.items()}


def _full(column: Sequence[str]) -> int:
    return max(len(line) for text in column for line in text.split("\n"))


def _total(sizes: dict[int, int]) -> int:
    return sum(sizes.values()) + _BETWEEN * (len(sizes) - 1)


def _of_numbers(column: Sequence[str]) -> bool:
    return all(map(is_number, column[1:]))


def _least(column: Sequence[str], full: int, room: int) -> int:
    """Of numbers the longest and the longest word of the head; of text the longest word."""
    head, *below = column
    if _of_numbers(column):
        return max(map(len, [*below, *head.split()]), default=0)
    longest = max((len(word) for text in column for word in text.split()), default=1)
    return min(full, longest, max(room // 2, _longest_number(below)))


def _longest_number(cells: Sequence[str]) -> int:
    found = (len(atom) for text in cells for atom in _ATOMS.findall(text) if is_number(atom))
    return max(found, default=1)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of a cell: broken at blanks, else beside signs, and within words only at need."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for atom in _pieces(paragraph, width):
            if len(line) + len(atom.rstrip()) > width:
                head, blank, tail = line.rpartition(" ")
                joined = tail if blank and len(tail) + len(atom) <= width else ""
                lines.append((head if joined else line).rstrip())
                line = joined
                atom = atom if line else atom.lstrip()
            line += atom
        lines.append(line.rstrip())
    return lines


def _pieces(text: str, width: int) -> list[str]:
    atoms = _ATOMS.findall(text)
    return [atom[i : i + width] for atom in atoms for i in range(0, len(atom), width)]
