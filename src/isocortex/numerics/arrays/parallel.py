"""Many small problems at once: in blocks that fit the cache, on all cores."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import numpy as np
from joblib import Parallel
from threadpoolctl import ThreadpoolController

from isocortex.progress import advance

_WORTH_THREADS = 10**9
"""Multiplications of a product from which a second thread gains: some 20 ms of one core."""


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
    n_threads = min(len(blocks), _cores())
    if n_threads <= 1:
        for block in blocks:
            work(block)
            advance(steps * (block.stop - block.start))
        return
    with one_blas_thread(), ThreadPoolExecutor(n_threads) as pool:
        for block, _ in zip(blocks, pool.map(work, blocks), strict=True):
            advance(steps * (block.stop - block.start))


def on_all_cores(
    work: Callable[[Sequence[int]], None], n_items: int, *, whole: bool = False
) -> None:
    """Share out ``range(n_items)`` among threads, each with linear algebra of one thread.

    There are as many threads as the linear algebra library would have used itself; ``whole``
    gives each a single share, otherwise the shares are smaller, so that none waits long.
    """
    threads = max((each["num_threads"] for each in _controller().info()), default=1)
    if threads == 1 or n_items < 2:
        work(range(n_items))
        return
    n_parts = min(n_items, threads if whole else 4 * threads)
    with _controller().limit(limits=1), ThreadPoolExecutor(threads) as pool:
        parts = [range(part, n_items, n_parts) for part in range(n_parts)]
        for _ in pool.map(work, parts):
            pass


def results_of(jobs: Iterable[Any], **sharing: Any) -> Iterator[Any]:
    """What delayed calls give, one after the other, under ``joblib.parallel_config``."""
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
    alone = n_rows**2 * n_columns < _WORTH_THREADS
    return one_blas_thread() if alone else nullcontext()


def one_blas_thread() -> AbstractContextManager[Any]:
    """Inside it, linear algebra keeps to one thread."""
    return _controller().limit(limits=1, user_api="blas")


def rows_for(bytes_per_item: int, budget: int = 3 * 2**20) -> int:
    """How many items of this size fit in a block."""
    return max(1, budget // max(1, bytes_per_item))


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


@cache
def _controller() -> ThreadpoolController:
    """The libraries of linear algebra that are loaded: finding them takes 20 ms, asking them none.

    There is one, made at first use, when numpy and scipy have loaded theirs."""
    return ThreadpoolController()
