import pytest
import torch

from isocortex.networks.zoo.torchvision_shim import torchvision

# Kinds of modules behind each classic name, read in the networks' papers and sources.
KINDS = {"_relu": "ReLU", "_bn": "BatchNorm2d", "_maxpool": "MaxPool2d"}


def kind_of(name):
    for suffix, kind in KINDS.items():
        if name.endswith(suffix):
            return kind
    return "Linear" if name.startswith("fc") else "Conv2d"


def without_weights(name):
    """Names are of modules, so that no weights are drawn or held."""
    options = {} if name in ("alexnet", "resnet50") else {"init_weights": False}
    with torch.device("meta"):
        return torchvision().models.get_model(name, weights=None, **options)


@pytest.mark.parametrize("name", ["alexnet", "vgg11", "vgg16", "vgg19", "vgg11_bn", "vgg19_bn"])
def test_classic_names_point_at_what_they_say(name):
    from isocortex.networks.aliases import aliases_of

    module = without_weights(name)
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

    named = aliases_of(without_weights("vgg19_bn"))
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

    module = without_weights(name)
    named = aliases_of(module)
    assert expected.items() <= named.items()
    assert set(named.values()) <= {place for place, _ in module.named_modules()}
    assert len(named) == n
