import threading

import numpy as np
import pytest

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
