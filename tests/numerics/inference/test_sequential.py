"""P-values from as many relabellings as each two RDMs need."""

import numpy as np
import pytest

from isocortex.numerics.inference.mantel import mantel, until_known
from isocortex.numerics.inference.relabelling import pair_places, prepared_rows
from isocortex.numerics.inference.sequential import ENOUGH, sequential
from isocortex.numerics.measures.comparison import pearson, whitened_cosine


def of_points(rng, n, size):
    x = rng.normal(size=(n, size, 3))
    i, j = np.triu_indices(size, 1)
    return ((x[:, i] - x[:, j]) ** 2).sum(2)


@pytest.mark.parametrize("n_second", [2, 5])
def test_p_is_that_of_relabelling_until_enough_are_as_alike(rng, n_second):
    first, second = (prepared_rows(of_points(rng, n, 8), "pearson") for n in (3, n_second))
    found = sequential(first, second, 8, 300, np.random.default_rng(1))
    # The same relabellings, one after another.
    lots, few = np.random.default_rng(1), first if n_second >= 3 else second
    made = [lots.permuted(np.tile(np.arange(8), (size, 1)), axis=1) for size in (32, 64, 128, 76)]
    places = pair_places(np.concatenate(made), 28)
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            null = a[places] @ b if few is first else b[places] @ a
            alike = np.flatnonzero(null >= a @ b - 1e-5)
            if len(alike) >= ENOUGH:
                last = alike[ENOUGH - 1] + 1
                right = ENOUGH / last
            else:
                last, right = 300, (1 + len(alike)) / 301
            assert found.p[i, j] == pytest.approx(right)
            assert found.n[i, j] == last


@pytest.mark.parametrize("comparison", [pearson, whitened_cosine])
def test_unrelated_rdms_have_p_at_the_nominal_rate(rng, comparison):
    found = until_known(comparison, of_points(rng, 60, 10), of_points(rng, 60, 10), 400, rng)
    # 3600 pairs of 120 independent RDMs: the rate has an error of about .006.
    assert (found.p <= 0.05).mean() == pytest.approx(0.05, abs=0.02)
    assert (found.p <= 0.01).mean() == pytest.approx(0.01, abs=0.01)
    assert found.n.mean() < 120


def test_it_is_near_to_the_p_of_all_relabellings(rng):
    first, second = of_points(rng, 4, 6), of_points(rng, 5, 6)
    right = mantel(pearson, first, second, 719, rng).p
    found = until_known(pearson, first, second, 4000, rng)
    assert (np.abs(found.p - right) < 5 * right / np.sqrt(ENOUGH)).all()
