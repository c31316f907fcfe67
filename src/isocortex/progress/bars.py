"""Bars of progress: in a terminal, in a notebook, and as a line now and then in a file."""

import sys
import time
from html import escape
from typing import Any, Protocol

from isocortex.choice import visible
from isocortex.progress import Progress

BETWEEN_LINES = 30.0
"""Seconds between two lines of what is neither a terminal nor a notebook."""

_BETWEEN_DRAWINGS = 0.1


class Bar(Protocol):
    """A listener that draws, on the error stream, until it is closed."""

    def __call__(self, event: Progress) -> None:
        """Draw how far the job is."""
        ...

    def close(self) -> None:
        """No further event comes; what must not stay goes."""
        ...


def bar() -> Bar:
    """The bar that fits where the output goes."""
    if in_notebook():
        return NotebookBar()
    return TerminalBar() if sys.stderr is not None and sys.stderr.isatty() else Lines()


def in_notebook() -> bool:
    """Whether a kernel runs this, which shows what is displayed in a page."""
    shell = sys.modules.get("IPython")
    return shell is not None and getattr(shell.get_ipython(), "kernel", None) is not None


class TerminalBar:
    """One bar for each job, which goes when all is done."""

    def __init__(self):
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        # Names may hold square brackets, which are no markup.
        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            console=Console(stderr=True),
            transient=True,
        )
        self._jobs: dict[str, Any] = {}
        self._bars.start()

    def __call__(self, event: Progress) -> None:
        """Draw how far the job is."""
        what, note = visible(event.what), visible(event.note)
        if what not in self._jobs:
            self._jobs[what] = self._bars.add_task(what, total=event.total, note=note)
        self._bars.update(self._jobs[what], completed=event.done, total=event.total, note=note)

    def close(self) -> None:
        """Take the bars from the screen."""
        self._bars.stop()


class _Clock:
    """When a job began, and how long it may take yet."""

    def __init__(self):
        self.began = self.shown = time.monotonic()

    def due(self, seconds: float) -> bool:
        """Whether so much time has passed since this was last true."""
        now = time.monotonic()
        if now - self.shown < seconds:
            return False
        self.shown = now
        return True

    def left(self, event: Progress) -> str:
        """``", about 3 min left"``, from the mean of the steps so far."""
        if not 0 < event.done < event.total:
            return ""
        seconds = (time.monotonic() - self.began) * (event.total - event.done) / event.done
        if seconds < 100:
            return f", about {seconds:.0f} s left"
        return f", about {seconds / 60:.0f} min left"


class NotebookBar:
    """A bar of the page itself, which needs no widgets and stays in what is saved."""

    def __init__(self):
        self._clock, self._handle = _Clock(), None

    def __call__(self, event: Progress) -> None:
        """Draw an event, but not more often than can be seen."""
        drawn = _Drawn(event, self._clock.left(event))
        if self._handle is None:
            from IPython.display import display  # pyright: ignore[reportMissingImports]

            self._handle: Any = display(drawn, display_id=True)
        elif event.done == event.total or self._clock.due(_BETWEEN_DRAWINGS):
            self._handle.update(drawn)

    def close(self) -> None:
        """The page keeps the bar as it is."""


class _Drawn:
    def __init__(self, event: Progress, left: str):
        self._event, self._left = event, left

    def __repr__(self) -> str:
        return _line(self._event, self._left)

    def _repr_html_(self) -> str:
        done, total = self._event.done, max(self._event.total, 1)
        shown = done if self._event.total else total
        bar = f'<progress value="{shown}" max="{total}" style="vertical-align: middle"></progress>'
        return f"<div>{bar} {escape(repr(self))}</div>"


class Lines:
    """For files, pipes and schedulers: a line every half minute, and none of what is short."""

    def __init__(self):
        self._clock = _Clock()

    def __call__(self, event: Progress) -> None:
        """Write a line, if one is due."""
        if sys.stderr is not None and self._clock.due(BETWEEN_LINES):
            print(_line(event, self._clock.left(event)), file=sys.stderr, flush=True)  # noqa: T201

    def close(self) -> None:
        """No line is left to write."""


def _line(event: Progress, left: str) -> str:
    note = f" ({visible(event.note)})" if event.note else ""
    return f"{visible(event.what)}: {event.done} of {event.total}{left}{note}"
