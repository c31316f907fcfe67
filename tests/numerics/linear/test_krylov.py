import numpy as np
import pytest
from scipy import linalg

from isocortex.numerics.linear import basis, krylov


def with_spectrum(values, rng):
    axes = np.linalg.qr(rng.normal(size=(len(values), len(values))))[0]
    matrix = (axes * values) @ axes.T
    return (matrix + matrix.T) / 2


@pytest.fixture(scope="module")
def directions():
    """1600 orthonormal axes."""
    return np.linalg.qr(np.random.default_rng(1).normal(size=(1600, 1600)))[0]


@pytest.mark.parametrize("exponent", [1.0, 2.0])
@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e12])
def test_the_first_axes_are_those_that_a_matrix_was_made_of(exponent, scale, directions):
    spectrum = scale * np.arange(1, 1601.0) ** -exponent
    root = directions * np.sqrt(spectrum)
    values, vectors = krylov.leading(root @ root.T, 10)
    np.testing.assert_allclose(values, spectrum[:10], rtol=1e-12)
    np.testing.assert_allclose(abs((vectors * directions[:, :10]).sum(0)), 1, atol=1e-12)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(10), atol=1e-13)


def test_the_first_axes_are_those_of_a_full_decomposition(rng):
    matrix = with_spectrum(np.arange(1, 601.0) ** -2, rng)
    values, vectors = krylov.leading(matrix, 10)
    whole, axes = linalg.eigh(matrix)
    np.testing.assert_allclose(values, whole[::-1][:10], rtol=1e-12)
    np.testing.assert_allclose(abs((vectors * axes[:, ::-1][:, :10]).sum(0)), 1, atol=1e-12)


def test_fewer_axes_than_asked_for_where_the_rank_is_lower(rng):
    matrix = with_spectrum(np.r_[5.0 - np.arange(5), np.zeros(495)], rng)
    values, vectors = krylov.leading(matrix, 20)
    np.testing.assert_allclose(values, np.r_[5.0 - np.arange(5), np.zeros(15)], atol=1e-13)
    np.testing.assert_allclose(matrix @ vectors[:, :5], vectors[:, :5] * values[:5], atol=1e-12)


def test_a_flat_spectrum_is_left_to_a_full_decomposition(rng):
    noise = rng.normal(size=(600, 4000))
    assert krylov.leading(noise @ noise.T, 20) is None


def test_values_that_repeat_more_often_than_a_block_is_wide_are_not_lost(directions):
    rest = np.arange(1, 1541.0) ** -1.5
    root = directions * np.sqrt(np.r_[np.full(60, 2.0), rest])
    found = krylov.leading(root @ root.T, 62)
    assert found is None or np.allclose(found[0], np.r_[np.full(60, 2.0), rest[:2]])


def test_a_basis_is_the_same_by_either_way(rng, monkeypatch):
    x = rng.normal(size=(1100, 300)) / np.arange(1, 301) ** 2 @ rng.normal(size=(300, 1200))
    order = rng.permutation(1100)
    sets = x @ x.T, order[:1000], order[1000:], 15
    plain = basis.from_gram(*sets)
    monkeypatch.setattr(basis, "_KRYLOV_FROM", 100)
    found = []
    monkeypatch.setattr(basis.krylov, "leading", seen(krylov.leading, found))
    quick = basis.from_gram(*sets)
    assert found[0] is not None
    signs = np.sign((plain.train * quick.train).sum(0))
    np.testing.assert_allclose(quick.variances, plain.variances, rtol=1e-11)
    np.testing.assert_allclose(quick.train * signs, plain.train, atol=1e-10)
    np.testing.assert_allclose(quick.test * signs, plain.test, atol=1e-10 * abs(plain.test).max())


def seen(function, found):
    def wrapped(*arguments):
        found.append(function(*arguments))
        return found[-1]

    return wrapped
