"""Jobs on Dask: workers on this machine, or a cluster that exists."""

import logging
import queue
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from isocortex.errors import InputError, IsocortexError, MissingDependencyError
from isocortex.jobs.jobs import Job, Outcome, Summary, attempt, failed
from isocortex.progress import Job as Shows
from isocortex.progress import Shown

LOOK = 5.0
"""Seconds between two looks at the scheduler and its workers."""
NO_DASHBOARD = {"dashboard": False, "dashboard_address": ":0"}
"""Any free port: with None it would be one that another run may have, and Dask would warn of it."""
ANSWER = 10.0
"""Seconds within which a scheduler is to answer."""
_LOUD = ("distributed", "tornado.application")
PATIENCE = 300.0
"""Seconds without any worker after which a run on a scheduler's address is given up."""

# Without the first, a task that lacks memory kills four workers; without the second, two deaths in
# fifteen seconds take a worker away for ever; the third frees what a worker that hangs had in hand.
SETTINGS = {
    "distributed.scheduler.allowed-failures": 1,
    "distributed.deploy.lost-worker-timeout": "120s",
    "distributed.scheduler.worker-ttl": "5 minutes",
    # Nobody looks at profiles and meters, which each worker would take a hundred times a second.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.nanny.pre-spawn-environ": {
        "OMP_NUM_THREADS": 1,
        "MKL_NUM_THREADS": 1,
        "OPENBLAS_NUM_THREADS": 1,
        "MALLOC_TRIM_THRESHOLD_": 65536,
    },
}


@contextmanager
def client_of(workers: int | None = None, scheduler: str | None = None) -> Iterator[Any]:
    """A Dask client, of new workers on this machine or of the cluster at an address.

    Parameters
    ----------
    workers : int, optional
        How many processes; each has one thread.
    scheduler : str, optional
        Such as ``"tcp://10.0.0.1:8786"``, which ``dask-jobqueue`` or ``dask scheduler`` prints.

    Raises
    ------
    InputError
        If both or none are given, or nobody answers at the address.
    MissingDependencyError
        If Dask is not installed.
    """
    if (workers is None) == (scheduler is None):
        raise InputError("Give either a number of workers or the address of a scheduler.")
    if workers is not None and workers < 1:
        raise InputError(f"workers={workers} must be 1 or more.")
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise MissingDependencyError(
            "Workers and schedulers need Dask, which is not installed: pip install "
            "'isocortex[cluster]'"
        ) from None
    if scheduler is not None:
        with settings(), _client(Client, scheduler) as client:
            yield client
        return
    here = {"distributed.worker.preload": ["isocortex.jobs.deaf"]}
    with settings(here), _local(LocalCluster, workers) as cluster, Client(cluster) as client:
        yield client


@contextmanager
def settings(more: Mapping[str, Any] = MappingProxyType({})) -> Iterator[None]:
    """Dask as jobs here need it, and quiet, while the block lasts."""
    import dask

    names = [each for each in logging.root.manager.loggerDict if each.startswith(_LOUD)]
    loggers = [logging.getLogger(name) for name in names]
    before = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.CRITICAL)
    try:
        with dask.config.set({**SETTINGS, **more}):  # pyright: ignore[reportPrivateImportUsage]
            yield
    finally:
        for each, level in zip(loggers, before, strict=True):
            each.setLevel(level)


def _local(make: Any, workers: int | None) -> Any:
    return make(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        scheduler_kwargs=NO_DASHBOARD,
        silence_logs=logging.CRITICAL,
    )


