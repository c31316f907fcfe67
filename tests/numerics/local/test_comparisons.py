"""Ranks of many rows by one sort of integers, and few models against them."""

import numpy as np
import pytest
from scipy.stats import rankdata

from isocortex.numerics.local import compiled
from isocortex.numerics.local.comparisons import Models, ordered
from isocortex.numerics.measures import comparison as plain


def rows(kind, rng):
    values = rng.normal(size=(50, 300))
    if kind == "positive":
        return np.abs(values)
    if kind == "tied":
        return np.round(values, 1)
    if kind == "nearly tied":
        return np.repeat(values[:, :150], 2, axis=1) * (1 + 1e-14 * rng.normal(size=(50, 300)))
    if kind == "tiny and huge":
        return values * 10.0 ** rng.integers(-300, 300, size=(50, 1))
    if kind == "zeros of both signs":
        return np.where(
            rng.random(values.shape) < 0.1, rng.choice([-0.0, 0.0], values.shape), values
        )
    return values


@pytest.mark.parametrize(
    "kind",
    ["signed", "positive", "tied", "nearly tied", "tiny and huge", "zeros of both signs"],
)
def test_no_row_is_ordered_wrongly_without_being_told(rng, kind):
    values = rows(kind, rng)
    order, tied = ordered(values.copy())
    right = rankdata(values, axis=1)
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(1.0, 301), values.shape), 1)
    np.testing.assert_array_equal(ranks[~tied], right[~tied])
    if kind in ("signed", "positive", "tiny and huge"):
        assert not tied.any()
    else:
        assert tied.all()


WAYS = {
    "as installed": compiled.kernel,
    "NumPy": lambda: None,
    "plain Python": lambda: compiled.ranked_sums,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["signed", "tied", "nearly tied", "tiny and huge", "in a heap"])
def test_ranks_are_the_same_compiled_or_not(rng, monkeypatch, way, kind):
    values = rows(kind, rng)[:6, :120] if kind != "in a heap" else 1 + 1e-9 * rng.random((6, 120))
    models = rng.random((4, values.shape[1]))
    monkeypatch.setattr(compiled, "kernel", WAYS[way])
    scores, tied = Models.of(models, "spearman").compare(values.copy())
    expected = plain.spearman(models, values).T
    np.testing.assert_allclose(scores[~tied], expected[~tied], atol=1e-14)
    order = np.sort(values, axis=1)
    equal = (np.diff(order, axis=1) <= 1e-15 * np.abs(order[:, 1:])).any(1)
    assert tied[equal].all()


@pytest.mark.parametrize("n_models", [1, 3, 9])
@pytest.mark.parametrize("kind", ["pearson", "cosine", "spearman", "rho_a"])
def test_scores_are_those_of_the_plain_comparison(rng, kind, n_models):
    models, data = rng.random((n_models, 45)), rng.random((12, 45))
    scores, tied = Models.of(models, kind).compare(data.copy())
    np.testing.assert_allclose(scores.T, getattr(plain, kind)(models, data), atol=1e-14)
    assert not tied.any()


def test_models_may_be_tied(rng):
    models = np.round(rng.random((3, 45)), 1)
    data = rng.random((12, 45))
    scores, _ = Models.of(models, "spearman").compare(data.copy())
    np.testing.assert_allclose(scores.T, plain.spearman(models, data), atol=1e-14)
