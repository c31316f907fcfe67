"""Inner products of symmetric matrices, all pairs at once."""

import numpy as np
import pytest

import isocortex as ic
from isocortex.numerics.arrays import inner


def some(rng, n, count):
    rows = rng.normal(size=(count, n, 6)) + 3
    return list(rows @ rows.swapaxes(1, 2))


@pytest.mark.parametrize("piece", [64, 4096, 2**21])
@pytest.mark.parametrize("n", [1, 2, 5, 33])
def test_they_are_the_sums_over_all_entries(n, piece, rng, monkeypatch):
    monkeypatch.setattr(inner, "_PIECE", piece)
    first, second = some(rng, n, 3), some(rng, n, 2)
    products, a, b = inner.inner_products(first, second)
    np.testing.assert_allclose(products, [[np.vdot(k, o) for o in second] for k in first])
    np.testing.assert_allclose(a, [np.vdot(k, k) for k in first])
    np.testing.assert_allclose(b, [np.vdot(k, k) for k in second])
    np.testing.assert_allclose(inner.inner_products(first, first)[0].diagonal(), a)


def test_each_entry_above_the_diagonal_is_read_once_a_side(rng, monkeypatch):
    monkeypatch.setattr(inner, "_PIECE", 8 * 100)
    read = []
    once = inner._stacked
    monkeypatch.setattr(
        inner, "_stacked", lambda *each: read.append(once(*each).size) or once(*each)
    )
    n, count = 50, 4
    inner.inner_products(some(rng, n, count), some(rng, n, count))
    # Blocks on the diagonal are read whole, so that a little more than half is.
    assert sum(read) <= 2 * count * n * n * 0.6
    assert max(read) <= 100


@pytest.mark.parametrize("measure", ["cka", "cka_unbiased", "rv"])
def test_grams_that_are_symmetric_to_rounding_only_are_taken_so(measure, rng):
    names = [f"s{i}" for i in range(20)]
    first, second = (k + 1e-7 * rng.normal(size=k.shape) for k in some(rng, 20, 2))
    made = [ic.Gram(k, k.sum(1), 6, names) for k in (first, second)]
    even = [ic.Gram((k + k.T) / 2, k.sum(1), 6, names) for k in (first, second)]
    np.testing.assert_allclose(
        ic.similarity(*made, measure).values, ic.similarity(*even, measure).values, rtol=1e-12
    )


def test_a_representation_on_both_sides_is_multiplied_once(rng, monkeypatch):
    from isocortex.store import grams

    made = []
    once = grams.algebra.gram
    monkeypatch.setattr(grams.algebra, "gram", lambda values: made.append(1) or once(values))
    layers = [ic.Responses(rng.normal(size=(8, 5)), [f"s{i}" for i in range(8)]) for _ in range(3)]
    found = ic.similarity(layers, layers)
    assert len(made) == 3
    again = ic.similarity(layers, [each.take(range(8)) for each in layers])
    np.testing.assert_allclose(found.values, again.values, rtol=1e-12)
