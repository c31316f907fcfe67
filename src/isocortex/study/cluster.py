"""Jobs of a cluster through dask-jobqueue, and a watchdog that asks for lost ones again."""

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from isocortex.errors import InputError, MissingDependencyError
from isocortex.jobs.dask import NO_DASHBOARD, settings
from isocortex.progress import Progress, Shown
from isocortex.study.problems import Problem
from isocortex.study.settings import Cluster
from isocortex.study.study import Study

KINDS = {"slurm": "SLURMCluster", "pbs": "PBSCluster", "lsf": "LSFCluster"}
COMMANDS = {"slurm": "sbatch", "pbs": "qsub", "lsf": "bsub"}
LOOK = 5.0
"""Seconds between two looks at how many workers there are."""
SILENCE = 120.0
"""Seconds without any worker after which it is told why."""
ONE_THREAD = "export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1"


def refuse_without_cluster(study: Study) -> Cluster:
    """The study's ``[cluster]``.

    Raises
    ------
    InputError
        If it has none, or the commands of its scheduler are not on this machine.
    """
    asked = study.settings.cluster
    if asked is None:
        raise InputError(
            "where='cluster' needs a table [cluster] in the study, with scheduler = \"slurm\" (or "
            '"pbs", "lsf") and jobs = 10, for example.'
        )
    command = COMMANDS[asked.scheduler]
    if shutil.which(command) is None:
        raise InputError(
            f"where='cluster' submits jobs by the command {command}, which is not on this machine. "
            "Run the study where jobs are submitted, or with where='local'."
        )
    return asked


@contextmanager
def cluster_client(study: Study, progress: Shown = None) -> Iterator[Any]:
    """A client of workers that are jobs of the study's ``[cluster]``.

    Raises
    ------
    InputError
        As :func:`refuse_without_cluster`.
    MissingDependencyError
        If dask-jobqueue is not installed.
    """
    asked = refuse_without_cluster(study)
    with settings(), _cluster(asked, study) as cluster, _client_of(cluster) as client:
        cluster.scale(jobs=asked.jobs)
        watchdog = Watchdog(cluster, asked, progress)
        watchdog.start()
        try:
            yield client
        finally:
            watchdog.stop()
            cluster.scale(0)


def _cluster(asked: Cluster, study: Study) -> Any:
    try:
        import dask_jobqueue
    except ImportError:
        raise MissingDependencyError(
            "Jobs of a cluster need dask-jobqueue, which is not installed: pip install "
            "'isocortex[cluster]'"
        ) from None
    return getattr(dask_jobqueue, KINDS[asked.scheduler])(**arguments(asked, study))


def _client_of(cluster: Any) -> Any:
    from distributed import Client

    return Client(cluster)


def arguments(asked: Cluster, study: Study) -> dict[str, Any]:
    """What dask-jobqueue is told: workers of one thread, which leave before their time is up."""
    logs = study.results / "logs"
    minutes = seconds_of_time(asked.walltime) / 60
    lifetime = max(minutes - 2, minutes * 0.8)
    given: dict[str, Any] = {
        "cores": asked.cores,
        "processes": asked.cores,
        "memory": asked.memory,
        "walltime": walltime_for(asked),
        "log_directory": str(logs),
        "local_directory": str(study.results / "scratch"),
        "death_timeout": 60,
        "scheduler_options": NO_DASHBOARD,
        "job_script_prologue": [ONE_THREAD],
        "worker_extra_args": ["--lifetime", f"{lifetime:.2f}m", "--lifetime-stagger", "10s"],
        "job_extra_directives": list(asked.directives),
        "job_directives_skip": list(asked.skip_directives),
    }
    payer = "project" if asked.scheduler == "lsf" else "account"
    optional = {"queue": asked.queue, payer: asked.account, "interface": asked.interface}
    return {**given, **{name: value for name, value in optional.items() if value is not None}}


def walltime_for(asked: Cluster) -> str:
    """The time of a job as its scheduler writes it: LSF without seconds, none with days."""
    minutes, seconds = divmod(seconds_of_time(asked.walltime), 60)
    if asked.scheduler == "lsf":
        minutes += seconds > 0
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def seconds_of_time(walltime: str) -> int:
    """Seconds of ``hours:minutes:seconds``, with days before a dash."""
    days, _, clock = walltime.rpartition("-")
    parts = [int(each) for each in clock.split(":")]
    parts = [0] * (3 - len(parts)) + parts
    return int(days or 0) * 86400 + parts[0] * 3600 + parts[1] * 60 + parts[2]


