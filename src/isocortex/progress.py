"""Progress is an event; whoever listens decides how to show it. The library prints nothing."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One step of a longer job."""

    what: str
    """The job, such as ``"extract alexnet"``."""
    done: int
    """How many steps are finished."""
    total: int
    """How many there are in all."""
    note: str = ""
    """What this step was, or what was skipped and why."""


Listener = Callable[[Progress], None]


def silent(event: Progress) -> None:
    """Listen and say nothing: the default of every verb."""
