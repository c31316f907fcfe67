import numpy as np
import pytest

from isocortex.errors import UndefinedError
from isocortex.numerics.arrays.gram import gram
from isocortex.numerics.arrays.products import _DIGITS, Products, entry_size, lost_share

COMMON = {
    "none": lambda rng: 0.0,
    "a level": lambda rng: 300.0,
    "a pattern": lambda rng: 300 * rng.normal(size=25),
    "levels of rows": lambda rng: 1e6 * rng.normal(size=(8, 1)),
}


@pytest.fixture(params=COMMON)
def both(request, rng):
    x = rng.normal(size=(8, 25)) + COMMON[request.param](rng)
    return x, gram(x)


def test_raw_products_and_means_are_those_of_the_rows(both):
    x, k = both
    np.testing.assert_allclose(k.raw() * k.unit**2, x @ x.T, rtol=1e-10, atol=1e-8)
    np.testing.assert_allclose(k.raw_squares() * k.unit**2, (x**2).sum(1), rtol=1e-10)
    np.testing.assert_allclose(k.row_means() * k.unit, x.mean(1), rtol=1e-10, atol=1e-12)


def test_rows_without_their_mean(both):
    x, k = both
    centred = x - x.mean(1, keepdims=True)
    found = k.row_centred()
    np.testing.assert_allclose(found.raw() * k.unit**2, centred @ centred.T, atol=1e-6)
    np.testing.assert_allclose(found.row_means(), 0, atol=1e-9)


def test_what_is_written_down_is_read_again(both):
    _, k = both
    again = Products.of_vectors(k.kept, k.vectors, k.n_units)
    np.testing.assert_array_equal(again.raw(), k.raw())
    np.testing.assert_array_equal(again.row_means(), k.row_means())
    old = Products.of_vectors(k.kept, k.kept_sums[None], k.n_units)
    np.testing.assert_array_equal(old.raw(), k.kept)


def test_rows_may_be_taken_in_any_order_and_twice(both):
    x, k = both
    rows = np.array([5, 0, 0, 7])
    np.testing.assert_allclose(k.take(rows).raw() * k.unit**2, x[rows] @ x[rows].T, atol=1e-6)


def test_differences_keep_their_digits_under_a_common_pattern(rng):
    rows = rng.integers(-8, 8, size=(6, 40)) / 16
    k = gram(rows + 2.0**30)
    d = k.shifted.diagonal()[:, None] + k.shifted.diagonal() - 2 * k.shifted
    expected = ((rows[:, None] - rows[None]) ** 2).sum(2)
    np.testing.assert_array_equal(d * k.unit**2, expected)


def test_results_come_back_in_the_unit_of_the_rows_or_are_refused(rng):
    k = gram(1e200 * rng.normal(size=(4, 9)))
    assert k.unit > 1e100
    one = np.ones((1, 1))
    np.testing.assert_array_equal(k.in_own_unit(one, "Lengths", power=1), k.unit * one)
    with pytest.raises(UndefinedError, match="Products of numbers near .* beyond what"):
        k.in_own_unit(one, "Products")
    with pytest.raises(UndefinedError, match="Products of numbers near"):
        k.in_own_unit(np.array([[0.0, 1.0]]), "Products")  # One that is too large suffices.


def test_what_rounding_may_be_grows_with_units_and_type(rng):
    x = rng.normal(size=(4, 100))
    double = Products.of_raw(x @ x.T, x.sum(1), 100)
    single = Products.of_raw((x @ x.T).astype(np.float32), x.sum(1), 100)
    assert lost_share(single) / lost_share(double) == pytest.approx(2**29)
    assert entry_size(double) == pytest.approx((x**2).sum(1).max())


def products_of(x):
    return Products.of_raw(x @ x.T, x.sum(1), x.shape[1])


@pytest.mark.parametrize("n_units", [1, 2, 40])
def test_levels_of_rows_are_their_means_in_few_digits(n_units, rng):
    x = 1e4 * rng.normal(size=(5, 1)) + 1e-3 * rng.normal(size=(5, n_units))
    levels = products_of(x).row_levels(1e-6)
    np.testing.assert_allclose(levels, x.mean(1), rtol=2.0**-16)
    steps = np.ldexp(np.frexp(levels)[0], _DIGITS)
    np.testing.assert_array_equal(steps, np.round(steps))


def test_one_level_row_suffices_and_a_zero_row_is_none(rng):
    x = rng.normal(size=(4, 30))
    assert products_of(x).row_levels(1e-6) is None
    x[1] = 0
    assert products_of(x).row_levels(1e-6) is None
    x[2] += 1e5
    assert products_of(x).row_levels(1e-6) is not None


def test_a_row_counts_as_level_from_the_share_on():
    """A row with mean 3 and deviations of 1: a tenth of its square is not its mean's."""
    k = products_of(3 + np.array([[1.0, -1, 1, -1], [-1, -1, 1, 1]]))
    assert k.row_levels(0.099) is None
    np.testing.assert_array_equal(k.row_levels(0.101), [3, 3])