class Watchdog(threading.Thread):
    """Asks again for jobs that were cancelled or ran out of time, which dask-jobqueue does not.

    Where there has been no worker for some minutes, a listener is told what the scheduler says of
    the jobs: waiting in a queue is no fault.
    """

    def __init__(self, cluster: Any, asked: Cluster, progress: Shown):
        super().__init__(daemon=True, name="watchdog of jobs")
        self._cluster, self._asked = cluster, asked
        self._tell = progress if callable(progress) else lambda _event: None
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Ask for no more jobs, and wait until the last question is over."""
        self._stopped.set()
        self.join()

    def run(self) -> None:
        """Look every few seconds at how many workers there are."""
        wanted = self._asked.jobs * self._asked.cores
        said = time.monotonic()
        while not self._stopped.wait(LOOK):
            with suppress(Exception):
                found = len(self._cluster.scheduler_info["workers"])
                if found < wanted:
                    self._cluster.scale(jobs=self._asked.jobs)
                if found:
                    said = time.monotonic()
                elif time.monotonic() - said > SILENCE:
                    said = time.monotonic()
                    self._tell(Progress("jobs", 0, wanted, f"no worker yet; {_queue(self._asked)}"))


def _queue(asked: Cluster) -> str:
    """What the scheduler says of the jobs that wait."""
    if asked.scheduler != "slurm":
        return f"{COMMANDS[asked.scheduler]} has {asked.jobs} jobs"
    done = _asked(["squeue", "--me", "--noheader", "--name=dask-worker", "--format=%i %T %r"])
    rows = done.stdout.split("\n") if done is not None and done.returncode == 0 else []
    return "squeue says: " + ("; ".join(row.strip() for row in rows if row.strip()) or "nothing")


def problems_with(asked: Cluster) -> list[Problem]:
    """What the scheduler of this machine would never run.

    A study with a ``[cluster]`` is planned and run on laptops as well: where there is no sbatch,
    nothing can be asked, and nothing is wrong.
    """
    if asked.scheduler != "slurm" or shutil.which("sbatch") is None:
        return []
    return [*_refused(asked), *_too_long(asked)]


def _refused(asked: Cluster) -> list[Problem]:
    script = "#!/bin/sh\ntrue\n"
    command = ["sbatch", "--test-only", "-n1", f"--cpus-per-task={asked.cores}"]
    command += [f"--mem={_slurm_memory(asked.memory)}", f"--time={asked.walltime}"]
    command += [f"--partition={asked.queue}"] if asked.queue else []
    command += [f"--account={asked.account}"] if asked.account else []
    command += list(asked.directives)
    done = _asked(command, script)
    if done is None or done.returncode == 0:
        return []
    said = done.stderr.strip().splitlines()[-1:] or ["it does not say why"]
    return [Problem(f"SLURM refuses such jobs: {said[0]}.", ("cluster",))]


def _too_long(asked: Cluster) -> list[Problem]:
    """SLURM accepts a job that is longer than its partition allows, and never starts it."""
    done = _asked(["scontrol", "show", "partition", *([asked.queue] if asked.queue else [])])
    if done is None or done.returncode:
        return []
    found = dict(each.partition("=")[::2] for each in done.stdout.split())
    most = found.get("MaxTime", "UNLIMITED")
    if most == "UNLIMITED" or seconds_of_time(asked.walltime) <= seconds_of_time(most):
        return []
    said = f"is more than the partition's {most}: no job would start."
    return [Problem(f"walltime = {asked.walltime!r} {said}", ("cluster", "walltime"))]


def _asked(command: list[str], script: str | None = None) -> Any:
    with suppress(OSError, subprocess.TimeoutExpired):
        return subprocess.run(command, input=script, capture_output=True, text=True, timeout=20)
    return None


def _slurm_memory(memory: str) -> str:
    return memory.upper().removesuffix("IB").removesuffix("B").replace(" ", "")
