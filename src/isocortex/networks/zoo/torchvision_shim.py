"""``import torchvision`` where its compiled operators cannot be loaded.

A CPU-only torch beside a torchvision that was built for CUDA fails with "operator
torchvision::nms does not exist": the library of compiled operators is not loaded, and then
torchvision describes operators that nobody declared. Declaring them is enough for models and
transforms (not for ``ops.nms`` and ``io.read_image``). It must happen before timm or
transformers are imported, so every file of this room that needs one of the three asks here.
"""

import importlib
import sys
from functools import cache
from types import ModuleType
from typing import Any

_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"

# Whoever lets go of a library object takes its declarations back, so it is kept for good.
_kept: list[Any] = []


@cache
def torchvision() -> ModuleType:
    """The module ``torchvision``, imported in a way that works beside a CPU-only torch."""
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
    _declare_operators()
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    return importlib.import_module("torchvision")


def _declare_operators() -> None:
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        library.define(operator + _SIGNATURE)
    _kept.append(library)
