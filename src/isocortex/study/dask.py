"""A study on workers of Dask: what travels is the path and key of a layer, never its numbers."""

import socket
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from isocortex.choice import first_line
from isocortex.errors import InputError, StorageError
from isocortex.jobs.dask import PATIENCE, Flight, workers_of
from isocortex.numerics.arrays.cores import one_blas_thread
from isocortex.study.keys import NUMERICS
from isocortex.study.known import ABOUT
from isocortex.study.study import Study
from isocortex.study.tasks import Batch, Extraction, Work
from isocortex.study.work import Done, follow, perform, refuse_batches

GPU = "GPU"
AIM = 1.0
"""Seconds of work that one task of Dask should have: its own cost is some milliseconds."""
ROUNDS = 8
"""So often, at least, each worker comes back for more, that none waits long for the last."""
MOST = 200
_LOOKS = 25
FIRST = 10
"""Priority of extractions, for which others wait."""

Group = Sequence[Batch]


class DaskRunner:
    """Runs on a client of Dask, which ``make`` opens; without workers for so long it gives up."""

    def __init__(
        self,
        study: Study,
        make: Callable[[], AbstractContextManager[Any]],
        patience: float = PATIENCE,
    ):
        self._patience = patience
        self._study = study
        self._make = make
        self._stack = ExitStack()
        self._client: Any = None

    def __enter__(self) -> "DaskRunner":
        self._client = self._stack.enter_context(self._make())
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def work(self, todo: Work) -> Iterator[Done]:
        """Networks on workers with a GPU, if there are such, and comparisons beside them.

        What was on a worker when it died is tried again, and if that dies too by itself, with
        nothing beside it: so what kills workers is found, and what was only near it is done.
        """
        flight = Flight(self._client, self._patience)
        wanted = self._wanted()
        for each in todo.extractions:
            self._extract(flight, each, wanted)
        self._send(flight, todo.ready, todo.seconds)
        suspects: list[Extraction | Group] = []
        while flight or suspects:
            alone = not flight
            if alone:
                self._send_alone(flight, suspects.pop(0), wanted)
            what, outcome = flight.next()
            if isinstance(outcome, StorageError | InputError):
                raise outcome
            if isinstance(outcome, Exception) and not alone:
                suspects.append(what)
            elif isinstance(what, Extraction):
                done = outcome if isinstance(outcome, Done) else _died(what, outcome)
                yield done
                batches = todo.waiting[what.source.name]
                yield from self._after(done, batches, flight, todo.seconds)
            elif isinstance(outcome, Exception):
                parts = singles(what)
                suspects[:0] = parts
                yield from () if parts else _gave_up(what, outcome, self._study.results)
            else:
                yield from outcome

    def _send(self, flight: Flight, batches: Sequence[Batch], seconds: Mapping[str, float]) -> None:
        for group in grouped(batches, seconds, len(workers_of(self._client))):
            self._send_group(flight, group)

    def _extract(self, flight: Flight, what: Extraction, wanted: Mapping[str, int]) -> None:
        key = f"extract-{uuid.uuid4().hex}"
        given = (what, self._study, formulas())
        flight.send(what, extract_there, *given, key=key, priority=FIRST, resources=wanted)

    def _send_alone(self, flight: Flight, what: Any, wanted: Mapping[str, int]) -> None:
        if isinstance(what, Extraction):
            self._extract(flight, what, wanted)
        else:
            self._send_group(flight, what)

    def _send_group(self, flight: Flight, group: Group) -> None:
        given = (group, self._study.results, formulas())
        flight.send(group, perform_all, *given, key=_key(group))

    def _after(
        self,
        done: Done,
        batches: Sequence[Batch],
        flight: Flight,
        seconds: Mapping[str, float],
    ) -> list[Done]:
        """Send what waited for a network, or say why it cannot be done."""
        refused = follow(done, batches, self._study.results)
        if refused is None:
            self._send(flight, batches, seconds)
        return refused or []

    def _wanted(self) -> dict[str, int]:
        """What an extraction asks for: a GPU, if any worker says that it has one."""
        workers = workers_of(self._client)
        return {GPU: 1} if any(each.get("resources", {}).get(GPU) for each in workers) else {}


