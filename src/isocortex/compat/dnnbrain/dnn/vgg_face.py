"""The architecture of VGG-Face, whose modules have the names of its layers."""

from collections import OrderedDict
from typing import Any

BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))


def vgg_face() -> Any:
    """A VGG-16 for 2622 faces, of ``torch.nn`` modules."""
    from torch import nn

    modules: OrderedDict[str, Any] = OrderedDict()
    width = 3
    for block, (channels, depth) in enumerate(BLOCKS, 1):
        for index in range(1, depth + 1):
            modules[f"conv{block}_{index}"] = nn.Conv2d(width, channels, 3, padding=1)
            modules[f"relu{block}_{index}"] = nn.ReLU()
            width = channels
        modules[f"pool{block}"] = nn.MaxPool2d(2)
    modules["flatten"] = nn.Flatten()
    for number, sizes in ((6, (512 * 7 * 7, 4096)), (7, (4096, 4096))):
        modules[f"fc{number}"] = nn.Linear(*sizes)
        modules[f"relu{number}"] = nn.ReLU()
        modules[f"dropout{number}"] = nn.Dropout()
    modules["fc8"] = nn.Linear(4096, 2622)
    return nn.Sequential(modules)
