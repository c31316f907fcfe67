"""A job is work whose result is a file; what is there under its final name is done.

No locks: a result is written under a temporary name and renamed. A run that was killed loses the
jobs in hand; two runs over one shared folder may do a job twice, and both write the same.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isocortex.errors import IsocortexError
from isocortex.store.atomic import whole


@dataclass(frozen=True)
class Job:
    """Work to be done once."""

    name: str
    """Such as ``"decode caffe/AlexNet conv1 sub-01 V1"``."""
    work: Callable[..., Any]
    """A function that can be imported, so that it can travel."""
    arguments: tuple[Any, ...]
    results: tuple[Path, ...]
    """The files or folders it leaves; done when all are there."""

    @property
    def done(self) -> bool:
        """Whether all results are there under their final names."""
        return all(path.exists() for path in self.results)

    @property
    def mark(self) -> Path:
        """The file that says why it failed."""
        last = self.results[-1]
        return last.with_name(f"{last.name}.failed.txt")


@dataclass(frozen=True)
class Outcome:
    """What became of a job."""

    name: str
    state: str
    """``"done"``, ``"skipped"`` (it was done already) or ``"failed"``."""
    reason: str = ""


@dataclass(frozen=True)
class Summary:
    """What became of all jobs."""

    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The jobs that failed, with their reasons."""
        return tuple(each for each in self.outcomes if each.state == "failed")

    def __str__(self) -> str:
        """How many were done, skipped and failed, and each different reason with its jobs."""
        counts = Counter(each.state for each in self.outcomes)
        head = (
            f"{len(self.outcomes)} jobs: {counts['done']} done, {counts['skipped']} were done "
            f"already, {counts['failed']} failed."
        )
        reasons: dict[str, list[str]] = {}
        for each in self.failed:
            reasons.setdefault(each.reason, []).append(each.name)
        lines = [
            f"failed: {names[0]}{_and_more(names)}\n    {reason}"
            for reason, names in reasons.items()
        ]
        return "\n".join([head, *lines])


def attempt(job: Job) -> Outcome:
    """Do a job, unless it is done; a failure becomes a file beside its result, and a reason."""
    if job.done:
        return Outcome(job.name, "skipped")
    try:
        job.work(*job.arguments)
    except Exception as error:
        known = isinstance(error, IsocortexError)
        reason = str(error) if known else f"{type(error).__name__}: {error}"
        return failed(job, reason)
    with suppress(OSError):
        job.mark.unlink(missing_ok=True)
    return Outcome(job.name, "done")


def failed(job: Job, reason: str) -> Outcome:
    """Mark a job as failed."""
    with suppress(OSError), whole(job.mark) as draft:
        draft.write_text(f"{job.name}\n{reason}\n", encoding="utf-8")
    return Outcome(job.name, "failed", reason)


def _and_more(names: Sequence[str]) -> str:
    return f" and {len(names) - 1} more" if len(names) > 1 else ""
