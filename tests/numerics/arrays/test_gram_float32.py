import numpy as np
import pytest
from scipy.spatial.distance import pdist

from isocortex.numerics.arrays.gram import gram
from isocortex.numerics.arrays.gram_float32 import shifted_gram
from isocortex.numerics.measures.dissimilarity import correlation_from_gram


def activations(rng, n=40, p=20_000, dtype=np.float32):
    """Like a layer's: rectified, heavy-tailed, with a background that all rows share."""
    x = np.maximum(rng.standard_normal((n, p)) * rng.gamma(1, 1, p), 0)
    x[:, : p // 3] = rng.gamma(1, 2, p // 3)
    return x.astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_as_good_as_float64(rng, dtype):
    x = activations(rng, dtype=dtype)
    x.flags.writeable = False
    found, exact = shifted_gram(x), gram(x.astype(np.float64))
    np.testing.assert_allclose(found.raw(), exact.raw(), rtol=1e-7)
    np.testing.assert_allclose(found.row_means(), exact.row_means(), rtol=1e-7)
    np.testing.assert_array_equal(found.shifted, found.shifted.T)
    ours = correlation_from_gram(found)
    np.testing.assert_allclose(ours, pdist(x.astype(np.float64), "correlation"), rtol=1e-6)


def test_narrow_blocks_and_one_whole_block_agree(rng, monkeypatch):
    x = rng.normal(size=(30, 20_000)).astype(np.float32) + 5
    whole = shifted_gram(x)
    monkeypatch.setattr("isocortex.numerics.arrays.gram_float32._ELEMENTS", 0)
    monkeypatch.setattr("isocortex.numerics.arrays.gram_float32._NARROWEST", 700)
    np.testing.assert_allclose(shifted_gram(x).raw(), whole.raw(), rtol=1e-7)


def test_better_than_a_product_in_float32(rng):
    x = activations(rng)
    exact = gram(x.astype(np.float64)).raw()
    error = np.abs(shifted_gram(x).raw() - exact).max()
    assert error < np.abs(x @ x.T - exact).max() / 3


@pytest.mark.parametrize(("n", "p"), [(1, 1), (1, 5000), (3, 2), (50, 9001)])
def test_all_shapes(rng, n, p):
    x = rng.standard_normal((n, p), dtype=np.float32)
    k, y = shifted_gram(x), x.astype(float)
    exact = y @ y.T
    np.testing.assert_allclose(k.raw(), exact, rtol=0, atol=5e-7 * exact.max())
    np.testing.assert_allclose(k.row_means(), y.mean(1), rtol=1e-4, atol=1e-6)
