import numpy as np
import pytest
import torch

import isocortex as ic


def test_pretrained_input_of_googlenet_is_transformed():
    network = ic.load_network("googlenet", None)
    assert network.module.transform_input


def test_main_is_convolutions_and_fully_connected(alexnet):
    assert list(alexnet.select("main")) == [
        "features.0",
        "features.3",
        "features.6",
        "features.8",
        "features.10",
        "classifier.1",
        "classifier.4",
        "classifier.6",
    ]


def test_main_is_blocks_where_there_are_blocks():
    names = list(ic.load_network("resnet18", None).select("main"))
    assert names == ["conv1", *(f"layer{i}.{j}" for i in range(1, 5) for j in range(2)), "fc"]


def test_names_patterns_and_short_forms(alexnet):
    assert alexnet.select(["fc1", "conv2"]) == {"conv2": "features.3", "fc1": "classifier.1"}
    assert len(alexnet.select("features.*")) == 13
    assert list(alexnet.select("conv*_relu"))[1] == "conv2_relu"
    assert tuple(alexnet.select("all")) == alexnet.layers
    assert alexnet.select(["features.0", "features.*"])["features.0"] == "features.0"


def test_unknown_names(alexnet):
    with pytest.raises(ic.InputError, match="'conv33' is not a layer of alexnet. Did you mean"):
        alexnet.select("conv33")
    with pytest.raises(ic.InputError, match=r"'feature\.\*' pattern fits no layer"):
        alexnet.select("feature.*")
    with pytest.raises(ic.InputError, match="No layers of alexnet were asked for"):
        alexnet.select([])


def test_activations_are_those_of_a_plain_pass(alexnet, rng):
    batch = torch.from_numpy(rng.normal(size=(2, 3, 224, 224)).astype(np.float32))
    given = alexnet.activations(batch, ["conv1", "conv1_relu", "fc3"])
    module = alexnet.module.eval()
    with torch.inference_mode():
        conv1 = module.features[0](batch)
        np.testing.assert_array_equal(given["conv1"], conv1.numpy())
        np.testing.assert_array_equal(given["conv1_relu"], conv1.relu().numpy())
        np.testing.assert_array_equal(given["fc3"], module(batch).numpy())
    assert (given["conv1"] < 0).any()


def test_a_batch_is_left_alone(rng):
    network = ic.load_network(torch.nn.Sequential(torch.nn.ReLU(inplace=True)))
    batch = rng.normal(size=(2, 3, 8, 8)).astype(np.float32)
    before = batch.copy()
    batch.flags.writeable = False
    given = network.activations(batch, ["0"])["0"]
    np.testing.assert_array_equal(given, np.maximum(before, 0))
    tensor = torch.from_numpy(before.copy())
    network.activations(tensor, ["0"])
    np.testing.assert_array_equal(tensor.numpy(), before)
