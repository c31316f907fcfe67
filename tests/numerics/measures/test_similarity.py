import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes, svd

from isocortex.errors import UndefinedError
from isocortex.numerics.arrays.gram import centre
from isocortex.numerics.measures.similarity import SIMILARITIES

each = pytest.mark.parametrize("name", SIMILARITIES)


def centred(x):
    return x - x.mean(0)


def slow_cka(x, y):
    x, y = centred(x), centred(y)
    return np.sum((x.T @ y) ** 2) / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def slow_hsic1(k, m):
    """Song et al. 2012, equation 5, by its four-index sum over distinct stimuli."""
    n = len(k)
    total = 0.0
    for i in range(n):
        for j in range(n):
            for q in range(n):
                for r in range(n):
                    if len({i, j, q, r}) == 4:
                        total += k[i, j] * (m[i, j] + m[q, r] - 2 * m[i, q])
    return total / (n * (n - 1) * (n - 2) * (n - 3))


def slow_unbiased(x, y):
    k, m = x @ x.T, y @ y.T
    return slow_hsic1(k, m) / np.sqrt(slow_hsic1(k, k) * slow_hsic1(m, m))


def slow_procrustes(x, y):
    x, y = centred(x), centred(y)
    width = max(x.shape[1], y.shape[1])
    x, y = (np.pad(side, ((0, 0), (0, width - side.shape[1]))) for side in (x, y))
    rotation, _ = orthogonal_procrustes(x, y)
    return np.sum((x @ rotation) * y) / (np.linalg.norm(x) * np.linalg.norm(y))


def slow_cca(x, y):
    bases = [svd(centred(side), full_matrices=False)[0] for side in (x, y)]
    return svd(bases[0].T @ bases[1], compute_uv=False).mean()


ORACLES = {
    "cka": slow_cka,
    "rv": slow_cka,
    "cka_unbiased": slow_unbiased,
    "procrustes": slow_procrustes,
    "cca": slow_cca,
}


def both(rng, n=9):
    x = rng.normal(size=(n, 3)) + 2
    return x, np.c_[x @ rng.normal(size=(3, 2)) + 0.5 * rng.normal(size=(n, 2)), rng.random(n)]


def measured(name, x, y):
    return SIMILARITIES[name]([centre(x @ x.T)], [centre(y @ y.T)])[0, 0]


@each
def test_matches_an_oracle(name, rng):
    x, y = both(rng)
    np.testing.assert_allclose(measured(name, x, y), ORACLES[name](x, y), atol=1e-7)


@each
def test_is_symmetric_and_one_with_itself(name, rng):
    x, y = both(rng)
    np.testing.assert_allclose(measured(name, x, y), measured(name, y, x), atol=1e-9)
    np.testing.assert_allclose(measured(name, x, x), 1, atol=1e-9)


@each
def test_does_not_see_rotation_scale_shift_or_order(name, rng):
    x, y = both(rng)
    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    order = rng.permutation(len(x))
    wanted = measured(name, x, y)
    np.testing.assert_allclose(measured(name, 4 * x @ rotation + 7, y), wanted, atol=1e-7)
    np.testing.assert_allclose(measured(name, x[order], y[order]), wanted, atol=1e-7)


def test_unbiased_cka_of_noise_is_about_zero_where_the_biased_one_is_not(rng):
    def pair():
        return rng.normal(size=(20, 400)), rng.normal(size=(20, 400))

    unbiased = [measured("cka_unbiased", *pair()) for _ in range(100)]
    assert abs(np.mean(unbiased)) < 4 * np.std(unbiased) / 10
    assert min(unbiased) < 0
    assert measured("cka", *pair()) > 0.9


def test_cca_of_more_units_than_stimuli_is_refused(rng):
    x, y = rng.normal(size=(9, 20)), rng.normal(size=(9, 3))
    with pytest.raises(UndefinedError, match="CCA is 1 whatever"):
        measured("cca", x, y)


@each
def test_a_representation_that_does_not_vary_is_refused(name):
    x = np.ones((6, 3))
    with pytest.raises(UndefinedError):
        SIMILARITIES[name]([np.zeros((6, 6))], [centre(x @ x.T)])


def test_unbiased_cka_needs_four_stimuli(rng):
    with pytest.raises(UndefinedError, match="at least 4"):
        measured("cka_unbiased", rng.normal(size=(3, 2)), rng.normal(size=(3, 2)))
