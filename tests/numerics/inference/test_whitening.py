"""The part of whitened products, against the matrix of its definition."""

import numpy as np
import pytest

from isocortex.numerics.inference.whitening import whitened_part

N = 7
I, J = np.triu_indices(N, 1)


def slowly(weights, a, b):
    """M and r of all pairs of distinct stimuli of a sample, as they are defined."""
    matrix = 2 * np.outer(weights, weights)
    matrix[np.diag_indices(N)] = 2 * weights * (weights.sum() - weights) + 4 * weights
    there = weights > 0
    r = []
    for row in (a, b):
        square = np.zeros((N, N))
        square[I, J] = square[J, I] = row
        r.append(-weights * (square @ weights))
    return r[0][there] @ np.linalg.solve(matrix[np.ix_(there, there)], r[1][there])


@pytest.mark.parametrize("masked", [False, True], ids=["formula", "solved"])
def test_the_part_is_that_of_the_matrix(rng, masked):
    samples = np.concatenate([rng.multinomial(N, np.full(N, 1 / N), 8), [[4, 1, 1, 1, 0, 0, 0]]])
    weights = samples.astype(float)
    a, b = rng.normal(size=(2, len(I))), rng.normal(size=(3, len(I)))
    mask = np.ones(len(I), dtype=bool) if masked else None
    cross, first, second = whitened_part(weights, (a, b), None, mask)
    for s, w in enumerate(weights):
        for k, one in enumerate(a):
            assert first[s, k] == pytest.approx(slowly(w, one, one))
            for m, other in enumerate(b):
                assert cross[s, k, m] == pytest.approx(slowly(w, one, other))
                assert second[s, m] == pytest.approx(slowly(w, other, other))


def test_means_are_taken_before(rng):
    weights = rng.multinomial(N, np.full(N, 1 / N), 4).astype(float)
    rows = rng.normal(size=(2, len(I)))
    means = rng.normal(size=(4, 2))
    found = whitened_part(weights, (rows, rows), [means, means])[0]
    for s in range(4):
        shifted = rows - means[s][:, None]
        truth = whitened_part(weights[s : s + 1], (shifted, shifted))[0]
        np.testing.assert_allclose(found[s], truth[0], atol=1e-9)
