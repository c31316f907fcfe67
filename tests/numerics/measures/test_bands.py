import tracemalloc

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from isocortex.numerics.arrays.gram import gram
from isocortex.numerics.measures import bands
from isocortex.numerics.measures.dissimilarity import DISSIMILARITIES, FROM_GRAM

OF_GRAM = ["correlation", "cosine", "euclidean", "squared_euclidean"]


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setattr(bands, "_BAND", 8 * 23 * 3)  # Three rows, and more towards the end.


def _like_a_layer(rng):
    """Rows that share a pattern, two of them equal, one the multiple of another, one near it."""
    x = np.maximum(rng.normal(size=(23, 40)) + 100 * rng.gamma(1, size=40), 0)
    x[20], x[9], x[15] = x[2], 2 * x[3], x[4] * (1 + 1e-9 * rng.normal(size=40))
    return x


@pytest.mark.parametrize("offset", [0.0, 1e4])
@pytest.mark.parametrize("name", OF_GRAM)
def test_bands_give_the_bits_of_the_whole(name, offset, rng, monkeypatch):
    x, from_gram = _like_a_layer(rng) + offset, FROM_GRAM[DISSIMILARITIES[name]]
    whole = from_gram(gram(x), x)
    monkeypatch.setattr(bands, "_BAND", 8 * 23 * 3)
    np.testing.assert_array_equal(from_gram(gram(x), x), whole)
    np.testing.assert_array_equal(DISSIMILARITIES[name](x), squareform(whole))


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("name", OF_GRAM)
def test_bands_agree_with_scipy(name, rng):
    x = _like_a_layer(rng)
    known = pdist(x, {"squared_euclidean": "sqeuclidean"}.get(name, name))
    np.testing.assert_allclose(FROM_GRAM[DISSIMILARITIES[name]](gram(x), x), known, atol=1e-13)


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_the_square_of_few_rows(n):
    condensed = np.arange(1.0, 1 + n * (n - 1) // 2)
    expected = squareform(condensed) if n > 1 else np.zeros((n, n))
    np.testing.assert_array_equal(bands.squared_up(condensed, n), expected)


@pytest.mark.parametrize("name", OF_GRAM)
def test_beside_the_products_there_is_the_result_and_no_more_matrices(name, rng):
    k = gram(rng.normal(size=(1500, 8)) + 100 * rng.gamma(1, size=8))
    from_gram, square = FROM_GRAM[DISSIMILARITIES[name]], 8 * 1500**2
    tracemalloc.start()
    found = from_gram(k, None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.nbytes == 8 * 1500 * 1499 // 2
    assert peak < 1.2 * square
