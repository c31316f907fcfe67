"""Progress is an event; whoever listens decides how to show it. Without a listener nothing is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from isocortex.errors import InputError


@dataclass(frozen=True)
class Progress:
    """One step of a longer job: the first has ``done`` 0, the last ``done`` equal to ``total``.

    Parameters
    ----------
    what : str
        The job, such as ``"extract alexnet"``.
    done : int
        How many steps are finished.
    total : int
        How many there are in all; the same in all events of a job.
    note : str, default=""
        What this step was, or what was skipped and why.
    """

    what: str
    done: int
    total: int
    note: str = ""


_ROUNDING = 1e-6

Listener = Callable[[Progress], Any]

Shown = bool | Listener | None
"""What ``progress=`` takes: True draws a bar, a function is told each event, None is silent."""


def checked_progress(progress: Any, who: str) -> Shown:
    """What was given as ``progress``, if it is one of these.

    Raises
    ------
    InputError
        If it is neither True, False, None nor a function.
    """
    if progress is None or isinstance(progress, bool) or callable(progress):
        return progress
    raise InputError(
        f"{who}: progress={progress!r:.60} is neither True (a bar), False or None (silent), nor a "
        "function that takes an event with what, done, total and note."
    )


class Job:
    """A job that is shown as it goes: ``with Job(progress, "encode", n_folds) as job: ...``.

    An event says that it begins, one that it ends, if nothing stopped it; what a listener raises
    ends the job. While it is open, :func:`advance` counts its steps from wherever the work is done,
    but not the steps of a verb that this one calls, which has a job of its own.

    Parameters
    ----------
    progress : bool, function or None
        As a verb was given it.
    what : str
        The job.
    total : int
        How many steps it takes.
    """

    def __init__(self, progress: Shown, what: str, total: int):
        self._given, self._what, self._total = progress, what, max(int(total), 0)
        self._done, self._told = 0.0, -1
        self._listener: Any = None
        self._before: Token[Job | None] | None = None

    def __enter__(self) -> Self:
        self._before = _OPEN.set(self)
        if self._given is True:
            from isocortex.progress.bars import bar

            self._listener = bar()
        else:
            self._listener = self._given or None
        try:
            self._tell("")
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return self

    @property
    def done(self) -> float:
        """How many steps are finished; a part of one counts, but is not told."""
        return self._done

    def step(self, n: float = 1, note: str = "") -> None:
        """So many steps are finished, or so much of one."""
        self._done = min(self._done + n, float(self._total))
        if note or self._whole() > self._told:
            self._tell(note)

    def reach(self, done: int, total: int, note: str = "") -> None:
        """So many of so many are finished, in whatever they are counted."""
        self.step(max(self._total * done // max(total, 1) - self._whole(), 0), note)

    def _whole(self) -> int:
        # Parts of a step do not add up to it exactly.
        return int(self._done + _ROUNDING)

    def _tell(self, note: str) -> None:
        if self._listener is not None:
            self._told = self._whole()
            self._listener(Progress(self._what, self._told, self._total, note))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is not None:
            _OPEN.reset(self._before)
        try:
            if kind is None and self._told < self._total:
                self.step(self._total)
        finally:
            if self._given is True and self._listener is not None:
                self._listener.close()


# As numpy's errstate: of the call that opened it, also where several threads call at once.
_OPEN: ContextVar[Job | None] = ContextVar("isocortex_job", default=None)


@contextmanager
def unheard() -> Iterator[None]:
    """What is done inside counts no steps of the open job, which counts in other steps."""
    before = _OPEN.set(None)
    try:
        yield
    finally:
        _OPEN.reset(before)


def place() -> float:
    """How many steps of the open job are finished; 0 without one."""
    job = _OPEN.get()
    return 0.0 if job is None else job.done


def up_to(done: float) -> None:
    """At least so many steps of the open job are finished, whoever has counted some of them."""
    advance(max(done - place(), 0.0))


def advance(n: float = 1, note: str = "") -> None:
    """So many steps of the open job are finished; without one nothing happens."""
    job = _OPEN.get()
    if job is not None and n:
        job.step(n, note)


def reached(done: int, total: int, note: str = "") -> None:
    """The open job has finished so many of so many, in whatever they are counted."""
    job = _OPEN.get()
    if job is not None:
        job.reach(done, total, note)
