"""Against the numbers of bdpy 0.26."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import pearsonr

from isocortex.errors import InputError
from isocortex.numerics.measures.profiles import (
    pairwise_identification,
    pattern_correlation,
    profile_correlation,
)


@pytest.fixture(scope="module")
def bdpy():
    return np.load(Path(__file__).parents[2] / "data" / "kamitani" / "oracle.npz")


def equal(found, expected):
    np.testing.assert_allclose(np.ravel(found), np.ravel(expected), atol=1e-14)


def test_profile_correlation_equals_bdpy(bdpy):
    found = profile_correlation(bdpy["m_pred"], bdpy["m_true"])
    assert np.isnan(found[4])  # a constant unit
    equal(found, bdpy["profile"])
    found = profile_correlation(bdpy["p3"], bdpy["t3"])
    assert found.shape == (2, 3)
    equal(found, bdpy["profile3"])


def test_pattern_correlation_equals_bdpy(bdpy):
    pred, true = bdpy["m_pred"], bdpy["m_true"]
    equal(pattern_correlation(pred, true), bdpy["pattern"])
    equal(pattern_correlation(pred, true, bdpy["m_mean"], bdpy["m_std"]), bdpy["pattern_z"])
    equal(pattern_correlation(bdpy["p3"], bdpy["t3"]), bdpy["pattern3"])
    equal(pattern_correlation(bdpy["pn"], true), bdpy["pattern_nan"])


def test_identification_equals_bdpy(bdpy):
    pred, true = bdpy["m_pred"], bdpy["m_true"]
    equal(pairwise_identification(pred, true), bdpy["ident"])
    equal(pairwise_identification(bdpy["pn"], true), bdpy["ident_nan"])
    names = list(bdpy["tl"])
    target = [names.index(name) for name in bdpy["lab"]]
    equal(pairwise_identification(pred, true[:4], target), bdpy["ident_single"])


def test_profiles_equal_scipy(rng):
    x, y = rng.normal(size=(12, 5)), rng.normal(size=(12, 5))
    expected = [pearsonr(a, b).statistic for a, b in zip(x.T, y.T, strict=True)]
    np.testing.assert_allclose(profile_correlation(x, y), expected, atol=1e-14)
    np.testing.assert_allclose(profile_correlation(1e-9 * x + 7, y), expected, atol=1e-6)


def test_a_tie_counts_as_wrong_and_noise_is_at_chance(rng):
    pattern = rng.normal(size=(1, 8))
    assert pairwise_identification(pattern.repeat(3, 0), pattern.repeat(3, 0)).tolist() == [0] * 3
    x, y = rng.normal(size=(2, 400, 30))
    assert abs(pairwise_identification(x, y).mean() - 0.5) < 0.03
    assert pairwise_identification(x, x + 0.1 * y).min() == 1


def test_what_does_not_fit_is_an_error(rng):
    with pytest.raises(InputError, match=r"same shape.*\(3, 4\) and \(4, 3\)"):
        profile_correlation(np.ones((3, 4)), np.ones((4, 3)))
    with pytest.raises(InputError, match="do not have the same units"):
        pairwise_identification(np.ones((3, 4)), np.ones((3, 5)))
    assert np.isnan(pairwise_identification(np.ones((3, 4)), rng.normal(size=(3, 4)))).all()
