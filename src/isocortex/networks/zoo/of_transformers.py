"""Vision models of transformers, from a folder, a hub name or a configuration."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isocortex.errors import FormatError, MissingDependencyError
from isocortex.networks.preprocessing import Preprocessing, Transform
from isocortex.networks.torchvision_shim import torchvision
from isocortex.networks.weights import spoil
from isocortex.networks.zoo.offline import no_waiting
from isocortex.networks.zoo.source import unreachable

_TITLE = "transformers"
_FILTERS = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic"}


def _transformers() -> Any:
    torchvision()
    try:
        import transformers
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            "This network needs transformers: pip install 'isocortex[transformers]'."
        ) from error
    return transformers


def is_model_folder(path: str | Path) -> bool:
    """Whether a folder was saved by ``save_pretrained``."""
    return (Path(path) / "config.json").is_file()


def is_config(thing: Any) -> bool:
    """Whether it is a configuration of transformers (asked without importing it)."""
    return any(
        kind.__module__.startswith("transformers") and kind.__name__ in _CONFIGS
        for kind in type(thing).__mro__
    )


_CONFIGS = ("PretrainedConfig", "PreTrainedConfig")


def from_config(config: Any) -> tuple[Any, Transform]:
    """A module with random weights."""
    module = _part_that_sees(_transformers().AutoModel.from_config(config))
    return module, transformers_preprocessing(module, None)


def from_name(name: str, pretrained: bool) -> tuple[Any, Transform, tuple[str, ...]]:
    """A module from a folder or, by its name, from the hub.

    Returns
    -------
    module, preprocessing
    missing : names of parameters that the checkpoint lacks; they are NaN
    """
    transformers = _transformers()
    missing: tuple[str, ...] = ()
    try:
        with no_waiting():
            if pretrained:
                module, info = transformers.AutoModel.from_pretrained(
                    name, output_loading_info=True
                )
                missing = tuple(sorted(info["missing_keys"]))
            else:
                config = transformers.AutoConfig.from_pretrained(name)
                module = transformers.AutoModel.from_config(config)
            processor = _processor_config(name)
    except (OSError, ValueError) as error:
        if Path(name).is_dir():
            raise FormatError(
                f"The folder {name!r} cannot be read by transformers: {str(error).splitlines()[0]}"
            ) from error
        raise unreachable(name, _TITLE, error) from error
    spoil(module, missing)
    module = _part_that_sees(module)
    return module, transformers_preprocessing(module, processor), missing


def _part_that_sees(module: Any) -> Any:
    """The vision half of a model that takes images and text, such as CLIP."""
    takes_text = getattr(module, "main_input_name", "pixel_values") != "pixel_values"
    return module.vision_model if takes_text and hasattr(module, "vision_model") else module


def _processor_config(name: str) -> Mapping[str, Any] | None:
    file = Path(name) / "preprocessor_config.json"
    if file.is_file():
        return json.loads(file.read_text(encoding="utf8"))
    if Path(name).is_dir():
        return None
    try:
        processor = _transformers().AutoImageProcessor.from_pretrained(name)
    except (OSError, ValueError):
        return None
    return processor.to_dict()


def transformers_preprocessing(module: Any, config: Mapping[str, Any] | None) -> Transform:
    """The steps of an image processor's configuration, or of the model's image size alone.

    Without a processor's configuration the image is squashed to the size that the model was
    made for, and scaled to −1 … 1, as ViT's processor does.
    """
    if config is None:
        side = _two(getattr(module.config, "image_size", 224))
        return Preprocessing(resize=side, mean=(0.5,) * 3, std=(0.5,) * 3, interpolation="bilinear")
    size, crop = config.get("size"), config.get("crop_size")
    resize = _size(size) if config.get("do_resize", True) and size else None
    if isinstance(resize, int) and resize < 384 and config.get("crop_pct") and crop is None:
        crop, resize = resize, int(resize / config["crop_pct"])
    normal = config.get("do_normalize", True)
    return Preprocessing(
        resize=resize,
        crop=_size(crop) if crop and config.get("do_center_crop", True) else None,
        mean=config.get("image_mean", (0.5,) * 3) if normal else None,
        std=config.get("image_std", (0.5,) * 3) if normal else None,
        interpolation=_FILTERS.get(config.get("resample", 2), "bilinear"),
    )


def _size(size: Any) -> Any:
    """(height, width), or the length of the shorter side."""
    if not isinstance(size, Mapping):
        return size if isinstance(size, int) else _two(size)
    if "shortest_edge" in size:
        return int(size["shortest_edge"])
    return int(size["height"]), int(size["width"])


def _two(size: Any) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (int(size[0]), int(size[1]))
