import sys

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

import isocortex as ic
from isocortex.populations.embed import EMBEDDINGS

METHODS = [name for name in EMBEDDINGS if name != "umap"]


@pytest.fixture(scope="module")
def ring():
    angles = np.arange(-90, 90, 3.0)
    return ic.simulate_responses(ic.gratings(angles, size=(2, 2)), n_units=60, noise=0.1)


def test_pca_tsne_is_the_usual_recipe():
    angles = np.arange(-90, 90, 1.5)
    population = ic.simulate_responses(ic.gratings(angles, size=(2, 2)), n_units=60)
    few = PCA(20, random_state=0).fit_transform(population.numpy())
    expected = TSNE(2, random_state=0).fit_transform(few)
    np.testing.assert_allclose(ic.embed(population).numpy(), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_neighbours_stay_neighbours(method, ring):
    points = ic.embed(ring, method)
    assert points.stimuli == ring.stimuli
    assert points.units["dimension"].tolist() == [1, 2]
    assert points.labels["embedding"] == method
    assert points.labels["region"] == "simulated"
    near = spearmanr(pdist(points.numpy()), pdist(ring.numpy()))[0]
    assert near > 0.6


@pytest.mark.parametrize("method", METHODS)
def test_the_seed_rules(method, ring):
    np.testing.assert_array_equal(ic.embed(ring, method).numpy(), ic.embed(ring, method).numpy())


def test_mds_of_points_in_a_plane_gives_their_distances(rng):
    points = rng.normal(size=(15, 2))
    flat = ic.Responses(np.hstack([points, np.zeros((15, 3))]))
    np.testing.assert_allclose(pdist(ic.embed(flat, "mds").numpy()), pdist(points), atol=1e-3)


@pytest.mark.slow  # umap compiles itself when it is imported
def test_umap(ring):
    pytest.importorskip("umap")
    points = ic.embed(ring, "umap")
    assert points.numpy().shape == (60, 2)
    assert spearmanr(pdist(points.numpy()), pdist(ring.numpy()))[0] > 0.4


def test_umap_is_optional(ring, monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(ic.MissingDependencyError, match="pip install"):
        ic.embed(ring, "umap")


def test_few_stimuli_and_a_function(rng):
    few = ic.Responses(rng.normal(size=(5, 8)))
    assert ic.embed(few).numpy().shape == (5, 2)
    assert ic.embed(few, lambda x, n, seed: x[:, :n], n_dimensions=3).numpy().shape == (5, 3)


def test_bad_input(rng):
    with pytest.raises(ic.InputError, match="Did you mean 'pca"):
        ic.embed(ic.Responses(rng.normal(size=(9, 8))), "pca_tsn")
    with pytest.raises(ic.InputError, match="9 dimensions are not possible"):
        ic.embed(ic.Responses(rng.normal(size=(9, 8))), n_dimensions=9)
    with pytest.raises(ic.InputError, match="at least 4 stimuli"):
        ic.embed(ic.Responses(rng.normal(size=(3, 8))))


def test_principal_components_are_those_of_reduce(rng):
    population = ic.Responses(rng.normal(size=(20, 50)) + 1e4)
    theirs = PCA(3, svd_solver="full").fit_transform(population.numpy())
    ours = ic.embed(population, "pca", n_dimensions=3).numpy()
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=1e-8)
    np.testing.assert_array_equal(ours, ic.reduce(population, "pca", 3).numpy())
    assert (ours[np.abs(ours).argmax(0), range(3)] > 0).all()
