"""Many small problems at once: in blocks that fit the cache, on the cores that are free."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from contextvars import Context, copy_context
from math import inf
from typing import Any, TypeVar

import numpy as np

from isocortex.memory import fitting
from isocortex.numerics.arrays.cores import Team, cores, membership, one_blas_thread, within_cores
from isocortex.progress import advance, unheard

WORTH_THREADS = 10**9
"""Multiplications of a product from which a second thread gains: some 20 ms of one core."""

WORTH_A_SHARE = 10**6
"""Multiplications of one of several problems from which they gain from threads: some 2 ms."""

Item = TypeVar("Item")
Found = TypeVar("Found")


def shared(
    work: Callable[[Item], Found],
    items: Sequence[Item],
    *,
    bytes_each: int = 0,
    alone: bool = False,
    inner: bool = False,
) -> Iterator[Found]:
    """What ``work`` gives for each item, in their order, whichever thread did it.

    Items are taken in order by as many threads as there are free cores, each with linear algebra
    of one thread. Where there is one, or ``alone``, this is a loop in the thread that calls. The
    first error in the order of items is raised, and no further item is begun. Steps of the
    open job are for the caller to count.

    Parameters
    ----------
    work : function
        Must not change what items share.
    items : sequence
    bytes_each : int, default=0
        What one item needs while it is worked on: no more are worked on at once than fit.
    alone : bool, default=False
    inner : bool, default=False
        Whether ``work`` shares out parts of its own. Items that are too few for another round of
        all threads are then worked on one by one, each by all of them.
    """
    if alone or len(items) < 2:
        yield from (work(item) for item in items)
        return
    team = Team(fitting(bytes_each, len(items)))
    rounds = len(items) - (len(items) % team.size if inner else 0)
    if team.size > 1:
        yield from _by_team(work, items[:rounds], team)
        yield from (work(item) for item in items[rounds:])
        return
    try:
        for item in items:
            with membership():
                found = work(item)
            yield found
    finally:
        team.close()


def _by_team(work: Callable[[Item], Found], items: Sequence[Item], team: Team) -> Iterator[Found]:
    todo = _Todo(items)
    # Settings of numpy for errors, and what else belongs to a call, hold for its threads as well.
    # The C library hands small free blocks back to the system after each step, and faults their
    # pages in anew, until it has seen a large one come and go.
    np.empty(2**21)
    contexts = [copy_context() for _ in range(team.size)]
    pool = ThreadPoolExecutor(team.size)
    wait = True
    try:
        with one_blas_thread():
            for context in contexts:
                pool.submit(_work_off, context, work, todo, team)
            for place in range(len(items)):
                yield todo.result(place)
    except KeyboardInterrupt:
        wait = False  # What is being worked on goes on for a moment, and is thrown away.
        raise
    finally:
        todo.stop()
        pool.shutdown(wait=wait)
        team.close()


class _Todo:
    """Items that threads take one after the other, and what came out of them."""

    def __init__(self, items: Sequence[Any]):
        self._lock = threading.Lock()
        self._left = iter(enumerate(items))
        self._found: list[Future[Any] | None] = [Future() for _ in items]
        self._stopped = False

    def take(self) -> tuple[Future[Any], Any] | None:
        """The next item and where its result goes; None where there is none."""
        with self._lock:
            place, item = (None, None) if self._stopped else next(self._left, (None, None))
            found = None if place is None else self._found[place]
        return None if found is None else (found, item)

    def result(self, place: int) -> Any:
        """Waits for it, and lets go of it."""
        found: Any = self._found[place]
        result = found.result()
        self._found[place] = None
        return result

    def stop(self, error: BaseException | None = None) -> None:
        """No further item is begun; whoever waits for one hears of an error of the thread."""
        with self._lock:
            self._stopped = True
        for found in self._found if error else ():
            if found is not None and not found.done():
                with suppress(InvalidStateError):
                    found.set_exception(error)


def _work_off(context: Context, work: Callable[[Any], Any], todo: _Todo, team: Team) -> None:
    """What one thread of a team does: item after item, until there are none."""
    try:
        with one_blas_thread():  # which some libraries want to hear in each thread
            while (taken := todo.take()) is not None:
                found, item = taken
                try:
                    found.set_result(context.run(_quietly, work, item))
                except BaseException as error:
                    todo.stop()
                    found.set_exception(error)
    except BaseException as error:
        todo.stop(error)
    finally:
        team.give_back()


def _quietly(work: Callable[[Any], Any], item: Any) -> Any:
    with membership(), unheard():
        return work(item)


def in_blocks(work: Callable[[slice], None], n_items: int, size: int, *, steps: int = 0) -> None:
    """Call ``work`` for consecutive slices of ``range(n_items)``, from several threads.

    Each item counts as so many ``steps`` of the job that is open.

    Each thread has one BLAS thread, which for matrices of a few hundred rows is faster than
    one call on all cores. ``work`` writes its own rows of an array that it closes over.
    """
    # The C library hands small free blocks back to the system after each step, and faults their
    # pages in anew, until it has seen a large one come and go.
    if n_items > 1:
        np.empty(2**21)
    blocks = [slice(i, min(i + size, n_items)) for i in range(0, n_items, max(1, size))]
    for block, _ in zip(blocks, shared(work, blocks), strict=True):
        advance(steps * (block.stop - block.start))


def on_all_cores(
    work: Callable[[Sequence[int]], None],
    n_items: int,
    *,
    whole: bool = False,
    each: float = inf,
) -> None:
    """Share out ``range(n_items)`` among threads, each with linear algebra of one thread.

    ``whole`` gives each a single share, otherwise the shares are smaller, so that none waits long.
    Of small items, of few multiplications ``each``, threads would wait for Python's lock.
    """
    if n_items < 2 or each < WORTH_A_SHARE:
        work(range(n_items))
        return
    team = Team(n_items)
    n_parts = min(n_items, team.size if whole or team.size == 1 else 4 * team.size)
    parts = [range(part, n_items, n_parts) for part in range(n_parts)]
    if team.size > 1:
        for _ in _by_team(work, parts, team):
            pass
        return
    try:
        with membership():
            work(range(n_items))
    finally:
        team.close()


def results_of(jobs: Iterable[Any], **sharing: Any) -> Iterator[Any]:
    """What delayed calls give, one after the other, under ``joblib.parallel_config``."""
    from joblib import Parallel

    try:
        pool = Parallel(return_as="generator", **sharing)
    except ValueError:  # A backend that gives all results at the end.
        pool = Parallel(**sharing)
    found: Any = pool(jobs)
    yield from found


def threads_for(n_rows: int, n_columns: int) -> AbstractContextManager[Any]:
    """Inside it, products of (n_rows, n_rows) with (n_rows, n_columns) have threads that pay.

    Small products gain nothing from a second thread, and wait for it where cores are shared.
    """
    alone = n_rows**2 * n_columns < WORTH_THREADS
    return one_blas_thread() if alone else within_cores()


def side_by_side(n_items: int, n_rows: int, n_columns: int, least: float = WORTH_A_SHARE) -> bool:
    """Whether so many problems, each as in :func:`threads_for`, are worth threads of their own.

    Those of less than ``least`` multiplications are not; nor those that are so large that linear
    algebra gains from all cores, and too few for these.
    """
    each = n_rows**2 * (n_rows + n_columns)
    if n_items < 2 or each < least:
        return False
    return each < WORTH_THREADS or 2 * n_items > cores()


def rows_for(bytes_per_item: int, budget: int = 3 * 2**20) -> int:
    """How many items of this size fit in a block."""
    return max(1, budget // max(1, bytes_per_item))
