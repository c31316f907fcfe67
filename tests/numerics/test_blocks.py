import threading

import numpy as np
import pytest

from isocortex.numerics.blocks import in_blocks, inverse, inverse_root, rows_for


@pytest.mark.parametrize("p", [1, 2, 7, 12, 13, 17, 40, 64])
def test_inverses_equal_numpy(rng, p):
    x = rng.normal(size=(3, 5, p + 4, p))
    s = np.swapaxes(x, -1, -2) @ x
    np.testing.assert_allclose(inverse(s), np.linalg.inv(s), rtol=1e-6, atol=1e-8)
    root = inverse_root(s)
    identity = root @ s @ np.swapaxes(root, -1, -2)
    np.testing.assert_allclose(identity, np.broadcast_to(np.eye(p), s.shape), atol=1e-8)
    assert (np.triu(root, 1) == 0).all()


def test_what_is_not_positive_definite_is_nan_and_harms_no_other(rng):
    s = np.stack([np.eye(3), -np.eye(3), 2 * np.eye(3)])
    got = inverse(s)
    assert np.isnan(got[1]).any()
    np.testing.assert_allclose(got[[0, 2]], [np.eye(3), np.eye(3) / 2])


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
