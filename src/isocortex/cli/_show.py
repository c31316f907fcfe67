"""How the command line shows progress and tables."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from isocortex.choice import visible
from isocortex.progress import Listener
from isocortex.progress.bars import bar


@contextmanager
def progress() -> Iterator[Listener]:
    """A listener that shows one bar for each job, on the error stream."""
    shown = bar()
    try:
        yield shown
    finally:
        shown.close()


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """Print a table; what is a number stands at the right. Columns may be without heads."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    cells = [[_text(cell) for cell in row] for row in rows]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_header=any(columns))
    for i, name in enumerate(columns):
        numbers = all(_is_number(row[i]) for row in cells)
        table.add_column(
            Text(visible(name)), justify="right" if numbers else "left", overflow="fold"
        )
    for row in cells:
        # As Text, so that square brackets in names are not read as markup.
        table.add_row(*map(Text, row))
    console = Console()
    if title:
        console.print(Text(visible(title), style="bold"))
    console.print(table)


def say(text: object, file: TextIO | None = None) -> None:
    """Print what may hold names of others: codes for the terminal are shown, not obeyed."""
    print(visible(text), file=file)


def show_written(**paths: Path | None) -> None:
    """Say where each file was left."""
    for what, path in paths.items():
        if path is not None:
            say(f"{what.replace('_', ' ')}: {path}")


def _text(cell: object) -> str:
    return f"{cell:.3f}" if isinstance(cell, float) else visible(cell).replace("\n", "\\n")


def _is_number(text: str) -> bool:
    return text.replace(".", "").replace("-", "").replace(" ", "").isdigit()
