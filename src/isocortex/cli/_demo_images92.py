"""The demo on real data: three networks and 15 brains that saw the same 92 images."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

import isocortex as ic
from isocortex.cli._demo import Case, ranked
from isocortex.cli._show import progress

NETWORKS = {
    "alexnet": (
        "alexnet_features",
        ["conv1_relu", "conv2_relu", "conv3_relu", "conv4_relu", "conv5_relu"],
    ),
    "squeezenet1_1": ("squeezenet1_1", "main"),
    "tf_efficientnet_lite0": ("tf_efficientnet_lite0", "main"),
}
"""For each network, the name of its folder of weights, and layers."""


def images92(into: Path) -> Case:
    """AlexNet, SqueezeNet and EfficientNet-Lite against EVC and IT of 15 people."""
    data = ic.datasets.images92()
    stacks = []
    with progress() as listener:
        for network in _networks():
            layers = NETWORKS[network.name][1]
            path = into / f"{network.name}.zarr"
            store = ic.extract(
                network, data.stimuli, layers, path, overwrite=True, progress=listener
            )
            stacks.append(ic.rdms(store, "correlation"))
    alexnet = stacks[0]
    pictured = [alexnet.select(layer=f"conv{i}_relu") for i in (1, 3, 5)]
    pictured += [data.brain.select(region=region).mean() for region in ("EVC", "IT")]
    names = ("AlexNet conv1", "AlexNet conv3", "AlexNet conv5", "EVC", "IT")
    values = np.concatenate([each.values for each in pictured])
    return Case(
        into=into,
        models=ic.RDMs.concat(stacks),
        brain=data.brain,
        pictured=ranked(ic.RDMs(values, alexnet.stimuli), names),
        groups=data.stimuli.table["category"].tolist(),
        network="alexnet",
        early="EVC",
        late="IT",
        halves=False,
    )


def _networks() -> list[ic.Network]:
    """All are loaded before any is run, so that what is missing is told at once."""
    networks = []
    for name, (folder, _) in NETWORKS.items():
        if name.startswith("tf_") and find_spec("timm") is None:
            print(f"{name} is left out, since it needs timm: pip install 'isocortex[timm]'")
            continue
        try:
            networks.append(ic.load_network(name, weights=_weights(folder)))
        except ic.NotFoundError as error:
            raise ic.NotFoundError(
                f"{error} The demo looks for a folder {folder!r} in the folder that the "
                "environment variable ISOCORTEX_WEIGHTS names."
            ) from error
    return networks


def _weights(folder: str) -> "Path | str":
    """Those on this machine, or the library's own, which are downloaded."""
    try:
        return ic.datasets.local_weights(folder)
    except ic.NotFoundError:
        return "default"
