"""timm's networks, with the preprocessing of their own configuration."""

import math
from typing import Any

from isocortex.errors import MissingDependencyError
from isocortex.networks.inputs.preprocessing import Preprocessing, Transform
from isocortex.networks.zoo.hub import no_waiting
from isocortex.networks.zoo.source import Built, Source, unreachable
from isocortex.networks.zoo.torchvision_shim import torchvision

_TITLE = "timm"


def _timm() -> Any:
    torchvision()
    try:
        import timm
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            "This network needs timm: pip install 'isocortex[timm]'."
        ) from error
    return timm


def _names() -> list[str]:
    try:
        timm = _timm()
    except MissingDependencyError:
        return []
    return [*timm.list_models(), *timm.list_pretrained()]


def _build(name: str, pretrained: bool) -> Built:
    timm = _timm()
    try:
        with no_waiting():
            module = timm.create_model(name, pretrained=pretrained)
    except Exception as error:
        if not pretrained or isinstance(error, TypeError):
            raise
        raise unreachable(name, _TITLE, error) from error
    tag = module.pretrained_cfg.get("tag") or "its default weights"
    return Built(module, timm_preprocessing(module), f"{_TITLE} {tag}" if pretrained else "")


def timm_preprocessing(module: Any) -> Transform:
    """The steps that a timm module's configuration describes."""
    config = _timm().data.resolve_model_data_config(module)
    height, width = _built_for(module) or config["input_size"][1:]
    crop_pct, mode = config["crop_pct"], config["crop_mode"]
    if mode == "squash":
        resize = (math.floor(height / crop_pct), math.floor(width / crop_pct))
    else:
        resize = math.floor(min(height, width) / crop_pct)
    return Preprocessing(
        resize=resize,
        crop=(height, width),
        mean=config["mean"],
        std=config["std"],
        interpolation=config["interpolation"],
    )


def _built_for(module: Any) -> tuple[int, int] | None:
    """The ``img_size=`` that a module was built with, of which its configuration knows nothing.

    The network keeps it itself, or its first layer does, which cuts the picture into patches.
    """
    sizes = (getattr(each, "img_size", None) for each in module.modules())
    found = next((size for size in sizes if size), None)
    if found is None or isinstance(found, int):
        return None if found is None else (found, found)
    height, width = found
    return int(height), int(width)


TIMM = Source(_TITLE, _names, _build)
