"""The netsets of Net2Brain: whose networks they are, and which layers their settings name."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isocortex.choice import listed, suggestion
from isocortex.errors import InputError
from isocortex.networks.inputs.preprocessing import Preprocessing
from isocortex.networks.load import DEFAULT, load_network
from isocortex.networks.network import Network

PLAIN = Preprocessing(
    resize=(256, 256), crop=224, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)
)
"""What Net2Brain does with images for most netsets: squashed, cut, normalized."""

TORCHVISION = {
    "shufflenetv2x05": "shufflenet_v2_x0_5",
    "shufflenetv2x10": "shufflenet_v2_x1_0",
    "mnasnet05": "mnasnet0_5",
    "mnasnet10": "mnasnet1_0",
}
"""Names of Standard that differ from torchvision's by more than capital letters."""

OF_TORCHVISION = ("Standard", "Pytorch")
"""Classifiers, and the networks for segmentation that torch.hub takes from torchvision."""

CLIP = {
    "RN50": "resnet50_clip.openai",
    "RN101": "resnet101_clip.openai",
    "ViT-B/32": "vit_base_patch32_clip_quickgelu_224.openai",
    "ViT-B/16": "vit_base_patch16_clip_quickgelu_224.openai",
    "ViT-L/14": "vit_large_patch14_clip_quickgelu_224.openai",
}
"""The half of each that sees, as timm has it."""

ELSEWHERE = {
    "Taskonomy": "build the network by its authors' code",
    "Toolbox": "build the network by its authors' code",
    "Cornet": "build it by the package cornet",
    "Unet": "load it with torch.hub.load",
    "Yolo": "load it with torch.hub.load",
    "Huggingface": "for text, ic.extract(ic.load_network(name), ic.Stimuli.from_sentences(...))",
    "Audio": "build the network by its authors' code",
    "MMAction": "build the network by its authors' code",
    "Pyvideo": "build the network by its authors' code",
}
"""Netsets that nothing here makes, and where their networks are to be had."""

NAMED_LAYERS: Mapping[str, str] = {
    r"alexnet|vgg": r"features\.\d+",
    r"(wide_)?resne.?t\d+_": r"conv1|layer[1-4]|fc",
    r"resnet": r"layer[1-4]",
    r"densenet": r"features\.denseblock\d",
    r"googlenet": r"(conv|inception)\w+",
    r"squeezenet": r"features\.\d+",
    r"shufflenet": r"conv1|conv5|stage\d|fc",
    r"efficientnet|mobilenet": r"features(\.\d+)?",
    r"mnasnet": r"layers(\.\d+)?",
    r"regnet": r"trunk_output(\.block\d)?|fc",
    r"(deeplabv3|fcn)_resnet": r"backbone\.layer[1-4]|classifier(\.[1-4])?",
    r"deeplabv3_mobilenet": r"backbone\.([1-9]|1[0-6])|classifier(\.[1-4])?",
    r"lraspp_mobilenet": r"backbone\.([1-9]|1[0-6])",
}
"""The layers that ``"json"`` means, by what the names of networks of torchvision begin with."""

BETWEEN = ("ReLU", "MaxPool2d", "BatchNorm2d")
"""What no settings name of the plain rows of layers in AlexNet, VGG and SqueezeNet."""


def load(netset: str, model: str, weights: str | Path | None = DEFAULT) -> tuple[str, Network]:
    """A network of a netset, with the images as that netset prepares them.

    Returns
    -------
    netset : str
        As Net2Brain spells it.
    network : Network

    Raises
    ------
    InputError
        If there is no such netset or network, or nothing here makes it.
    """
    known = {name.lower(): name for name in (*OF_TORCHVISION, "Timm", "Clip", *ELSEWHERE)}
    if netset.lower() not in known:
        hint = suggestion(netset, list(known.values()))
        raise InputError(
            f"There is no netset {netset!r}. {hint}There are: {listed(known.values())}."
        )
    found = known[netset.lower()]
    if found in ELSEWHERE:
        raise InputError(
            f"The networks of the netset {found!r} are not made here: {ELSEWHERE[found]}, and "
            "give the module: FeatureExtractor(model=module)."
        )
    if found in OF_TORCHVISION:
        name = TORCHVISION.get(model.lower(), model.lower())
        return found, load_network(name, weights, preprocessing=PLAIN, name=model)
    if found == "Timm":
        return found, load_network(f"timm/{model}", weights, name=model)
    if model not in CLIP:
        raise InputError(f"The netset 'Clip' has {listed(CLIP)}, not {model!r}.")
    return found, load_network(f"timm/{CLIP[model]}", weights, name=model)


def named_layers(network: Network) -> list[str]:
    """The layers that Net2Brain's settings name, by one rule for each family; none for others."""
    called = network.name.lower()
    pattern = next((p for start, p in NAMED_LAYERS.items() if re.match(start, called)), None)
    if pattern is None:
        return []
    without = BETWEEN if pattern == r"features\.\d+" else ()
    return [
        name
        for name, module in network.module.named_modules()
        if re.fullmatch(pattern, name) and type(module).__name__ not in without
    ]


def top_level(names: list[str]) -> list[str]:
    """Names without a number before a dot, and without those whose next one is their child."""
    outer = [name for name in names if not re.search(r"\d\.", name)]
    return [
        name
        for name, after in zip(outer, [*outer[1:], ""], strict=True)
        if not after.startswith(f"{name}.")
    ]


def module_names(network: Network) -> list[str]:
    """All modules but the network itself."""
    module: Any = network.module
    return [name for name, _ in module.named_modules() if name]
