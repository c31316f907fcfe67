import numpy as np
import pytest
from scipy.spatial.distance import pdist

from isocortex.numerics.gram import gram
from isocortex.numerics.shifted import shifted_gram


def activations(rng, n=40, p=20_000, dtype=np.float32):
    """Like a layer's: rectified, heavy-tailed, with a background that all rows share."""
    x = np.maximum(rng.standard_normal((n, p)) * rng.gamma(1, 1, p), 0)
    x[:, : p // 3] = rng.gamma(1, 2, p // 3)
    return x.astype(dtype)


def distances(matrix, sums, p):
    centred = matrix - np.outer(sums, sums) / p
    norms = np.sqrt(np.diag(centred))
    return (1 - centred / np.outer(norms, norms))[np.triu_indices(len(norms), 1)]


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_as_good_as_float64(rng, dtype):
    x = activations(rng, dtype=dtype)
    x.flags.writeable = False
    matrix, sums = shifted_gram(x)
    exact, exact_sums = gram(x.astype(np.float64))
    np.testing.assert_allclose(matrix, exact, rtol=1e-7)
    np.testing.assert_allclose(sums, exact_sums, rtol=1e-7)
    np.testing.assert_array_equal(matrix, matrix.T)
    ours = distances(matrix, sums, x.shape[1])
    np.testing.assert_allclose(ours, pdist(x.astype(np.float64), "correlation"), rtol=1e-6)


def test_better_than_a_product_in_float32(rng):
    x = activations(rng)
    exact, _ = gram(x.astype(np.float64))
    error = np.abs(shifted_gram(x)[0] - exact).max()
    assert error < np.abs(x @ x.T - exact).max() / 3


@pytest.mark.parametrize(("n", "p"), [(1, 1), (1, 5000), (3, 2), (50, 9001)])
def test_all_shapes(rng, n, p):
    x = rng.standard_normal((n, p), dtype=np.float32)
    matrix, sums = shifted_gram(x)
    np.testing.assert_allclose(matrix, x.astype(float) @ x.T.astype(float), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(sums, x.sum(1, dtype=float), rtol=1e-4, atol=1e-3)
