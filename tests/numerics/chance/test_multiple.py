import numpy as np
import pytest
from scipy import stats

from isocortex.numerics.chance.multiple import CORRECTIONS, fdr, max_p


def test_fdr_equals_scipy(rng):
    p = rng.uniform(size=(4, 25)) ** 2
    np.testing.assert_allclose(fdr(p), stats.false_discovery_control(p.ravel()).reshape(p.shape))


def test_fdr_leaves_out_what_was_not_tested(rng):
    p = rng.uniform(size=20)
    with_gap = np.insert(p, 5, np.nan)
    assert np.isnan(fdr(with_gap)[5])
    np.testing.assert_allclose(np.delete(fdr(with_gap), 5), fdr(p))


@pytest.mark.parametrize("name", CORRECTIONS)
def test_a_correction_keeps_order_and_gaps_and_never_lowers_p(name, rng):
    p = np.append(rng.uniform(size=24) ** 3, np.nan).reshape(5, 5)
    found = CORRECTIONS[name](p)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(p))
    order = np.argsort(p.ravel())[:24]
    assert (np.diff(found.ravel()[order]) >= 0).all()
    assert ((found >= p - 1e-12) & (found <= 1) | np.isnan(p)).all()
    # What was not tested is not counted, and one test alone needs no correction.
    np.testing.assert_allclose(CORRECTIONS[name](p.ravel()[:24]), found.ravel()[:24])
    np.testing.assert_allclose(CORRECTIONS[name](np.array([np.nan, 0.03])), [np.nan, 0.03])


def test_max_p_counts_the_larger_maxima():
    maxima = np.array([0.1, 0.2, 0.3, 0.4])
    found = max_p(np.array([0.5, 0.3, 0.0, np.nan]), maxima)
    np.testing.assert_allclose(found, [0.2, 0.6, 1.0, np.nan])
