import numpy as np
import pytest

from isocortex.numerics.chance.series import inflation, lag_one, lag_one_of_gram, runs_of


def autoregressive(rng, n, n_columns, phi):
    x = rng.normal(size=(n, n_columns))
    for t in range(1, n):
        x[t] = phi * x[t - 1] + np.sqrt(1 - phi**2) * x[t]
    return x


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9])
def test_lag_one_finds_the_coefficient(phi, rng):
    assert lag_one(autoregressive(rng, 4000, 5, phi)).mean() == pytest.approx(phi, abs=0.03)


def test_lag_one_knows_runs(rng):
    x = autoregressive(rng, 300, 3, 0.6) + 50 * np.repeat(rng.normal(size=(3, 1)), 100, 0)
    runs = np.repeat([0, 1, 2], 100)
    assert (lag_one(x) > 0.98).all()
    slow = []
    for column in x.T:
        parts = [column[runs == run] - column[runs == run].mean() for run in range(3)]
        above = sum(part[1:] @ part[:-1] for part in parts) / 297
        slow.append(above / (sum(part @ part for part in parts) / 300))
    np.testing.assert_allclose(lag_one(x, runs), slow)


def test_a_gram_gives_the_same_for_all_columns_together(rng):
    x = autoregressive(rng, 60, 4, 0.7) * [1, 2, 3, 4]
    runs = np.repeat([1, 0], 30)
    within = np.concatenate([x[:30] - x[:30].mean(0), x[30:] - x[30:].mean(0)])
    weights = (within**2).sum(0)
    expected = (lag_one(x, runs) * weights).sum() / weights.sum()
    assert lag_one_of_gram(x @ x.T, runs) == pytest.approx(expected)


def test_constant_columns_and_runs_of_one_have_none():
    assert lag_one(np.ones((5, 2))).tolist() == [0, 0]
    assert lag_one(np.arange(4.0)[:, None], np.arange(4)).tolist() == [0]
    assert [rows.tolist() for rows in runs_of(4, np.array([1, 0, 1, 0]))] == [[1, 3], [0, 2]]


def test_the_variance_of_a_correlation_of_series_is_inflated_as_said(rng):
    r = [np.corrcoef(autoregressive(rng, 400, 2, 0.8).T)[0, 1] for _ in range(600)]
    assert np.var(r) * 400 == pytest.approx(inflation(0.8, 0.8, 400), rel=0.2)
    assert inflation(0.1, 0.9, 400) == 1.0