def grouped(
    todo: Sequence[Batch], seconds: Mapping[str, float], workers: int
) -> Iterator[list[Batch]]:
    """Batches together that are about a second of work, or less where there is little to share.

    ``seconds`` are those of a task of each method.
    """
    costs = [seconds.get(each.method.name, 0.0) * len(each.tasks) for each in todo]
    aim = min(AIM, sum(costs) / (ROUNDS * max(workers, 1)))
    most = max(1, min(MOST, len(todo) // (ROUNDS * max(workers, 1))))
    group: list[Batch] = []
    work = 0.0
    for batch, cost in zip(todo, costs, strict=True):
        if group and (work + cost > aim or len(group) >= most):
            yield group
            group, work = [], 0.0
        group.append(batch)
        work += cost
    if group:
        yield group


def singles(group: Group) -> list[list[Batch]]:
    """Each task of a group by itself; of a single task nothing."""
    tasks = [replace(batch, tasks=(task,)) for batch in group for task in batch.tasks]
    return [[task] for task in tasks] if len(tasks) > 1 else []


def perform_all(batches: Group, results: Path, asked: str) -> list[Done]:
    """What a worker does with a group, by one thread.

    Raises
    ------
    InputError
        If its formulas are others than were asked for.
    StorageError
        If the worker does not see the folder of results, or cannot write to it.
    """
    refuse_other_formulas(asked)
    refuse_unshared(results)
    with one_blas_thread():
        return [perform(batch, results) for batch in batches]


def extract_there(extraction: Extraction, study: Study, asked: str) -> Done:
    """What a worker does with a network, by one thread.

    Raises
    ------
    InputError, StorageError
        As :func:`perform_all`.
    """
    refuse_other_formulas(asked)
    refuse_unshared(study.results)
    from isocortex.study.extraction import perform_extraction

    with one_blas_thread():
        return perform_extraction(extraction, study)


def formulas() -> str:
    """The version of this package, and of its formulas."""
    from isocortex import __version__

    return f"isocortex {__version__} (formulas {NUMERICS})"


def refuse_other_formulas(asked: str) -> None:
    """Stop where a worker would put other numbers under the keys of the run.

    Raises
    ------
    InputError
        With the name of the machine.
    """
    own = formulas()
    if asked != own:
        raise InputError(
            f"The worker on {socket.gethostname()} has {own}, but the run has {asked}: the "
            "numbers may differ. Start its workers in the environment of the run."
        )


def refuse_unshared(results: Path) -> None:
    """Stop where the folder that the run has signed is not there.

    Raises
    ------
    StorageError
        With the name of the machine.
    """
    for _ in range(_LOOKS):
        if (results / ABOUT).is_file():
            return
        time.sleep(0.2)
    raise StorageError(
        f"The worker on {socket.gethostname()} does not see the folder of results "
        f"{str(results)!r}. All machines must reach it by the same name: let the study lie on a "
        "disk that they share."
    )


def _key(group: Group) -> str:
    """For Dask, whose pictures show the kind; no two are alike, since leases do the sharing."""
    return f"{group[0].method.kind}-{uuid.uuid4().hex}"


def _why(error: Exception) -> str:
    kind = type(error).__name__
    if kind == "KilledWorker":
        return (
            f"its worker died each time it was tried ({kind}), as it does where memory is lacking"
        )
    return f"no worker could do it: {kind}: {first_line(error)}"


def _died(extraction: Extraction, error: Exception) -> Done:
    return Done(extraction.name, failed=((extraction.name, _why(error)),))


def _gave_up(group: Group, error: Exception, results: Path) -> Iterator[Done]:
    """A task that killed each worker that tried it."""
    return refuse_batches(group, results, _why(error))
