"""What Net2Brain's own tests ask of its distances, with scipy's and numpy's as the truth."""

import inspect

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist, squareform

import isocortex as ic
from isocortex.compat.net2brain import rdm
from isocortex.compat.net2brain.rdm import LayerRDM, dist, register_distance_function
from isocortex.compat.net2brain.rdm.dist import correlation, cosine, euclidean, manhattan
from isocortex.compat.net2brain.rdm.dist_utils import _REGISTERED

BY_NAME = {
    "euclidean": (euclidean, "euclidean"),
    "manhattan": (manhattan, "cityblock"),
    "cosine": (cosine, "cosine"),
    "correlation": (correlation, "correlation"),
}


@pytest.mark.parametrize("batch", [(), (3,)])
@pytest.mark.parametrize("name", BY_NAME)
def test_each_distance_by_its_own_name(name, batch, rng):
    function, scipys = BY_NAME[name]
    x, y = torch.tensor(rng.random((*batch, 6, 9))), torch.tensor(rng.random((*batch, 4, 9)))
    for others in (x, y):
        a, b = (each.numpy().reshape(-1, *each.shape[-2:]) for each in (x, others))
        truth = np.stack([cdist(p, q, scipys) for p, q in zip(a, b, strict=True)])
        found = function(x, None if others is x else others)
        np.testing.assert_allclose(found, truth.reshape(found.shape), atol=1e-12)


def test_correlation_is_that_of_numpy_and_torch(rng):
    x = torch.tensor(rng.random((8, 20)))
    np.testing.assert_allclose(correlation(x), 1 - np.corrcoef(x), atol=1e-12)
    np.testing.assert_allclose(correlation(x), 1 - torch.corrcoef(x), atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
@pytest.mark.parametrize("batch", [None, 2])
def test_triangles_are_those_of_scipy(dtype, batch):
    drawn = torch.Generator().manual_seed(3)
    squares = torch.rand([n for n in (batch, 7, 7) if n], dtype=dtype, generator=drawn)
    pairs = torch.rand([n for n in (batch, 21) if n], dtype=dtype, generator=drawn)
    each = [squareform(s, checks=False) for s in squares.reshape(-1, 7, 7)]
    np.testing.assert_array_equal(rdm.to_condensed(squares).reshape(-1, 21), each)
    each = [squareform(v) for v in pairs.reshape(-1, 21)]
    np.testing.assert_array_equal(rdm.to_distance_matrix(pairs).reshape(-1, 7, 7), each)


@pytest.mark.parametrize("shape", [(5, 4), (8, 3), (4, 12, 15)])
def test_what_is_not_square_is_a_value_error(shape):
    with pytest.raises(ValueError, match=r"to_condensed needs \(n, n\)"):
        rdm.to_condensed(torch.rand(shape))


@pytest.mark.parametrize("shape", [(8, 7), (7,)])
def test_what_is_no_triangle_is_a_value_error(shape):
    with pytest.raises(ValueError, match="7"):
        rdm.to_distance_matrix(torch.rand(shape))


@pytest.mark.parametrize("metric", ["euclidean", "correlation"])
@pytest.mark.parametrize("chunk_size", [16, 1024])
def test_chunks_change_nothing(metric, chunk_size, rng):
    x = rng.random((50, 8))
    found = dist(torch.tensor(x), chunk_size=chunk_size, metric=metric)
    np.testing.assert_allclose(found, cdist(x, x, metric), atol=1e-12)


@pytest.fixture
def registry():
    yield
    _REGISTERED.clear()


def test_a_registered_distance_is_known_by_its_name(registry, rng):
    @register_distance_function(name="squared", support_batch=False)
    def _(x, y=None):
        assert x.ndim == 2
        return torch.cdist(x, x if y is None else y) ** 2

    @register_distance_function(output_condensed=True)
    def summed(x):
        return torch.nn.functional.pdist(x, p=1)

    x = rng.random((2, 5, 4))
    truth = np.stack([cdist(each, each, "sqeuclidean") for each in x])
    np.testing.assert_allclose(dist(torch.tensor(x), metric="squared"), truth, atol=1e-7)
    found = dist(torch.tensor(x[0]), metric="summed")
    np.testing.assert_allclose(found, cdist(x[0], x[0], "cityblock"), atol=1e-12)
    assert rdm.valid_distance_functions()[-2:] == ["squared", "summed"]
    with pytest.raises(ic.InputError, match="a distance 'cosine' already"):
        register_distance_function()(cosine)


def test_names_lie_where_scripts_look_for_them():
    from isocortex.compat.net2brain import rdm_creation

    assert LayerRDM is rdm_creation.LayerRDM is rdm.rdm.LayerRDM
    assert inspect.isfunction(rdm.dist), "the function, not the module of the same name"
    assert {"euclidean", "manhattan", "cosine", "correlation", "pearson"} <= set(vars(rdm))
