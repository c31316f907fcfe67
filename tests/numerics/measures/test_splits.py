import numpy as np
import pytest

from isocortex.numerics.measures.splits import (
    SPLITS,
    correlation_split,
    product_split,
    relative_split,
    without_means,
)

Y = np.array([2.0, -1, 0, 3, -4])[:, None]
PARTS = np.array([[1.0, 0, 1, 1, -2], [0.5, -1, -0.5, 1, 0]])[:, :, None]


@pytest.mark.parametrize(
    ("split", "parts", "whole"),
    [
        (product_split, [0.6, 0.216667], 0.816667),
        (correlation_split, [0.706063, 0.271563], 0.977626),
        (relative_split, [0.586727, 0.229940], 0.816667),
    ],
)
def test_numbers_that_were_computed_elsewhere(split, parts, whole):
    found = split(Y, PARTS)
    np.testing.assert_allclose(found, split(Y + 7, PARTS), atol=1e-12)
    np.testing.assert_allclose(found.sum(0), whole, atol=1e-6)
    np.testing.assert_allclose(found[:, 0], parts, atol=2e-6)


@pytest.mark.parametrize("name", SPLITS)
def test_splits_are_those_of_himalaya(name, rng):
    scoring = pytest.importorskip("himalaya.scoring")
    theirs = {
        "product": scoring.r2_score_split,
        "correlation": scoring.correlation_score_split,
        "relative": scoring.r2_score_split_svd,
    }[name]
    y, parts = rng.normal(size=(30, 6)), rng.normal(size=(3, 30, 6))
    y, parts = y - y.mean(0), parts - parts.mean(1, keepdims=True)
    y = y + parts.sum(0)
    np.testing.assert_allclose(SPLITS[name](y, parts), theirs(y, parts), atol=1e-10)


@pytest.mark.parametrize("name", SPLITS)
def test_offsets_are_not_split_once_means_are_out(name, rng):
    y, parts = rng.normal(size=(30, 2)), rng.normal(size=(3, 30, 2))
    found = SPLITS[name](*without_means(y, parts + 5))
    np.testing.assert_allclose(found, SPLITS[name](*without_means(y, parts)), atol=1e-12)
    if name != "correlation":
        assert np.abs(SPLITS[name](y, parts + 5) - found).max() > 1


@pytest.mark.parametrize("name", SPLITS)
def test_a_constant_target_has_no_shares_and_an_empty_part_none(name, rng):
    y, parts = rng.normal(size=(10, 3)), rng.normal(size=(2, 10, 3))
    y[:, 0], parts[1] = 1.0, 0.0
    found = SPLITS[name](y, parts)
    assert np.isnan(found[:, 0]).all()
    np.testing.assert_allclose(found[1, 1:], 0, atol=1e-12)
