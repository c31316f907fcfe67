"""Tables in narrow terminals: columns are left out and text is wrapped, numbers stay whole."""

import re
from collections.abc import Sequence

_ATOMS = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?%?|[^\W\d]+|\s+|.", re.DOTALL)
_BETWEEN = 2
"""Blanks from one column to the next."""


def is_number(text: str) -> bool:
    """Whether a cell is a number, perhaps with a sign, an exponent or a star beside it."""
    return bool(re.fullmatch(r"[+-]?\d[\d.,]*(e[+-]?\d+)?( \*| {2})?|nan|-", text.strip() or "."))


def widths(cells: Sequence[Sequence[str]], room: int | None) -> list[int]:
    """How wide the columns are that fit, of those that come first; at least one.

    Parameters
    ----------
    cells : list of columns, each a head and the cells below it
    room : int or None
        The width of the terminal; None where nothing limits it.
    """
    full = [max(len(line) for text in column for line in text.split("\n")) for column in cells]
    if room is None or sum(full) + _BETWEEN * (len(full) - 1) <= room:
        return full
    least = [_least(column, full[i], room) for i, column in enumerate(cells)]
    n = len(cells)
    while n > 1 and sum(least[:n]) + _BETWEEN * (n - 1) > room:
        n -= 1
    found, spare = least[:n], room - sum(least[:n]) - _BETWEEN * (n - 1)
    for i in range(n):
        more = max(0, min(spare, full[i] - found[i]))
        found[i] += more
        spare -= more
    return [max(1, min(each, room)) for each in found]


def _least(column: Sequence[str], full: int, room: int) -> int:
    """Of numbers the longest and the longest word of the head; of text the longest word."""
    head, *below = column
    if all(map(is_number, below)):
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
