import numpy as np
import pytest
from scipy.signal import periodogram
from sklearn.decomposition import PCA
from sklearn.random_projection import SparseRandomProjection

import isocortex as ic
from isocortex.data.units import unit_shape, unit_table
from isocortex.numerics.arrays.reduction import REDUCTIONS


@pytest.fixture
def layer(rng):
    units = unit_table((4, 3, 5))
    return ic.Responses(rng.normal(size=(12, 60)), units=units, labels={"layer": "conv1"})


def up_to_sign(first, second):
    flip = np.sign((first * second).sum(0))
    np.testing.assert_allclose(first, second * flip, atol=1e-10)


def oracle_pca(x, n):
    return PCA(n, svd_solver="full").fit_transform(x)


def oracle_hist(x, n):
    return np.stack([np.histogram(row, n, (x.min(), x.max()))[0] for row in x])


ORACLES = {
    "pca": oracle_pca,
    "srp": lambda x, n: SparseRandomProjection(n, random_state=0).fit_transform(x),
    "hist": oracle_hist,
    "psd": lambda x, n: np.stack([periodogram(row)[1][:n] for row in x]),
}
each = pytest.mark.parametrize("method", REDUCTIONS)


def check(method, found, expected):
    if method == "pca":
        up_to_sign(found, expected)
    else:
        np.testing.assert_allclose(found, expected, atol=1e-10)


@each
def test_of_the_whole_layer(layer, method):
    reduced = ic.reduce(layer, method, 4)
    check(method, reduced.values, ORACLES[method](layer.values, 4))
    assert reduced.units["component"].tolist() == [0, 1, 2, 3]
    assert reduced.labels == {"layer": "conv1"}


@each
def test_of_the_vector_over_channels_at_each_position(layer, method):
    n = 3
    reduced = ic.reduce(layer, method, n, axis="channels")
    found = reduced.values.reshape(12, n, 3, 5)
    block = layer.values.reshape(12, 4, 3, 5)
    for row, column in np.ndindex(3, 5):
        expected = ORACLES[method](block[:, :, row, column], n)
        check(method, found[:, :, row, column], expected)
    assert unit_shape(reduced) == (n, 3, 5)


@each
def test_of_the_vector_over_positions_in_each_channel(layer, method):
    n = 3
    reduced = ic.reduce(layer, method, n, axis="positions")
    found = reduced.values.reshape(12, 4, n)
    block = layer.values.reshape(12, 4, 15)
    for channel in range(4):
        check(method, found[:, channel], ORACLES[method](block[:, channel], n))
    assert unit_shape(reduced) == (4, n, 1)


@each
def test_from_disk_it_is_the_same(layer, method, tmp_path):
    stored = ic.read_act_h5(ic.write_act_h5(layer, tmp_path / "a.act.h5"))["conv1"]
    for axis in (None, "channels", "positions"):
        first, second = (ic.reduce(each, method, 3, axis=axis) for each in (layer, stored))
        np.testing.assert_allclose(first.values, second.values)


@each
def test_it_follows_a_reordering_of_stimuli(layer, method, rng):
    order = rng.permutation(12)
    first, second = ic.reduce(layer, method, 3), ic.reduce(layer.take(order), method, 3)
    np.testing.assert_allclose(first.values[order], second.values, atol=1e-10)


def test_a_share_of_the_variance(layer):
    reduced = ic.reduce(layer, "pca", 0.6)
    up_to_sign(reduced.values, PCA(0.6, svd_solver="full").fit_transform(layer.values))


def test_few_units_many_stimuli(rng):
    x = rng.normal(size=(50, 3))
    up_to_sign(ic.reduce(ic.Responses(x), "pca", 3).values, oracle_pca(x, 3))


def test_components_follow_from_a_gram(layer):
    np.testing.assert_array_equal(
        ic.reduce(ic.gram(layer), "pca", 5).values, ic.reduce(layer, "pca", 5).values
    )


def test_another_seed_is_another_projection(layer):
    first, second = (ic.reduce(layer, "srp", 5, seed=seed).values for seed in (0, 1))
    assert not np.allclose(first, second)


def test_faults_are_sentences(layer):
    with pytest.raises(ic.InputError, match="n=13 components cannot be had; choose 1 to 12"):
        ic.reduce(layer, "pca", 13)
    with pytest.raises(ic.InputError, match="from 1 to 31"):
        ic.reduce(layer, "psd", 32)
    with pytest.raises(ic.InputError, match="'ica' is not known"):
        ic.reduce(layer, "ica", 3)
    with pytest.raises(ic.InputError, match="axis='rows' is not known"):
        ic.reduce(layer, "pca", 3, axis="rows")
    with pytest.raises(ic.InputError, match="its own number of components"):
        ic.reduce(layer, "pca", 0.5, axis="channels")
    with pytest.raises(ic.InputError, match="needs units with channel, row and col"):
        ic.reduce(ic.Responses(np.eye(4)), "pca", 2, axis="channels")
    with pytest.raises(ic.InputError, match="only 'pca' follows from a Gram"):
        ic.reduce(ic.gram(layer), "hist", 3)
    with pytest.raises(ic.InputError, match="does not follow from a Gram"):
        ic.reduce(ic.gram(layer), "pca", 3, axis="channels")
