import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from isocortex.numerics.arrays.constant import is_constant
from isocortex.numerics.measures.accuracy import ACCURACIES

ORACLES = {
    "pearson": lambda y, p: [
        stats.pearsonr(*pair).statistic for pair in zip(y.T, p.T, strict=True)
    ],
    "spearman": lambda y, p: [
        stats.spearmanr(*pair).statistic for pair in zip(y.T, p.T, strict=True)
    ],
    "r2": lambda y, p: metrics.r2_score(y, p, multioutput="raw_values"),
    "explained_variance": lambda y, p: metrics.explained_variance_score(
        y, p, multioutput="raw_values"
    ),
}
each = pytest.mark.parametrize("name", ACCURACIES)


@pytest.fixture
def pair(rng):
    y = rng.normal(size=(20, 5)) + 3
    return y, y + rng.normal(size=y.shape) + 0.3


@each
def test_matches_an_oracle(name, pair):
    np.testing.assert_allclose(ACCURACIES[name](*pair), ORACLES[name](*pair), atol=1e-12)


@each
def test_is_one_for_a_perfect_prediction(name, pair):
    np.testing.assert_allclose(ACCURACIES[name](pair[0], pair[0]), 1, atol=1e-12)


@each
def test_follows_no_order_of_stimuli(name, pair, rng):
    order = rng.permutation(20)
    np.testing.assert_allclose(
        ACCURACIES[name](pair[0][order], pair[1][order]), ACCURACIES[name](*pair), atol=1e-12
    )


@each
def test_is_undefined_for_a_constant_target_and_never_zero(name, pair):
    y, p = pair[0].copy(), pair[1]
    y[:, 2] = 0.1
    found = ACCURACIES[name](y, p)
    assert np.isnan(found[2])
    assert np.isfinite(np.delete(found, 2)).all()


@each
def test_does_not_write_into_its_arguments(name, pair):
    for array in pair:
        array.flags.writeable = False
    ACCURACIES[name](*pair)


def test_a_constant_prediction_has_no_correlation_but_an_r2(pair):
    constant = np.ones_like(pair[0])
    assert np.isnan(ACCURACIES["pearson"](pair[0], constant)).all()
    np.testing.assert_allclose(
        ACCURACIES["r2"](pair[0], constant), ORACLES["r2"](pair[0], constant)
    )


def test_constant_to_rounding_is_constant(rng):
    x = np.full((50, 2), 0.1) * 3
    x[:, 1] += rng.normal(size=50) * 1e-12
    assert is_constant(x).tolist() == [True, False]


@pytest.mark.parametrize("name", ["r2", "explained_variance"])
def test_squares_that_vanish_leave_no_score_and_no_warning(name, rng):
    y = 1e-180 * rng.normal(size=(10, 2))
    assert np.isnan(ACCURACIES[name](y, y[::-1])).all()
