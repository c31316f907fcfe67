import numpy as np
from scipy import stats

from isocortex.numerics.chance.multiple import fdr, max_p


def test_fdr_equals_scipy(rng):
    p = rng.uniform(size=(4, 25)) ** 2
    np.testing.assert_allclose(fdr(p), stats.false_discovery_control(p.ravel()).reshape(p.shape))


def test_fdr_leaves_out_what_was_not_tested(rng):
    p = rng.uniform(size=20)
    with_gap = np.insert(p, 5, np.nan)
    assert np.isnan(fdr(with_gap)[5])
    np.testing.assert_allclose(np.delete(fdr(with_gap), 5), fdr(p))


def test_max_p_counts_the_larger_maxima():
    maxima = np.array([0.1, 0.2, 0.3, 0.4])
    found = max_p(np.array([0.5, 0.3, 0.0, np.nan]), maxima)
    np.testing.assert_allclose(found, [0.2, 0.6, 1.0, np.nan])
