import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, Ridge

from isocortex.numerics.linear import weighted


def made(rng, n=25, p=6, offset=0.0):
    x, y = rng.normal(size=(n, p)) + offset, rng.normal(size=(n, 3))
    return x, y, rng.integers(0, 4, n).astype(float)


@pytest.mark.parametrize("alpha", [0.0, 2.0])
@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_weights_on_features_are_those_of_scikit_learn(alpha, offset, rng):
    x, y, times = made(rng, offset=offset)
    axes = weighted.weighted_axes(x, times)
    found = weighted.ridge_weights(axes, weighted.centred(y, times)[1], alpha)
    model = Ridge(alpha) if alpha else LinearRegression()
    expected = model.fit(x, y, sample_weight=times).coef_.T
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_leaving_one_out_is_a_loop(rng):
    x, y, _ = made(rng)
    times = rng.uniform(0.5, 2, len(x))
    alphas = np.array([0.3, 3.0])
    axes = weighted.weighted_axes(x, times)
    found = weighted.leave_one_out(axes, weighted.centred(y, times)[1], times, alphas)
    for row, alpha in zip(found, alphas, strict=True):
        wrong = np.zeros(3)
        for i in range(len(x)):
            rest = np.arange(len(x)) != i
            model = Ridge(alpha).fit(x[rest], y[rest], sample_weight=times[rest])
            wrong += times[i] * (y[i] - model.predict(x[[i]])[0]) ** 2
        np.testing.assert_allclose(row, wrong / len(x), rtol=1e-8)


def test_losses_on_folds_are_a_loop(rng):
    x, y, times = made(rng)
    rows = np.arange(len(x))
    folds = [(rows[rows % 2 == 0], rows[rows % 2 == 1]), (rows[rows % 2 == 1], rows[rows % 2 == 0])]
    found = weighted.on_folds(x, y, times, np.array([1.0]), folds)[0]
    expected = np.zeros(3)
    for train, test in folds:
        model = Ridge(1.0).fit(x[train], y[train], sample_weight=times[train])
        wrong = (y[test] - model.predict(x[test])) ** 2
        expected += np.average(wrong, axis=0, weights=times[test]) / 2
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_generalized_cross_validation_of_copies_is_that_of_whole_weights(rng):
    x, y, times = made(rng)
    copies = np.repeat(np.arange(len(x)), times.astype(int))
    ones = np.ones(len(copies))
    alphas = np.array([0.1, 10.0])
    one = weighted.generalized(
        weighted.weighted_axes(x, times), weighted.centred(y, times)[1], times, alphas
    )
    two = weighted.generalized(
        weighted.weighted_axes(x[copies], ones),
        weighted.centred(y[copies], ones)[1],
        ones,
        alphas,
    )
    np.testing.assert_allclose(one, two, rtol=1e-9)


def test_deviations_and_best_units_of_whole_weights_are_those_of_copies(rng):
    x, y, times = made(rng)
    x[:, 4] = 2.0
    copies = np.repeat(np.arange(len(x)), times.astype(int))
    expected = x[copies].std(0, ddof=1)
    expected[4] = 1
    np.testing.assert_allclose(weighted.deviation(x, times), expected)
    with np.errstate(invalid="ignore"):
        r = np.abs(np.corrcoef(x[copies].T, y[copies].T)[:6, 6:])
    assert weighted.best_units(x, y, times).tolist() == np.nan_to_num(r).argmax(0).tolist()