class Flight:
    """Calls that workers have in hand; each comes back with its result or its error.

    Parameters
    ----------
    client : distributed.Client
    patience : float
        Seconds without any worker after which there is no hope.
    """

    def __init__(self, client: Any, patience: float = PATIENCE):
        self._client = client
        self._patience = patience
        self._back: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._in_hand: dict[str, tuple[Any, Any]] = {}
        self._seen = time.monotonic()

    def __len__(self) -> int:
        return len(self._in_hand)

    def send(self, what: Any, call: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        """Ask for a call; ``what`` is given back with its outcome, ``options`` are Dask's."""
        future = self._client.submit(call, *arguments, pure=False, **options)
        self._in_hand[future.key] = (what, future)
        future.add_done_callback(self._back.put)

    def next(self) -> tuple[Any, Any]:
        """What was asked for with one of the calls, and its result or exception, as they come.

        Raises
        ------
        IsocortexError
            If the scheduler is gone, or there has been no worker for long.
        """
        while True:
            try:
                future = self._back.get(timeout=LOOK)
            except queue.Empty:
                self._look()
                continue
            if future.key not in self._in_hand:
                continue
            if future.status == "error":
                return self._in_hand.pop(future.key)[0], future.exception()
            try:
                outcome = future.result(timeout=2 * LOOK)
            except TimeoutError:  # Its worker died with the result: it is computed again.
                self._back.put(future)
                self._look()
                continue
            except Exception as error:
                raise _gone() from error
            return self._in_hand.pop(future.key)[0], outcome

    def _look(self) -> None:
        """Whether anybody is there."""
        try:
            workers = workers_of(self._client)
        except Exception as error:
            raise _gone() from error
        if workers:
            self._seen = time.monotonic()
        elif time.monotonic() - self._seen > self._patience:
            raise IsocortexError(
                f"The scheduler of Dask has had no worker for {self._patience:.0f} s. What was "
                "finished is kept: start workers with `dask worker ADDRESS`, run the same again, "
                "and it goes on from there."
            )


def workers_of(client: Any) -> list[Mapping[str, Any]]:
    """What the scheduler says of each worker; some versions of Dask tell of five, unless asked."""
    return list(client.scheduler_info(n_workers=-1)["workers"].values())


def _gone() -> IsocortexError:
    return IsocortexError(
        "The scheduler of Dask is gone, or no longer answers. What was finished is kept: run the "
        "same again, and it goes on from there."
    )


def run_on_dask(
    jobs: Sequence[Job], client: Any, progress: Shown = None, what: str = "jobs"
) -> Summary:
    """Do all jobs on the workers of a client; see :func:`isocortex.jobs.local.run_here`.

    A job whose worker died is done again by another. If that dies too, it is tried once more with
    nothing beside it, so that what kills workers is found, and then marked as failed.

    Parameters
    ----------
    jobs : sequence of Job
        Their folders must be reachable from the workers by the same names.
    client : distributed.Client
        From :func:`client_of`.
    progress : bool or function, optional
    what : str

    Returns
    -------
    Summary
        In the order of ``jobs``.
    """
    outcomes = {i: Outcome(job.name, "skipped") for i, job in enumerate(jobs) if job.done}
    flight = Flight(client)
    for i, job in enumerate(jobs):
        if i not in outcomes:
            flight.send(i, attempt, job)
    suspects: list[int] = []
    with Shows(progress, what, len(jobs)) as shown:
        if outcomes:
            shown.step(len(outcomes), f"{len(outcomes)} were there")
        while flight or suspects:
            alone = not flight
            if alone:
                flight.send(suspects[0], attempt, jobs[suspects.pop(0)])
            place, outcome = flight.next()
            if isinstance(outcome, Exception) and not alone:
                suspects.append(place)
                continue
            outcomes[place] = _outcome(outcome, jobs[place])
            shown.step(1, f"{jobs[place].name}: {outcomes[place].state}")
    return Summary(tuple(outcomes[i] for i in range(len(jobs))))


def _outcome(found: Any, job: Job) -> Outcome:
    if isinstance(found, Exception):
        return failed(job, f"its worker failed: {type(found).__name__}: {found}")
    return found


def _client(make: Any, scheduler: str) -> Any:
    try:
        return make(scheduler, timeout=ANSWER)
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError(
            f"No Dask scheduler answers at {scheduler!r} ({error}). The address looks like "
            "tcp://host:8786; start one with: dask scheduler"
        ) from error
