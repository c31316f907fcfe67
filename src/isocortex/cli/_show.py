"""How the command line shows progress, tables, sentences and the files that it wrote."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, TextIO

from isocortex.choice import listed, visible
from isocortex.cli._answer import gathered
from isocortex.cli._narrow import fitting, is_number, wrapped
from isocortex.progress import Listener
from isocortex.progress.bars import bar

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def progress() -> Iterator[Listener]:
    """A listener that shows one bar for each job, on the error stream."""
    shown = bar()
    try:
        yield shown
    finally:
        shown.close()


def show_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    title: str = "",
    *,
    data: "pd.DataFrame | None" = None,
) -> None:
    """Print a table; what is a number stands at the right. Columns may be without heads.

    Where the terminal is too narrow, text is wrapped and columns are left out, those of text
    first, which is told; numbers are never broken. ``data`` is what ``--json`` has in the place of
    the table.
    """
    rows, answer = list(rows), gathered()
    if answer is not None:
        records = _records(columns, rows) if data is None else data.to_dict("records")
        answer["tables"].append({"title": title, "rows": records})
        return
    body = [[_text(cell, head) for head, cell in zip(columns, row, strict=True)] for row in rows]
    cells = [[visible(head), *(row[i] for row in body)] for i, head in enumerate(columns)]
    room = _room()
    sizes = fitting(cells, room)
    if title:
        print(visible(title))
    print("\n".join(_lines([cells[i] for i in sizes], [*sizes.values()])))
    out = [column[0] for i, column in enumerate(cells) if i not in sizes]
    if out:
        said = f"The terminal is too narrow for {listed(out)}; --json has all."
        print("\n".join(wrapped(said, room or len(said))))
    print()


def say(text: object, file: TextIO | None = None, **facts: object) -> None:
    """Print what may hold names of others: codes for the terminal are shown, not obeyed.

    ``facts`` are what the sentence tells, for ``--json``.
    """
    answer = gathered()
    if answer is None or file is not None:
        print(visible(text), file=file)
        return
    answer["text"].append(str(text))
    answer["facts"].update(facts)


def show_written(**paths: Path | None) -> None:
    """Say where each file was left."""
    answer = gathered()
    for what, path in paths.items():
        if path is None:
            continue
        if answer is None:
            say(f"{what.replace('_', ' ')}: {path}")
        else:
            answer["files"][what] = str(path)


def _lines(cells: Sequence[Sequence[str]], sizes: Sequence[int]) -> Iterator[str]:
    """The lines of a table: its heads and a rule below, if it has heads, and its rows."""
    right = [all(map(is_number, column[1:])) for column in cells]
    headed = any(column[0] for column in cells)
    rows = list(zip(*cells, strict=True))
    for i, row in enumerate(rows if headed else rows[1:]):
        parts = [wrapped(text, size) for text, size in zip(row, sizes, strict=True)]
        for k in range(max(map(len, parts))):
            texts = [part[k] if k < len(part) else "" for part in parts]
            placed = [
                text.rjust(size) if at_right else text.ljust(size)
                for text, size, at_right in zip(texts, sizes, right, strict=True)
            ]
            yield "  ".join(placed).rstrip()
        if headed and i == 0:
            yield "─" * (sum(sizes) + 2 * len(sizes) - 2)


def _room() -> int | None:
    """The width of the terminal; none where the output is no terminal, and nobody said one."""
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS"):
        return None
    return max(get_terminal_size().columns, 10)


def _records(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Any]:
    """Rows by the names of their columns; a table of facts, without heads, by the facts."""
    if not any(columns):
        return [{str(row[0]): row[1] for row in rows}]
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _text(cell: object, head: str) -> str:
    if isinstance(cell, float):
        small = 0 <= cell < 0.001 and re.search(r"(^| )p(_|$)", head)
        return "< .001" if small else f"{cell:.3f}"
    return visible(cell).replace("\n", "\\n")
