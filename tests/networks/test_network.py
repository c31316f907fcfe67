import numpy as np
import pytest

import isocortex as ic


def test_layers_stand_in_the_order_of_execution(twice):
    network = ic.load_network(twice())
    assert network.layers == ("stem.0", "stem.1", "conv", "relu", "relu#2", "fc")
    assert network.name == "Twice"


def test_a_container_that_hands_on_can_be_asked_for(rng, twice):
    network = ic.load_network(twice())
    batch = rng.normal(size=(2, 3, 8, 8)).astype(np.float32)
    given = network.activations(batch, ["stem", "stem.1", "drop"])
    np.testing.assert_array_equal(given["stem"], given["stem.1"])
    assert list(given) == ["stem.1", "stem", "drop"]


def test_layers_can_be_restricted():
    network = ic.load_network("alexnet", None, layers=["conv1", "conv2_relu"])
    assert network.layers == ("conv1", "conv2_relu")
    assert list(network.select("all")) == ["conv1", "conv2_relu"]
    with pytest.raises(ic.InputError, match="'conv9' is not a layer"):
        ic.load_network("alexnet", None, layers=["conv9"])


def test_modes_of_modules_come_back(twice):
    module = twice().train()
    module.drop.eval()
    _ = ic.load_network(module).layers
    assert module.training
    assert not module.drop.training
    assert not module.conv._forward_hooks
