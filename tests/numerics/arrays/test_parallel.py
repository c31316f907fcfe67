import threading
from types import SimpleNamespace

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from isocortex.numerics.arrays import parallel
from isocortex.numerics.arrays.parallel import in_blocks, on_all_cores, rows_for


@pytest.mark.parametrize("size", [1, 3, 100])
def test_every_item_is_worked_on_once(size):
    seen, lock = np.zeros(20, dtype=int), threading.Lock()

    def work(block):
        with lock:
            seen[block] += 1

    in_blocks(work, 20, size)
    assert (seen == 1).all()


def test_errors_of_a_block_are_raised():
    def work(block):
        raise ValueError(f"from {block.start}")

    with pytest.raises(ValueError, match="from"):
        in_blocks(work, 10, 2)


def test_at_least_one_row_fits():
    assert rows_for(10**12) == 1
    assert rows_for(8, 80) == 10


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("n", [0, 1, 2, 23])
def test_every_item_is_shared_out_once(n, whole):
    seen = []
    on_all_cores(seen.extend, n, whole=whole)
    assert sorted(seen) == list(range(n))


def pretend(monkeypatch, threads):
    """Libraries with so many threads; limits hold for those that there are."""
    real = parallel._controller()
    info = [{"num_threads": n} for n in threads]
    pretended = SimpleNamespace(info=lambda: info, limit=real.limit)
    monkeypatch.setattr(parallel, "_controller", lambda: pretended)


def shares_of(monkeypatch, n_items, threads, **how):
    """The shares of on_all_cores, and the thread that worked on each, for so many threads."""
    pretend(monkeypatch, threads)
    seen, lock = [], threading.Lock()

    def work(items):
        with lock:
            seen.append((list(items), threading.get_ident()))

    on_all_cores(work, n_items, **how)
    return sorted(items for items, _ in seen), {thread for _, thread in seen}


@pytest.mark.parametrize("threads", [[], [1], [1, 1]])
def test_one_thread_works_where_it_is_called(monkeypatch, threads):
    shares, workers = shares_of(monkeypatch, 9, threads)
    assert shares == [list(range(9))]
    assert workers == {threading.get_ident()}


@pytest.mark.parametrize(
    ("n_items", "whole", "n_shares"),
    [(1, False, 1), (2, False, 2), (7, False, 7), (100, False, 8), (100, True, 2), (3, True, 2)],
)
def test_shares_are_as_many_as_threads_need(monkeypatch, n_items, whole, n_shares):
    shares, workers = shares_of(monkeypatch, n_items, [1, 2], whole=whole)
    assert len(shares) == n_shares
    assert sorted(item for share in shares for item in share) == list(range(n_items))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
    assert (workers == {threading.get_ident()}) == (n_items == 1)


def test_linear_algebra_keeps_to_one_thread_in_a_share(monkeypatch):
    pretend(monkeypatch, [2])
    found = []
    with threadpool_limits(2):
        on_all_cores(lambda _: found.append(max(e["num_threads"] for e in threadpool_info())), 4)
    assert found == [1, 1, 1, 1]
