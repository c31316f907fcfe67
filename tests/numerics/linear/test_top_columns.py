import numpy as np
import pytest

from isocortex.numerics.linear import top_columns
from isocortex.numerics.linear.top_columns import strongest, unit_columns


def slow(x, y, k):
    """Columns in the order of |r|, of equals the first."""
    r = np.abs(np.corrcoef(x.T, y.T)[: x.shape[1], x.shape[1] :])
    order = np.argsort(-r, axis=0, kind="stable")[:k]
    return np.sort(order.T, axis=1)


@pytest.mark.parametrize("k", [1, 7, 60])
@pytest.mark.parametrize("block_bytes", [2**24, 8 * 30 * 4])
def test_columns_are_those_of_a_sort_also_in_blocks(k, block_bytes, rng, monkeypatch):
    monkeypatch.setattr(top_columns, "BLOCK_BYTES", block_bytes)
    x, y = rng.normal(size=(30, 60)) + 1e4, rng.normal(size=(30, 4))
    np.testing.assert_array_equal(strongest(x, y, k), slow(x, y, k))


@pytest.mark.parametrize("block_bytes", [2**24, 8 * 30 * 3])
def test_of_equal_columns_the_first_wins_and_constant_ones_come_last(block_bytes, rng, monkeypatch):
    monkeypatch.setattr(top_columns, "BLOCK_BYTES", block_bytes)
    y = rng.normal(size=(30, 1))
    x = np.hstack([np.full((30, 1), 3.0), y, 2 * y + 1, -y, rng.normal(size=(30, 4))])
    assert strongest(x, y, 2).tolist() == [[1, 2]]
    assert 0 not in strongest(x, y, 7)[0]


def test_weights_of_samples_are_copies(rng):
    x, y = rng.normal(size=(20, 30)), rng.normal(size=(20, 3))
    times = rng.integers(0, 4, 20)
    copies = np.repeat(np.arange(20), times)
    found = strongest(x, y, 5, times.astype(float))
    np.testing.assert_array_equal(found, strongest(x[copies], y[copies], 5))


def test_unit_columns_have_no_mean_and_length_one(rng):
    x = rng.normal(size=(9, 4)) * 1e-5 + 1e3
    x[:, 2] = 5.0
    found = unit_columns(x)
    np.testing.assert_allclose(found.sum(0), 0, atol=1e-6)
    np.testing.assert_allclose((found**2).sum(0), [1, 1, 0, 1])
