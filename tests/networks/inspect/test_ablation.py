import numpy as np
import pytest
from torch import nn

import isocortex as ic


def test_ablated_channels_are_silent_and_the_original_is_not(plain, rng):
    batch = rng.normal(size=(2, 3, 40, 48)).astype(np.float32)
    before = plain.activations(batch, ["a", "b"])
    without = ic.ablate(plain, "a", [1, 3])
    after = without.activations(batch, ["a", "b"])
    assert (after["a"][:, [1, 3]] == 0).all()
    np.testing.assert_array_equal(after["a"][:, [0, 2]], before["a"][:, [0, 2]])
    assert (after["b"] != before["b"]).any()
    np.testing.assert_array_equal(plain.activations(batch, "a")["a"], before["a"])
    assert without.name == "plain without 2 of a"
    assert without.identity()["weights"] != plain.identity()["weights"]


def test_ablating_a_norm_and_a_transposed_convolution(plain, rng, shape):
    batch = rng.normal(size=(1, 3, 40, 48)).astype(np.float32)
    assert (ic.ablate(plain, "norm", 4).activations(batch, "norm")["norm"][:, 4] == 0).all()
    up = ic.load_network(nn.ConvTranspose2d(3, 5, 3), preprocessing=shape)
    with pytest.raises(ic.InputError):
        ic.ablate(up, "nothing", 1)
    net = ic.load_network(nn.Sequential(nn.ConvTranspose2d(3, 5, 3)), preprocessing=shape)
    assert (ic.ablate(net, "0", 2).activations(batch, "0")["0"][:, 2] == 0).all()


def test_bad_ablation(plain):
    with pytest.raises(ic.InputError, match=r"\(ReLU\) has no weights .* 'a', 'b', 'norm', 'head'"):
        ic.ablate(plain, "relu", 0)
    with pytest.raises(ic.InputError, match="has 4 channels, counted from 0; there is no 4"):
        ic.ablate(plain, "a", [0, 4])
    with pytest.raises(ic.InputError, match="must be whole numbers"):
        ic.ablate(plain, "a", [])
    with pytest.raises(ic.InputError, match="is not a layer"):
        ic.ablate(plain, "z", 0)
