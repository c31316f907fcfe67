"""Jobs of a cluster through dask-jobqueue, and a watchdog that asks for lost ones again."""

import logging
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from isocortex.errors import InputError, MissingDependencyError
from isocortex.study.settings import Cluster
from isocortex.study.study import Study

KINDS = {"slurm": "SLURMCluster", "pbs": "PBSCluster", "lsf": "LSFCluster"}
LOOK = 5.0
"""Seconds between two looks at how many workers there are."""
ONE_THREAD = "export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1"

# Without these a worker that dies twice in fifteen seconds takes its job with it, for ever.
DASK = {
    "distributed.scheduler.allowed-failures": 1,
    "distributed.deploy.lost-worker-timeout": "120s",
    "distributed.scheduler.worker-ttl": "5 minutes",
}


@contextmanager
def cluster_client(study: Study) -> Iterator[Any]:
    """A client of workers that are jobs of the study's ``[cluster]``.

    Raises
    ------
    InputError
        If the study has none, or the commands of the scheduler are not on this machine.
    MissingDependencyError
        If dask-jobqueue is not installed.
    """
    asked = study.settings.cluster
    if asked is None:
        raise InputError(
            "where='cluster' needs a table [cluster] in the study, with scheduler = \"slurm\" (or "
            '"pbs", "lsf") and jobs = 10, for example.'
        )
    cluster = _cluster(asked, study)
    from distributed import Client

    stop = threading.Event()
    with cluster, Client(cluster) as client:
        cluster.scale(jobs=asked.jobs)
        watch = threading.Thread(target=_watch, args=(cluster, asked, stop), daemon=True)
        watch.start()
        try:
            yield client
        finally:
            stop.set()
            watch.join()
            cluster.scale(0)


def _cluster(asked: Cluster, study: Study) -> Any:
    try:
        import dask
        import dask_jobqueue
    except ImportError:
        raise MissingDependencyError(
            "Jobs of a cluster need dask-jobqueue, which is not installed: pip install "
            "'isocortex[cluster]'"
        ) from None
    dask.config.set(DASK)  # pyright: ignore[reportPrivateImportUsage]
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    return getattr(dask_jobqueue, KINDS[asked.scheduler])(**arguments(asked, study))


def arguments(asked: Cluster, study: Study) -> dict[str, Any]:
    """What dask-jobqueue is told: workers of one thread, which leave before their time is up."""
    logs = study.results / "logs"
    minutes = seconds_of_time(asked.walltime) / 60
    lifetime = max(minutes - 2, minutes * 0.8)
    given: dict[str, Any] = {
        "cores": asked.cores,
        "processes": asked.cores,
        "memory": asked.memory,
        "walltime": asked.walltime,
        "log_directory": str(logs),
        "local_directory": str(study.results / "scratch"),
        "death_timeout": 60,
        "scheduler_options": {"dashboard_address": None},
        "job_script_prologue": [ONE_THREAD],
        "worker_extra_args": ["--lifetime", f"{lifetime:.2f}m", "--lifetime-stagger", "10s"],
        "job_extra_directives": list(asked.directives),
        "job_directives_skip": list(asked.skip_directives),
    }
    optional = {"queue": asked.queue, "account": asked.account, "interface": asked.interface}
    return {**given, **{name: value for name, value in optional.items() if value is not None}}


def seconds_of_time(walltime: str) -> int:
    """Seconds of ``hours:minutes:seconds``, with days before a dash."""
    days, _, clock = walltime.rpartition("-")
    parts = [int(each) for each in clock.split(":")]
    parts = [0] * (3 - len(parts)) + parts
    return int(days or 0) * 86400 + parts[0] * 3600 + parts[1] * 60 + parts[2]


def _watch(cluster: Any, asked: Cluster, stop: threading.Event) -> None:
    """Ask again for jobs that were cancelled or ran out of time: dask-jobqueue does not."""
    wanted = asked.jobs * asked.cores
    while not stop.wait(LOOK):
        with suppress(Exception):
            if len(cluster.scheduler_info["workers"]) < wanted:
                cluster.scale(jobs=asked.jobs)


def problems_with(asked: Cluster) -> list[str]:
    """What the scheduler of this machine would never run; nothing where it cannot be asked."""
    if asked.scheduler != "slurm":
        return []
    if shutil.which("sbatch") is None:
        return ["the command sbatch is not on this machine, so that no job can be submitted."]
    return [*_refused(asked), *_too_long(asked)]


def _refused(asked: Cluster) -> list[str]:
    script = "#!/bin/sh\ntrue\n"
    command = ["sbatch", "--test-only", "-n1", f"--cpus-per-task={asked.cores}"]
    command += [f"--mem={_slurm_memory(asked.memory)}", f"--time={asked.walltime}"]
    command += [f"--partition={asked.queue}"] if asked.queue else []
    command += [f"--account={asked.account}"] if asked.account else []
    command += list(asked.directives)
    done = _asked(command, script)
    if done is None or done.returncode == 0:
        return []
    return [f"SLURM refuses such jobs: {done.stderr.strip().splitlines()[-1]}."]


def _too_long(asked: Cluster) -> list[str]:
    """SLURM accepts a job that is longer than its partition allows, and never starts it."""
    done = _asked(["scontrol", "show", "partition", *([asked.queue] if asked.queue else [])])
    if done is None or done.returncode:
        return []
    found = dict(each.partition("=")[::2] for each in done.stdout.split())
    most = found.get("MaxTime", "UNLIMITED")
    if most == "UNLIMITED" or seconds_of_time(asked.walltime) <= seconds_of_time(most):
        return []
    return [
        f"walltime = {asked.walltime!r} is more than the partition's {most}: no job would start."
    ]


def _asked(command: list[str], script: str | None = None) -> Any:
    with suppress(OSError, subprocess.TimeoutExpired):
        return subprocess.run(command, input=script, capture_output=True, text=True, timeout=20)
    return None


def _slurm_memory(memory: str) -> str:
    return memory.upper().removesuffix("IB").removesuffix("B").replace(" ", "")
