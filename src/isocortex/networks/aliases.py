"""The classic names of layers (conv1_relu, fc2 …) of torchvision's classic networks.

Each function maps a module to a dict from classic name to module name. Convolutions and fully
connected layers count from 1, blocks of ResNets from 0.
"""

from collections.abc import Callable, Mapping
from typing import Any


def aliases_of(module: Any) -> dict[str, str]:
    """The classic names that are known for the class of ``module``; often none."""
    kind = type(module)
    if not kind.__module__.startswith("torchvision.models"):
        return {}
    known = ALIASES.get(kind.__name__)
    return known(module) if known else {}


def plain(module: Any) -> dict[str, str]:
    """AlexNet and the VGGs: each layer is named after the convolution before it."""
    names: dict[str, str] = {}
    for part, stem, weighted in (("features", "conv", "Conv2d"), ("classifier", "fc", "Linear")):
        count = 0
        for index, each in enumerate(getattr(module, part)):
            kind = type(each).__name__
            count += kind == weighted
            suffix = "" if kind == weighted else _SUFFIXES.get(kind)
            if suffix is not None:
                names[f"{stem}{count}{suffix}"] = f"{part}.{index}"
    return names


_SUFFIXES = {"ReLU": "_relu", "BatchNorm2d": "_bn", "MaxPool2d": "_maxpool"}


def resnet(module: Any) -> dict[str, str]:
    """ResNets: the stem, each block (also as ``bottleneck`` where it is one), and the end."""
    names = {"conv": "conv1", "bn": "bn1", "relu": "relu", "maxpool": "maxpool"}
    for stage in range(1, 5):
        for index, block in enumerate(getattr(module, f"layer{stage}")):
            names[f"layer{stage}_block{index}"] = f"layer{stage}.{index}"
            if type(block).__name__ == "Bottleneck":
                names[f"layer{stage}_bottleneck{index}"] = f"layer{stage}.{index}"
    return {**names, "avgpool": "avgpool", "fc": "fc"}


def googlenet(_module: Any) -> dict[str, str]:
    """GoogLeNet: the modules' own names."""
    inceptions = [f"inception{each}" for each in ("3a", "3b", "4a", "4b", "4c", "4d", "4e")]
    names = ["conv1", "maxpool1", "conv2", "conv3", "maxpool2", *inceptions, "maxpool3"]
    names += ["maxpool4", "inception5a", "inception5b", "fc"]
    return {name: name for name in names}


def inception(_module: Any) -> dict[str, str]:
    """Inception 3: convolutions, pools and blocks in their order."""
    convolutions = ("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "Conv2d_3b_1x1")
    convolutions += ("Conv2d_4a_3x3",)
    blocks = ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c")
    names = {f"conv{i}": name for i, name in enumerate(convolutions, start=1)}
    names |= {"maxpool1": "maxpool1", "maxpool2": "maxpool2", "avgpool": "avgpool", "fc": "fc"}
    return names | {f"inception{i}": f"Mixed_{name}" for i, name in enumerate(blocks, start=1)}


ALIASES: Mapping[str, Callable[[Any], dict[str, str]]] = {
    "AlexNet": plain,
    "VGG": plain,
    "ResNet": resnet,
    "GoogLeNet": googlenet,
    "Inception3": inception,
}
