"""Against arrays that FastL2LiR 0.11 made, and against a slow loop of its definition."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from isocortex.errors import UndefinedError
from isocortex.numerics.linear import selective, selective_groups
from isocortex.numerics.linear.selective import selective_ridge
from isocortex.numerics.linear.top_columns import strongest


@pytest.fixture(scope="module")
def oracle():
    return np.load(Path(__file__).parents[2] / "data" / "kamitani" / "oracle.npz")


def dense(fitted, n_units):
    weights = np.zeros((n_units, len(fitted.columns)))
    np.put_along_axis(weights.T, fitted.columns, fitted.weights, axis=1)
    return weights


def slow(x, y, k, alpha):
    """One target after the other, as FastL2LiR is defined, with a general solver."""
    xb = np.column_stack([x, np.ones(len(x))])
    weights, bias = np.zeros((x.shape[1], y.shape[1])), np.zeros(y.shape[1])
    for t in range(y.shape[1]):
        r = [np.corrcoef(x[:, v], y[:, t])[0, 1] for v in range(x.shape[1])]
        chosen = np.argsort(np.abs(r))[::-1][:k]
        own = xb[:, [*chosen, x.shape[1]]]
        w = np.linalg.solve(own.T @ own + alpha * np.eye(own.shape[1]), own.T @ y[:, t])
        weights[chosen, t], bias[t] = w[:-1], w[-1]
    return weights, bias


CASES = {"select": (60, 20, 5.0), "wide": (60, 50, 5.0), "all": (60, None, 5.0)}
CASES |= {"chunk": (60, 20, 5.0), "tall": (20, None, 0.5), "half": (30, 18, 0.5)}


@pytest.mark.parametrize("name", CASES)
def test_equals_fastl2lir(name, oracle):
    n_units, k, alpha = CASES[name]
    x = oracle["X"][:, :n_units]
    fitted = selective_ridge(x, oracle["Y"], k, alpha)
    np.testing.assert_allclose(dense(fitted, n_units), oracle[f"{name}:W"], atol=1e-9, rtol=1e-9)
    np.testing.assert_allclose(fitted.intercept, oracle[f"{name}:b"][0], atol=1e-9, rtol=1e-9)
    if k is not None:
        same = dense(fitted, n_units) != 0
        np.testing.assert_array_equal(same, oracle[f"{name}:W"] != 0)


@pytest.mark.parametrize(
    ("n", "n_units", "k"),
    [(50, 40, 10), (50, 40, 30), (50, 40, 39), (20, 60, 30), (20, 60, 55), (15, 40, 15)],
    ids=["gram", "left out", "one left out", "samples", "samples, most", "square"],
)
def test_every_way_equals_the_loop(n, n_units, k, rng):
    x = rng.normal(size=(n, n_units)) + 3 * rng.normal(size=n_units)
    y = x[:, :4] @ rng.normal(size=(4, 9)) + rng.normal(size=(n, 9)) + 5
    fitted = selective_ridge(x, y, k, 2.0)
    weights, bias = slow(x, y, k, 2.0)
    np.testing.assert_allclose(dense(fitted, n_units), weights, atol=1e-9)
    np.testing.assert_allclose(fitted.intercept, bias, atol=1e-9)


def test_units_gathered_in_groups_give_the_same(rng, monkeypatch):
    x, y = rng.normal(size=(40, 300)), rng.normal(size=(40, 12))
    expected = selective_ridge(x, y, 15, 3.0)
    monkeypatch.setattr(selective_groups, "GATHER_BYTES", 8 * 41 * 40)  # 40 units at once
    for module in (selective, selective_groups):
        monkeypatch.setattr(module, "GRAM_UNITS", 5)  # no Gram matrix either
    found = selective_ridge(x, y, 15, 3.0)
    np.testing.assert_array_equal(found.columns, expected.columns)
    np.testing.assert_allclose(found.weights, expected.weights, atol=1e-12)


class Lazy:
    """A matrix on disk: may be sliced, and says how wide a slice was."""

    def __init__(self, values, chunk_columns=7):
        self.values, self.shape, self.widest = values, values.shape, 0
        self.dtype, self.chunk_columns = values.dtype, chunk_columns

    def __getitem__(self, where):
        block = self.values[where]
        self.widest = max(self.widest, block.shape[1])
        return block


@pytest.mark.parametrize("k", [20, None])
def test_a_lazy_matrix_is_read_in_blocks(k, rng, monkeypatch):
    import isocortex.numerics.linear.top_columns as module

    monkeypatch.setattr(module, "BLOCK_BYTES", 8 * 30 * 14)
    x, y = rng.normal(size=(30, 200)), rng.normal(size=(30, 5))
    lazy = Lazy(x)
    module.strongest(lazy, y, 20)
    assert lazy.widest == 14
    found, expected = selective_ridge(lazy, y, k, 3.0), selective_ridge(x, y, k, 3.0)
    np.testing.assert_allclose(dense(found, 200), dense(expected, 200), atol=1e-12)


@pytest.mark.parametrize(
    ("n", "n_units", "k"), [(50, 30, 10), (50, 30, 25), (20, 60, 30), (20, 60, None)]
)
def test_a_mean_that_counts_often_is_as_good_as_repeats(n, n_units, k, rng):
    x = rng.normal(size=(n, n_units)) + rng.normal(size=n_units)
    times = rng.integers(1, 5, n)
    trial = np.repeat(np.arange(n), times)
    y = x[trial, :3] + rng.normal(size=(len(trial), 3)) + 2
    means = np.array([y[trial == i].mean(0) for i in range(n)])
    found = selective_ridge(x, means, k, 3.0, times)
    expected = selective_ridge(x[trial], y, k, 3.0)
    np.testing.assert_array_equal(found.columns, expected.columns)
    np.testing.assert_allclose(found.weights, expected.weights, atol=1e-10)
    np.testing.assert_allclose(found.intercept, expected.intercept, atol=1e-10)


def test_follows_a_reordering_of_units_and_samples(rng):
    x, y = rng.normal(size=(40, 30)), rng.normal(size=(40, 4))
    order, rows = rng.permutation(30), rng.permutation(40)
    found = selective_ridge(x[rows][:, order], y[rows], 8, 1.0)
    expected = selective_ridge(x, y, 8, 1.0)
    np.testing.assert_allclose(dense(found, 30), dense(expected, 30)[order], atol=1e-12)


def test_of_equal_correlations_the_first_wins(rng):
    column, y = rng.normal(size=(30, 1)), rng.normal(size=(30, 2))
    x = np.tile(column, (1, 9)) * np.array([1, -2, 1, 4, 1, 1, -1, 8, 1])  # r equal up to sign
    assert strongest(x, y, 3).tolist() == [[0, 1, 2]] * 2


def test_constant_columns_come_last(rng):
    x, y = rng.normal(size=(30, 6)), rng.normal(size=(30, 2))
    x[:, [0, 3]] = 1e6 + 1 / 3
    assert strongest(x, y, 4).tolist() == [[1, 2, 4, 5]] * 2
    assert strongest(x, y, 5).tolist() == [[0, 1, 2, 4, 5]] * 2


def test_a_tiny_unit_of_measurement_does_not_matter(rng):
    x, y = rng.normal(size=(30, 20)), rng.normal(size=(30, 2))
    np.testing.assert_array_equal(strongest(x * 1e-13, y, 5), strongest(x, y, 5))


def test_strongest_over_blocks_equals_sorting(rng, monkeypatch):
    import isocortex.numerics.linear.top_columns as module

    monkeypatch.setattr(module, "BLOCK_BYTES", 8 * 25 * 11)
    x, y = rng.normal(size=(25, 150)), rng.normal(size=(25, 6))
    r = np.abs(np.corrcoef(x.T, y.T)[150:, :150])
    expected = np.sort(np.argsort(-r, axis=1)[:, :9], axis=1)
    np.testing.assert_array_equal(module.strongest(x, y, 9), expected)


def test_without_penalty_dependent_units_are_an_error(rng):
    x = rng.normal(size=(30, 6))
    x[:, 1] = x[:, 0]
    with pytest.raises(UndefinedError, match="linearly dependent.*larger alpha"):
        selective_ridge(x, x[:, :1] + rng.normal(size=(30, 1)), 3, 0.0)
    with pytest.raises(UndefinedError, match="linearly dependent"):
        selective_ridge(np.zeros((30, 4)), rng.normal(size=(30, 1)), None, 0.0)


def test_nothing_is_written_into_the_arguments(rng):
    x, y = rng.normal(size=(30, 20)), rng.normal(size=(30, 3))
    for each in (x, y):
        each.flags.writeable = False
    for k in (5, 15, None):
        selective_ridge(x, y, k, 1.0)


def exactly(x, y, alpha):
    """Penalized weights and bias by elimination in fractions, which round nothing."""
    rows = [[Fraction(float(v)) for v in row] + [Fraction(1)] for row in x]
    p, penalty = len(rows[0]), Fraction(alpha)
    system = [
        [sum(r[i] * r[j] for r in rows) + (penalty if i == j else 0) for j in range(p)]
        + [sum(r[i] * Fraction(float(v)) for r, v in zip(rows, y, strict=True))]
        for i in range(p)
    ]
    for i in range(p):
        system[i] = [each / system[i][i] for each in system[i]]
        for k in range(p):
            if k != i:
                factor = system[k][i]
                system[k] = [a - factor * b for a, b in zip(system[k], system[i], strict=True)]
    solved = np.array([float(row[-1]) for row in system])
    return solved[:-1], solved[-1]


@pytest.mark.parametrize("offset", [0.0, 1e2, 1e4, 1e6])
@pytest.mark.parametrize(
    ("n", "p", "k"), [(9, 5, None), (5, 9, None), (9, 8, 3), (9, 8, 6), (5, 12, 8)]
)
def test_a_large_mean_costs_no_digits(n, p, k, offset, rng):
    x, y = rng.normal(size=(n, p)) + offset, rng.normal(size=(n, 3))
    found = selective_ridge(x, y, k, 10.0)
    new = rng.normal(size=(4, p)) + offset
    for t in range(3):
        columns = found.columns[t]
        weights, bias = exactly(x[:, columns], y[:, t], 10)
        expected = new[:, columns].astype(np.longdouble) @ weights + bias
        ours = new[:, columns].astype(np.longdouble) @ found.weights[t] + found.intercept[t]
        np.testing.assert_allclose(ours.astype(float), expected.astype(float), rtol=0, atol=1e-7)
        np.testing.assert_allclose(found.weights[t], weights, rtol=0, atol=1e-11)
