"""Accuracies from sums are those from values, wherever data lie."""

import numpy as np
import pytest

from isocortex.numerics.arrays.from_sums import FROM_SUMS
from isocortex.numerics.measures.accuracy import ACCURACIES


def sums(y, p):
    """By their definition, in extended precision."""
    y, p = (np.asarray(each, dtype=np.longdouble) for each in (y, p))
    own, other = y - y.mean(0), p - p.mean(0)
    offset = len(y) * (y.mean(0) - p.mean(0)) ** 2
    found = (own**2).sum(0), (own * other).sum(0), (other**2).sum(0), offset
    return [each.astype(float) for each in found]


@pytest.mark.parametrize("scale", [1e-100, 1e-6, 1.0, 1e6, 1e100])
@pytest.mark.parametrize("offset", [0.0, -3.0, 1e4])
@pytest.mark.parametrize("name", FROM_SUMS)
def test_sums_say_what_values_say(name, offset, scale, rng):
    y = rng.normal(size=(12, 4))
    p = 0.5 * y + rng.normal(size=y.shape) * [0, 0.1, 1, 10] + 0.2
    y, p = scale * (y + offset), scale * (p + offset)
    np.testing.assert_allclose(
        FROM_SUMS[name](*sums(y, p)), ACCURACIES[name](y, p), rtol=1e-8, atol=1e-8
    )


@pytest.mark.parametrize("name", FROM_SUMS)
def test_perfect_and_opposite_predictions_stay_within_one(name, rng):
    y = rng.normal(size=(7, 50))
    for sign in (1, -1):
        found = FROM_SUMS[name](*sums(y, sign * y))
        assert found.max() <= 1
        np.testing.assert_allclose(found, ACCURACIES[name](y, sign * y), atol=1e-12)


def test_without_variance_there_is_no_correlation():
    one, none = np.ones(1), np.zeros(1)
    for yy, pp in ((one, none), (none, one), (none, none)):
        assert np.isnan(FROM_SUMS["pearson"](yy, none, pp, none))


def test_what_comes_from_sums_has_a_form_in_values():
    assert set(FROM_SUMS) < set(ACCURACIES)
