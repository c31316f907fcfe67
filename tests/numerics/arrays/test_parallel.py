import signal
import threading
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from isocortex import memory
from isocortex.numerics.arrays import cores, parallel
from isocortex.numerics.arrays.parallel import (
    in_blocks,
    on_all_cores,
    rows_for,
    shared,
    side_by_side,
)
from isocortex.progress import Job, advance


@pytest.fixture
def four(monkeypatch):
    """A machine of four cores, whatever this one has."""
    for module in (cores, parallel):
        monkeypatch.setattr(module, "cores", lambda: 4)


def blas_threads():
    return max(each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas")


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


def shares_of(n_items, **how):
    """The shares of on_all_cores, and the thread that worked on each."""
    seen, lock = [], threading.Lock()

    def work(items):
        with lock:
            seen.append((list(items), threading.get_ident()))

    on_all_cores(work, n_items, **how)
    return sorted(items for items, _ in seen), {thread for _, thread in seen}


def test_one_core_works_where_it_is_called(monkeypatch):
    monkeypatch.setattr(cores, "cores", lambda: 1)
    assert shares_of(9) == ([list(range(9))], {threading.get_ident()})


@pytest.mark.parametrize(
    ("n_items", "whole", "n_shares"),
    [(1, False, 1), (2, False, 2), (7, False, 7), (100, False, 16), (100, True, 4), (3, True, 3)],
)
def test_shares_are_as_many_as_threads_need(four, n_items, whole, n_shares):
    shares, workers = shares_of(n_items, whole=whole)
    assert len(shares) == n_shares
    assert sorted(item for share in shares for item in share) == list(range(n_items))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
    assert (workers == {threading.get_ident()}) == (n_items == 1)


def test_results_come_in_the_order_of_items(four):
    def work(i):
        time.sleep(0.01 * (3 - i % 4))
        return i, threading.get_ident()

    found = list(shared(work, range(8)))
    assert [i for i, _ in found] == list(range(8))
    assert len({thread for _, thread in found}) == 4


def test_linear_algebra_keeps_to_one_thread_in_a_share(four):
    before = blas_threads()
    assert list(shared(lambda _: blas_threads(), range(4))) == [1, 1, 1, 1]
    assert blas_threads() == before


def test_the_first_error_in_order_comes_out_and_nothing_further_is_begun(four):
    begun = []

    def work(i):
        begun.append(i)
        if i == 1:
            time.sleep(0.05)
        if i in (1, 3):
            raise ValueError(f"from {i}")
        return i

    with pytest.raises(ValueError, match="from 1"):
        list(shared(work, range(100)))
    assert len(begun) < 20
    assert cores._BUSY.n == 0


def test_an_interrupt_ends_the_work(four):
    begun = []

    def work(i):
        begun.append(i)
        if i == 0:
            signal.raise_signal(signal.SIGINT)
        time.sleep(0.02)

    with pytest.raises(KeyboardInterrupt):
        list(shared(work, range(200)))
    assert len(begun) < 30
    assert cores._BUSY.n == 0


def test_steps_are_counted_by_the_thread_that_calls_in_order(four):
    told = []

    def work(i):
        advance()  # Not heard: whoever shares out work counts its items.
        return i

    with Job(lambda event: told.append((event.done, threading.get_ident())), "job", 8):
        for _ in shared(work, range(8)):
            advance()
    assert told == [(i, threading.get_ident()) for i in range(9)]


def test_settings_of_numpy_hold_in_all_threads(four):
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        list(shared(lambda i: np.float64(i) / np.float64(0.0), range(1, 5)))


def test_threads_within_threads_take_no_core_twice(four):
    lock, now, most = threading.Lock(), [0], [0]

    def inner(_):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.01)
        with lock:
            now[0] -= 1

    def outer(_):
        for _ in shared(inner, range(6)):
            pass

    for n_outer in (2, 3, 5):
        list(shared(outer, range(n_outer), inner=True))
    assert 2 < most[0] <= 4
    assert cores._BUSY.n == 0


def test_no_more_is_worked_on_at_once_than_fits(four, monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 2**31)
    threads = set(shared(lambda _: named(), range(12), bytes_each=2**30))
    assert len(threads) <= 2
    assert set(shared(lambda _: named(), range(12), bytes_each=2**33)) == {named()}


def named():
    time.sleep(0.002)
    return threading.get_ident()


def test_small_and_few_large_problems_are_not_shared(four):
    assert not side_by_side(5, 20, 10)
    assert side_by_side(5, 300, 100)
    assert not side_by_side(2, 3000, 100)  # linear algebra has the cores
    assert side_by_side(10, 3000, 100)
