"""Jobs on Dask: workers on this machine, or a cluster that exists."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from isocortex.errors import InputError, MissingDependencyError
from isocortex.jobs.jobs import Job, Outcome, Summary, attempt, failed
from isocortex.progress import Job as Shows
from isocortex.progress import Shown


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
        with _client(Client, scheduler) as client:
            yield client
        return
    cluster = LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,  # pyright: ignore[reportArgumentType]
        silence_logs=logging.CRITICAL,
    )
    with cluster, Client(cluster) as client:
        yield client


def run_on_dask(
    jobs: Sequence[Job], client: Any, progress: Shown = None, what: str = "jobs"
) -> Summary:
    """Do all jobs on the workers of a client; see :func:`isocortex.jobs.local.run_here`.

    A job whose worker died is done again by another, up to twice, and is then marked as failed.

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
    from distributed import as_completed

    done_before = {i: Outcome(job.name, "skipped") for i, job in enumerate(jobs) if job.done}
    futures = {
        client.submit(attempt, job, pure=False, retries=2): i
        for i, job in enumerate(jobs)
        if i not in done_before
    }
    outcomes = dict(done_before)
    with Shows(progress, what, len(jobs)) as shown:
        if done_before:
            shown.step(len(done_before), f"{len(done_before)} were there")
        for future in as_completed(futures):
            place = futures[future]
            outcomes[place] = _outcome(future, jobs[place])
            shown.step(1, f"{jobs[place].name}: {outcomes[place].state}")
    return Summary(tuple(outcomes[i] for i in range(len(jobs))))


def _outcome(future: Any, job: Job) -> Outcome:
    try:
        return future.result()
    except Exception as error:
        return failed(job, f"its worker failed: {type(error).__name__}: {error}")


def _client(make: Any, scheduler: str) -> Any:
    try:
        return make(scheduler, timeout=10)
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError(
            f"No Dask scheduler answers at {scheduler!r} ({error}). The address looks like "
            "tcp://host:8786; start one with: dask scheduler"
        ) from error
