"""How many cores work may have here, and how many of them linear algebra takes: the one policy.

Small problems have one thread of linear algebra. Medium ones are shared among threads of ours
(folds, targets, blocks), with linear algebra of one thread in each. Large ones leave the cores to
linear algebra. All of them together take the cores that there are, once.
"""

import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from threadpoolctl import LibController, ThreadpoolController

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def cores() -> int:
    """How many threads this call may keep busy: 1 where others like it run beside it.

    The least of what the process may run on, of a container's quota, of
    ``SLURM_CPUS_PER_TASK``, and of the threads that linear algebra was given
    (``OMP_NUM_THREADS``, or a limit of the caller). One in a task of Dask, in a thread of
    ``joblib.Parallel`` and in a worker of a pool of processes.
    """
    if _one_of_many():
        return 1
    known = (_affinity(), _quota(), _of_slurm(), _LIMITS.given())
    return max(1, min(each for each in known if each is not None))


def at_most(n: int) -> AbstractContextManager[None]:
    """Inside it, linear algebra has at most so many threads, in all threads of this process."""
    return _LIMITS.at_most(n)


def one_blas_thread() -> AbstractContextManager[None]:
    """Inside it, linear algebra keeps to one thread."""
    return at_most(1)


@contextmanager
def within_cores() -> Iterator[None]:
    """Inside it, linear algebra has the cores that there are, and no more threads."""
    n, given = cores(), _LIMITS.given()
    if given is None or given <= n:
        yield
        return
    with at_most(n):
        yield


def is_limited() -> bool:
    """Whether linear algebra may have more threads than this call has cores: asked at each door."""
    return _one_of_many() or _of_slurm() is not None or _quota() is not None


class Team:
    """Cores that are taken together by one call, given back one by one as its threads finish.

    Calls within its threads, and calls of other threads of the process, get what is left.
    """

    def __init__(self, most: int):
        self._lock = threading.Lock()
        # The thread that calls waits meanwhile: its core is the first of the team.
        self._own = 0 if _MEMBER.get() else 1
        with _BUSY.lock:
            free = cores() - _BUSY.n + 1 - self._own
            self.size = max(1, min(most, free))
            self._taken = self.size - 1 + self._own
            _BUSY.n += self._taken

    def give_back(self, n: int = 1) -> None:
        """So many threads have nothing left to do; the last of a call inside a team is its own."""
        with self._lock:
            n = min(n, self._taken)
            self._taken -= n
        with _BUSY.lock:
            _BUSY.n -= n

    def close(self) -> None:
        """All that is left is given back."""
        self.give_back(self.size)


@contextmanager
def membership() -> Iterator[None]:
    """What is called inside knows that the core of this thread is counted."""
    token = _MEMBER.set(True)
    try:
        yield
    finally:
        _MEMBER.reset(token)


class _Busy:
    """How many threads of this process are at work for calls that shared it out."""

    def __init__(self):
        self.lock, self.n = threading.Lock(), 0


class _Limits:
    """What linear algebra is held to: the least of all that is asked for at a time.

    The number is one for the whole process. If each call set it and put back what it had found,
    two that overlap in two threads would leave the limit of one of them for ever.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._held: list[int] = []
        self._before: list[tuple[LibController, int]] = []

    def given(self) -> int | None:
        """How many threads there are without limits of ours; None where no library is known."""
        with self._lock:
            found = self._before if self._held else _counted()
        return max((n for _, n in found), default=None)

    @contextmanager
    def at_most(self, n: int) -> Iterator[None]:
        """Hold all libraries to so many threads, until the last that wants it so is done."""
        with self._lock:
            if not self._held:
                self._before = _counted()
            self._held.append(n)
            self._set()
        own = [(each, before) for each, before in self._before if _is_of_each_thread(each)]
        try:
            yield
        finally:
            with self._lock:
                self._held.remove(n)
                self._set()
            for library, before in own:
                library.set_num_threads(before)

    def _set(self) -> None:
        for library, before in self._before:
            wanted = min([before, *self._held])
            if library.get_num_threads() != wanted:
                _let_go(library)
                library.set_num_threads(wanted)
                _let_go(library)


_MEMBER: ContextVar[bool] = ContextVar("isocortex_team", default=False)
_BUSY = _Busy()
_LIMITS = _Limits()


def _anew() -> None:
    """A forked process has one thread: locks that others held would never be let go."""
    _BUSY.__init__()
    _LIMITS.__init__()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_anew)


def _counted() -> list[tuple[LibController, int]]:
    """The libraries of linear algebra, and how many threads each has now."""
    known = _libraries("scipy.linalg" in sys.modules)
    return [(each, int(each.get_num_threads() or 1)) for each in known]


@cache
def _libraries(scipy: bool) -> list[LibController]:  # noqa: ARG001
    """Finding them takes 20 ms, asking them none: once, and once more when scipy has its own."""
    found: Any = ThreadpoolController().lib_controllers
    return [each for each in found if each.user_api == "blas"]


def _is_of_each_thread(library: LibController) -> bool:
    """OpenBLAS on OpenMP has a number of its own in each thread."""
    return getattr(library, "threading_layer", None) == "openmp"


def _let_go(library: LibController) -> None:
    """Newer threadpoolctl heeds the first thread alone, silently: here it is whoever comes."""
    let_go: Any = getattr(library, "clear_controlling_thread", None)
    if let_go is not None:
        let_go(force=True)


def _one_of_many() -> bool:
    return multiprocessing.current_process().daemon or _in_joblib() or _in_dask()


def _in_joblib() -> bool:
    """Whether this is one of the threads of a joblib.Parallel; its processes limit themselves."""
    joblib: Any = sys.modules.get("joblib.parallel")
    if joblib is None or threading.current_thread() is threading.main_thread():
        return False
    backend, _ = joblib.get_active_backend()
    return bool(getattr(backend, "nesting_level", 0))


def _in_dask() -> bool:
    """Whether this thread does a task of a worker."""
    worker: Any = sys.modules.get("distributed.worker")
    return worker is not None and hasattr(worker.thread_state, "execution_state")


def _affinity() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


@cache
def _quota() -> int | None:
    """The cores that a container may use, rounded up."""
    try:
        allowed, period = _QUOTA.read_text(encoding="utf8").split()[:2]
        return -(-int(allowed) // int(period))
    except (OSError, ValueError):  # no such file, or no limit ("max")
        return None


def _of_slurm() -> int | None:
    given = os.environ.get("SLURM_CPUS_PER_TASK", "")
    return int(given) if given.isdecimal() and int(given) > 0 else None
