import numpy as np
import pytest

from isocortex.arrays import as_numpy
from isocortex.numerics.arrays import gram as module
from isocortex.numerics.arrays.gram import centre, centre_on, gram


def test_equals_the_product(as_array, rng):
    x = rng.normal(size=(7, 300))
    k = gram(as_array(x))
    np.testing.assert_allclose(k.raw(), x @ x.T, atol=1e-11)
    np.testing.assert_allclose(k.row_means() * 300, x.sum(1), atol=1e-11)


def test_many_blocks_equal_one(rng, monkeypatch):
    x = rng.normal(size=(5, 1000)).astype(np.float32)
    whole = gram(x).raw()
    monkeypatch.setattr("isocortex.arrays.BLOCK_BYTES", 8 * 5 * 7)
    monkeypatch.setattr("isocortex.arrays.BLOCK_WIDTH", 1)
    parts = gram(x).raw()
    np.testing.assert_allclose(parts, whole, rtol=1e-14)


@pytest.mark.parametrize("n", [3, 500, 1203])
def test_the_single_precision_road_is_near_the_double_one(n, rng, monkeypatch):
    x = np.maximum(rng.normal(size=(n, 5000)), 0).astype(np.float32)
    double = gram(x)
    monkeypatch.setattr(module, "DOUBLE_UP_TO", 0)
    single = gram(x)
    np.testing.assert_allclose(single.raw(), double.raw(), rtol=5e-7)
    np.testing.assert_array_equal(single.shifted, single.shifted.T)
    np.testing.assert_allclose(single.row_means(), double.row_means(), rtol=1e-6)


def test_float64_input_never_takes_the_single_precision_road(rng, monkeypatch):
    monkeypatch.setattr(module, "DOUBLE_UP_TO", 0)
    x = rng.normal(size=(4, 100))
    np.testing.assert_allclose(gram(x).raw(), x @ x.T, rtol=1e-14)


def test_half_precision_is_widened_before_it_is_multiplied():
    x = np.full((2, 4), 300.0, dtype=np.float16)  # 300² overflows float16
    np.testing.assert_array_equal(gram(x).raw(), 4 * 300.0**2)


def test_centre(as_array, rng):
    x = rng.normal(size=(6, 20)) + 5
    c = x - x.mean(0)
    np.testing.assert_allclose(as_numpy(centre(as_array(x @ x.T))), c @ c.T, atol=1e-11)


def test_centre_on_the_training_mean(rng):
    x = rng.normal(size=(9, 20)) + 5
    train, test = np.array([0, 3, 4, 8, 1]), np.array([2, 5])
    a, b = x[train] - x[train].mean(0), x[test] - x[train].mean(0)
    within, across = centre_on(x @ x.T, train, test)
    np.testing.assert_allclose(within, a @ a.T, atol=1e-11)
    # The columns of the second differ by constants that no centred target sees.
    wanted = b @ a.T
    np.testing.assert_allclose(
        across - across.mean(1, keepdims=True), wanted - wanted.mean(1, keepdims=True), atol=1e-11
    )
