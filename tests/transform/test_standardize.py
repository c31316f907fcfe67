import numpy as np
import pytest
from scipy.stats import zscore

import isocortex as ic
from isocortex.data.units import unit_table

AXIS = {"units": 1, "stimuli": 0}
each = pytest.mark.parametrize("axis", AXIS)


@pytest.fixture
def layer(rng):
    units = unit_table((4, 3, 5))
    return ic.Responses(rng.normal(2, 3, size=(7, 60)), units=units, labels={"layer": "conv1"})


@pytest.fixture
def on_disk(layer, tmp_path):
    return ic.read_act_h5(ic.write_act_h5(layer, tmp_path / "a.act.h5"))["conv1"]


@each
def test_it_is_the_z_score(layer, axis):
    scaled = ic.standardize(layer, axis)
    np.testing.assert_allclose(scaled.values, zscore(layer.values, axis=AXIS[axis]), atol=1e-12)
    assert scaled.labels == layer.labels
    assert scaled.units.equals(layer.units)


@each
def test_a_layer_on_disk_stays_there_and_gives_the_same(layer, on_disk, axis):
    scaled = ic.standardize(on_disk, axis)
    expected = zscore(layer.values, axis=AXIS[axis])
    assert not isinstance(scaled.values, np.ndarray)
    np.testing.assert_allclose(scaled.numpy(), expected, atol=1e-12)
    np.testing.assert_allclose(scaled.take([3, 1]).values, expected[[3, 1]], atol=1e-12)
    np.testing.assert_allclose(scaled.values[1:3, 5:9], expected[1:3, 5:9], atol=1e-12)
    np.testing.assert_allclose(ic.gram(scaled).matrix, expected @ expected.T, atol=1e-10)


def test_from_a_gram_it_is_the_gram_of_the_standardized(layer):
    fast = ic.standardize(ic.gram(layer))
    slow = ic.gram(ic.standardize(layer))
    np.testing.assert_allclose(fast.matrix, slow.matrix, atol=1e-10)
    np.testing.assert_allclose(fast.row_sums, slow.row_sums, atol=1e-10)


def test_moments_over_many_blocks(rng, monkeypatch):
    from isocortex.numerics.arrays import moments

    blocks = moments.column_blocks
    monkeypatch.setattr(moments, "column_blocks", lambda x: blocks(x, 8 * len(x) * 7))
    x = rng.normal(1e4, 1, size=(5, 100))
    for axis in (0, 1):
        mean, deviation, constant = moments.moments(x, axis)
        np.testing.assert_allclose(mean, x.mean(axis))
        np.testing.assert_allclose(deviation, x.std(axis))
        assert not constant.any()


def test_faults_are_sentences(layer):
    constant = layer.numpy().copy()
    constant[2] = 0.1
    dull = layer.replace(values=constant)
    with pytest.raises(ic.UndefinedError, match="1 stimulus is constant over the units"):
        ic.standardize(dull)
    with pytest.raises(ic.UndefinedError, match="'stimulus 2'"):
        ic.standardize(ic.gram(dull))
    constant = layer.numpy().copy()
    constant[:, 7] = 0.1
    with pytest.raises(ic.UndefinedError, match=r"1 of 60 units are constant.*first at 7"):
        ic.standardize(layer.replace(values=constant), "stimuli")
    with pytest.raises(ic.InputError, match="Did you mean 'units'"):
        ic.standardize(layer, "unit")
    with pytest.raises(ic.InputError, match="does not follow from a Gram"):
        ic.standardize(ic.gram(layer), "stimuli")
