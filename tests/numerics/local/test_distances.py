"""Distances of many neighbourhoods from products, against differences written out."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from isocortex.numerics.local.distances import LOCAL_DISTANCES, across_partitions

SCIPY = {
    "correlation": "correlation",
    "cosine": "cosine",
    "euclidean": "euclidean",
    "squared_euclidean": "sqeuclidean",
}


@pytest.mark.parametrize("kind", LOCAL_DISTANCES)
def test_distances_are_those_of_scipy(rng, kind):
    patterns = rng.normal(size=(6, 12, 8))
    found, unresolved = LOCAL_DISTANCES[kind](patterns.copy())
    np.testing.assert_allclose(found, [pdist(p.T, SCIPY[kind]) for p in patterns], atol=1e-13)
    assert not unresolved.any()


@pytest.mark.parametrize("kind", LOCAL_DISTANCES)
def test_what_products_do_not_resolve_is_told(rng, kind):
    patterns = rng.normal(size=(4, 12, 8))
    patterns[1, :, 2] = patterns[1, :, 5] * (1 + 1e-10)  # two patterns that are nearly one
    patterns[2] = patterns[2, :, :1] + 1e-8 * patterns[2]  # all of them are
    patterns[3, :, 4] = 0.0
    _, unresolved = LOCAL_DISTANCES[kind](patterns.copy())
    assert unresolved.tolist()[:3] == [False, True, True]
    assert unresolved[3] == (kind in ("correlation", "cosine"))


@pytest.mark.parametrize("n_partitions", [2, 3, 5])
@pytest.mark.parametrize("equal", [True, False])
def test_partitions_cost_one_product_less_than_they_are(rng, n_partitions, equal):
    cells = rng.normal(size=(4, 7, n_partitions, 6))
    weights = np.full(n_partitions, 3.0) if equal else 1.0 + np.arange(n_partitions)
    found = across_partitions(cells.copy(), weights)
    first, second = np.triu_indices(6, 1)
    for c, each in enumerate(cells):
        total = np.zeros(15)
        for m in range(n_partitions):
            for n in range(n_partitions):
                if m != n:
                    a = each[:, m, first] - each[:, m, second]
                    b = each[:, n, first] - each[:, n, second]
                    total += weights[m] * weights[n] * (a * b).sum(0)
        both = weights.sum() ** 2 - (weights**2).sum()
        np.testing.assert_allclose(found[c], total / both / 7, atol=1e-13)
