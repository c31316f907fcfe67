import numpy as np
import pytest
from scipy.signal import periodogram
from scipy.spatial.distance import pdist
from sklearn.decomposition import PCA

from isocortex.errors import InputError
from isocortex.numerics.arrays.reduction import (
    REDUCTIONS,
    hist,
    n_components_of_share,
    pca,
    principal_scores,
    psd,
    srp,
)


@pytest.mark.parametrize("n", [1, 5, 0.7])
@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_principal_scores_are_those_of_scikit_learn(n, offset, rng):
    x = rng.normal(size=(12, 30)) * np.linspace(1, 4, 30) + offset
    expected = PCA(n, svd_solver="full").fit_transform(x)
    found = pca(x, n)
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-8)
    largest = found[np.abs(found).argmax(0), np.arange(found.shape[1])]
    assert (largest > 0).all()
    np.testing.assert_allclose(principal_scores(x @ x.T, n, 12), found, atol=1e-3)


def test_a_random_projection_is_linear_seeded_and_keeps_distances(rng):
    x = rng.normal(size=(10, 4000))
    found = srp(x, 1500, seed=3)
    np.testing.assert_array_equal(found, srp(x, 1500, seed=3))
    np.testing.assert_allclose(srp(2 * x, 1500, seed=3), 2 * found)
    assert not np.array_equal(found, srp(x, 1500, seed=4))
    np.testing.assert_allclose(pdist(found) / pdist(x), 1, atol=0.15)


def test_bins_are_the_same_for_all_stimuli_and_hold_every_unit(rng):
    x = rng.normal(size=(5, 40))
    expected = [np.histogram(row, 6, (x.min(), x.max()))[0] for row in x]
    np.testing.assert_array_equal(hist(x, 6), expected)


def test_spectra_are_those_of_scipy(rng):
    x = rng.normal(size=(5, 33))
    np.testing.assert_allclose(psd(x, 9), periodogram(x, axis=1)[1][:, :9])


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("n", [0, 999, 2.5])
def test_numbers_that_cannot_be_had_are_refused(name, n, rng):
    if name == "hist" and n == 999:
        return
    with pytest.raises(InputError, match=f"n={n}"):
        REDUCTIONS[name](rng.normal(size=(6, 20)), n, 0)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8, 0.999])
def test_components_of_a_share_are_those_of_scikit_learn(share, rng):
    x = rng.normal(size=(30, 8)) * np.arange(1, 9)
    variances = PCA(svd_solver="full").fit(x).explained_variance_
    theirs = PCA(share, svd_solver="full").fit(x).n_components_
    assert n_components_of_share(variances, share) == theirs
