from fractions import Fraction

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from isocortex.arrays import as_numpy
from isocortex.errors import UndefinedError
from isocortex.numerics.arrays.products import Products
from isocortex.numerics.measures.dissimilarity import DISSIMILARITIES, FROM_GRAM

ORACLES = {
    "correlation": lambda x: cdist(x, x, "correlation"),
    "pearson": lambda x: 1 - np.corrcoef(x),
    "cosine": lambda x: cdist(x, x, "cosine"),
    "euclidean": lambda x: cdist(x, x, "euclidean"),
    "l2": lambda x: np.sqrt(((x[:, None] - x[None]) ** 2).sum(-1)),
    "squared_euclidean": lambda x: cdist(x, x, "sqeuclidean"),
    "manhattan": lambda x: cdist(x, x, "cityblock"),
    "l1": lambda x: np.abs(x[:, None] - x[None]).sum(-1),
}
each = pytest.mark.parametrize("name", DISSIMILARITIES)


@each
def test_matches_an_oracle(name, as_array, rng):
    x = rng.normal(size=(6, 40))
    d = as_numpy(DISSIMILARITIES[name](as_array(x)))
    np.testing.assert_allclose(d, ORACLES[name](x), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["correlation", "cosine", "euclidean", "manhattan"])
def test_float32_activations_lose_nothing(name, rng):
    x = np.maximum(rng.normal(size=(20, 30_000)), 0).astype(np.float32)
    expected = ORACLES[name](x.astype(np.float64))
    d = DISSIMILARITIES[name](x)
    off = ~np.eye(20, dtype=bool)
    np.testing.assert_allclose(d[off], expected[off], rtol=1e-10)


@each
def test_follows_a_reordering_of_stimuli(name, rng):
    x, order = rng.normal(size=(6, 40)), rng.permutation(6)
    measure = DISSIMILARITIES[name]
    np.testing.assert_allclose(measure(x[order]), measure(x)[np.ix_(order, order)], atol=1e-13)


@each
def test_does_not_depend_on_the_order_of_units(name, rng):
    x = rng.normal(size=(6, 40))
    np.testing.assert_allclose(
        DISSIMILARITIES[name](x[:, rng.permutation(40)]), DISSIMILARITIES[name](x), atol=1e-12
    )


@each
@pytest.mark.parametrize("offset", [0, 3, 1e4])
def test_is_symmetric_to_the_last_bit_with_a_zero_diagonal(name, offset, rng):
    d = DISSIMILARITIES[name](rng.normal(size=(60, 30)) + offset)
    np.testing.assert_array_equal(d, d.T)
    np.testing.assert_array_equal(np.diag(d), 0)


@each
def test_equal_rows_are_at_zero(name, rng):
    x = rng.normal(size=(5, 1000)).astype(np.float32) + 3
    x[3] = x[1]
    assert DISSIMILARITIES[name](x)[1, 3] == 0


SCALING = {"euclidean": 3, "l2": 3, "squared_euclidean": 9, "manhattan": 3, "l1": 3}


@each
def test_scale(name, rng):
    x = rng.normal(size=(5, 30))
    np.testing.assert_allclose(
        DISSIMILARITIES[name](3 * x), SCALING.get(name, 1) * DISSIMILARITIES[name](x), atol=1e-11
    )


@pytest.mark.parametrize("name", ["euclidean", "manhattan"])
def test_triangle_inequality(name, rng):
    d = DISSIMILARITIES[name](rng.normal(size=(8, 3)))
    assert (d[:, None, :] <= d[:, :, None] + d[None] + 1e-12).all()


def test_an_offset_of_a_row_changes_euclid_but_not_correlation(rng):
    x = rng.normal(size=(5, 30))
    moved = x + 1e4 * rng.normal(size=(5, 1))
    np.testing.assert_allclose(
        DISSIMILARITIES["correlation"](moved), DISSIMILARITIES["correlation"](x), atol=1e-7
    )
    assert not np.allclose(DISSIMILARITIES["euclidean"](moved), DISSIMILARITIES["euclidean"](x))


def test_a_constant_row_has_no_correlation(as_array, rng):
    x = rng.normal(size=(4, 1000))
    x[2] = 0.1
    with pytest.raises(UndefinedError, match="constant") as caught:
        DISSIMILARITIES["correlation"](as_array(x))
    assert caught.value.rows == (2,)


def test_a_zero_row_has_no_cosine(rng):
    x = rng.normal(size=(4, 10))
    x[1] = 0
    with pytest.raises(UndefinedError, match="all zero"):
        DISSIMILARITIES["cosine"](x)


def test_every_gram_road_belongs_to_a_member():
    assert set(FROM_GRAM) <= set(DISSIMILARITIES.values())


def test_a_zero_row_has_no_cosine_from_raw_products_either(rng):
    x = rng.normal(size=(4, 10))
    x[1] = 0
    k = Products.of_raw(x @ x.T, x.sum(1), 10)
    assert k.is_raw
    with pytest.raises(UndefinedError, match="all zero") as caught:
        FROM_GRAM[DISSIMILARITIES["cosine"]](k, None)
    assert caught.value.rows == (1,)


@pytest.mark.parametrize(("turned", "expected"), [(2.5, 0.0), (3.5, 3.5**2 / 2)])
def test_multiples_are_at_zero_up_to_their_rounding_and_no_further(turned, expected):
    """Rows of exact numbers: the second is twice the first, turned by a few roundings."""
    eps = np.finfo(float).eps
    x = np.array([[2.0, 0.0], [4.0, 4 * turned * eps], [1.0, 1.0]])
    d = DISSIMILARITIES["cosine"](x)
    assert d[0, 1] == d[1, 0] == pytest.approx(expected * eps**2, rel=1e-12, abs=0)


@pytest.mark.parametrize(("steps", "is_zero"), [(4, True), (8, True), (32, False), (64, False)])
def test_what_rounding_makes_grows_with_the_level_of_rows(steps, is_zero):
    """Rows at a level of 64, of which one unit differs by a few of the smallest steps there."""
    pattern = np.array([1.0, -1, 2, -2, 0.5, -0.5, 3, -3])
    other = pattern + np.eye(8)[0] * steps * 2.0**-46
    opposite = [-64 - pattern[::-1], -64 + pattern[[3, 2, 1, 0, 7, 6, 5, 4]]]
    x = np.stack([64 + pattern, 64 + other, *opposite])
    exact = [[Fraction(value) for value in row] for row in x[:2]]
    a, b = ([value - sum(row) / 8 for value in row] for row in exact)
    ab, aa, bb = (
        sum(u * v for u, v in zip(p, q, strict=True)) for p, q in ((a, b), (a, a), (b, b))
    )
    truth = float(1 - ab**2 / (aa * bb)) / 2
    found = DISSIMILARITIES["correlation"](x)[0, 1]
    assert found == (0 if is_zero else pytest.approx(truth, rel=1e-5, abs=0))
