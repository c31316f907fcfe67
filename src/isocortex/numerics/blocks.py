"""Many small problems at once: in blocks that fit the cache, on all cores."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np


def in_blocks(work: Callable[[slice], None], n_items: int, size: int) -> None:
    """Call ``work`` for consecutive slices of ``range(n_items)``, from several threads.

    Each thread has one BLAS thread, which for matrices of a few hundred rows is faster than
    one call on all cores. ``work`` writes its own rows of an array that it closes over.
    """
    blocks = [slice(i, min(i + size, n_items)) for i in range(0, n_items, max(1, size))]
    n_threads = min(len(blocks), _cores())
    if n_threads <= 1:
        for block in blocks:
            work(block)
        return
    with _controller().limit(limits=1, user_api="blas"), ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(work, blocks))


def rows_for(bytes_per_item: int, budget: int = 2**21) -> int:
    """How many items of this size fit in a block."""
    return max(1, budget // max(1, bytes_per_item))


def inverse(matrices: np.ndarray) -> np.ndarray:
    """Inverses of a stack of matrices; infinite where one is singular to the last bit."""
    try:
        return np.linalg.inv(matrices)
    except np.linalg.LinAlgError:
        out = np.full_like(matrices, np.inf)
        for i in np.ndindex(matrices.shape[:-2]):
            try:
                out[i] = np.linalg.inv(matrices[i])
            except np.linalg.LinAlgError:
                continue
        return out


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


@cache
def _controller():
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
