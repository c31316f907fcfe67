import numpy as np
import pytest
import torch

import isocortex as ic
from isocortex.networks.zoo.torchvision_shim import torchvision

# Kinds of modules behind each classic name, read in the networks' papers and sources.
KINDS = {"_relu": "ReLU", "_bn": "BatchNorm2d", "_maxpool": "MaxPool2d"}


@pytest.fixture(scope="module")
def alexnet():
    return ic.load_network("alexnet", weights=None)


def kind_of(name):
    for suffix, kind in KINDS.items():
        if name.endswith(suffix):
            return kind
    return "Linear" if name.startswith("fc") else "Conv2d"


@pytest.mark.parametrize("name", ["alexnet", "vgg11", "vgg16", "vgg19", "vgg11_bn", "vgg19_bn"])
def test_classic_names_point_at_what_they_say(name):
    from isocortex.networks.aliases import aliases_of

    module = (
        torchvision().models.get_model(name, weights=None, init_weights=False)
        if (name != "alexnet")
        else torchvision().models.alexnet(weights=None)
    )
    modules, aliases = dict(module.named_modules()), aliases_of(module)
    assert aliases
    for alias, place in aliases.items():
        assert type(modules[place]).__name__ == kind_of(alias), alias
    numbers = [a for a in aliases if a.startswith("conv") and a.removeprefix("conv").isdigit()]
    assert numbers == [f"conv{i}" for i in range(1, len(numbers) + 1)]


def test_alexnet_names_of_the_table(alexnet):
    named = alexnet.aliases
    assert (named["conv1"], named["conv1_relu"], named["conv1_maxpool"]) == (
        "features.0",
        "features.1",
        "features.2",
    )
    assert (named["conv5_maxpool"], named["fc1"], named["fc2_relu"], named["fc3"]) == (
        "features.12",
        "classifier.1",
        "classifier.5",
        "classifier.6",
    )
    assert len(named) == 18
    assert alexnet.layer("conv3_relu").shape == (384, 13, 13)


def test_vgg19_bn_has_its_norm_before_its_activation():
    from isocortex.networks.aliases import aliases_of

    named = aliases_of(torchvision().models.vgg19_bn(weights=None, init_weights=False))
    assert (named["conv1"], named["conv1_bn"], named["conv1_relu"]) == (
        "features.0",
        "features.1",
        "features.2",
    )
    assert named["conv16_maxpool"] == "features.52"
    assert len(named) == 58


@pytest.mark.parametrize(
    ("name", "expected", "n"),
    [
        ("resnet50", {"conv": "conv1", "layer3_bottleneck5": "layer3.5", "fc": "fc"}, 38),
        ("googlenet", {"inception4c": "inception4c", "maxpool4": "maxpool4"}, 17),
        ("inception_v3", {"conv5": "Conv2d_4a_3x3", "inception11": "Mixed_7c"}, 20),
    ],
)
def test_classic_names_of_networks_of_blocks(name, expected, n):
    from isocortex.networks.aliases import aliases_of

    options = {} if name == "resnet50" else {"init_weights": False}
    module = torchvision().models.get_model(name, weights=None, **options)
    named = aliases_of(module)
    assert expected.items() <= named.items()
    assert set(named.values()) <= {place for place, _ in module.named_modules()}
    assert len(named) == n


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
