"""Models of transformers, from a folder, a hub name or a configuration."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from isocortex.choice import first_line
from isocortex.errors import FormatError, InputError, IsocortexError, MissingDependencyError
from isocortex.networks.inputs.preprocessing import Preprocessing, Transform
from isocortex.networks.weights.fit import fill_with_nan
from isocortex.networks.zoo.hub import no_waiting
from isocortex.networks.zoo.source import Built, unreachable
from isocortex.networks.zoo.torchvision_shim import torchvision
from isocortex.networks.zoo.transformers_recorded import (
    part_with_frames,
    recorded_preprocessing,
    takes_recordings,
)
from isocortex.networks.zoo.transformers_text import class_of, is_text, read_text_model

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


def is_model(thing: Any) -> bool:
    """Whether it is a model of transformers' own."""
    own = type(thing).__module__.startswith("transformers.")
    return own and hasattr(thing, "config") and hasattr(thing, "main_input_name")


def from_config(config: Any) -> Built:
    """A module with random weights."""
    name = str(getattr(config, "model_type", type(config).__name__))
    with _as_sentences(f"The configuration {name!r} cannot be made into a network"):
        transformers = _transformers()
        if is_text(class_of(config, transformers)):
            raise InputError(
                f"The configuration {name!r} is of a network that reads text, and has no "
                "tokenizer: give load_network a folder that holds both, with weights=None for "
                "random ones."
            )
        module = transformers.AutoModel.from_config(config, trust_remote_code=False)
        module = part_that_sees(module, name)
        return Built(module, transformers_preprocessing(module, None))


def from_name(name: str, pretrained: bool) -> Built:
    """A module from a folder or, by its name, from the hub; code of a folder is never run."""
    transformers = _transformers()
    if Path(name).is_dir():
        with _as_sentences(f"The folder {name!r} cannot be read by transformers"):
            return _read(transformers, name, pretrained, {"local_files_only": True})
    try:
        with no_waiting():
            return _read(transformers, name, pretrained, {})
    except IsocortexError:
        raise
    except Exception as error:
        raise unreachable(name, _TITLE, error) from error


def _read(transformers: Any, name: str, pretrained: bool, where: Mapping[str, Any]) -> Built:
    safely = {"trust_remote_code": False, **where}
    config = transformers.AutoConfig.from_pretrained(name, **safely)
    _refuse_kernels(config, name)
    if is_text(class_of(config, transformers)):
        with _silent(transformers):
            return read_text_model(transformers, name, config, pretrained, safely)
    missing: tuple[str, ...] = ()
    if pretrained:
        with _silent(transformers):
            module, info = transformers.AutoModel.from_pretrained(
                name, config=config, output_loading_info=True, weights_only=True, **safely
            )
        missing = tuple(sorted(info["missing_keys"]))
    else:
        module = transformers.AutoModel.from_config(config, trust_remote_code=False)
    fill_with_nan(module, missing)
    seeing = part_that_sees(module, name)
    preprocessing = transformers_preprocessing(seeing, _processor_config(name))
    words = name if where else f"{_TITLE} {name}"
    return Built(seeing, preprocessing, words, _inside(module, seeing, missing))


@contextmanager
def _silent(transformers: Any) -> Iterator[None]:
    """No bars of progress on the screen while weights are read."""
    bars = transformers.utils.logging
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()


@contextmanager
def _as_sentences(what: str) -> Iterator[None]:
    """Whatever transformers stumbles over in what a user gave becomes a sentence."""
    try:
        yield
    except IsocortexError:
        raise
    except Exception as error:  # KeyError, ImportError, UnpicklingError: there is no end of kinds.
        raise FormatError(f"{what}: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    if "trust_remote_code" in str(error):
        return (
            "it needs Python code that comes with it, which isocortex never runs; if you trust "
            "it, make the module yourself and give load_network that"
        )
    if type(error).__name__ == "UnpicklingError":
        return "its weights are not plain tensors, or are damaged; nothing in them was run"
    return first_line(error, with_kind=True)


def _refuse_kernels(config: Any, name: str) -> None:
    """An attention named like a place on a hub would be fetched, and run."""
    attention = str(getattr(config, "_attn_implementation", None))
    if "/" in attention:
        raise FormatError(
            f"The configuration of {name!r} asks for the code {attention!r} to be fetched and run, "
            "which isocortex never does."
        )


def _inside(module: Any, part: Any, missing: Sequence[str]) -> tuple[str, ...]:
    """The names in ``missing`` as a part of the module calls them, if they are of that part."""
    if part is module:
        return tuple(missing)
    own = next(name for name, each in module.named_modules() if each is part) + "."
    return tuple(name.removeprefix(own) for name in missing if name.startswith(own))


_TOWERS = ("vision_model", "vision_tower", "image_model", "vision_encoder", "visual")
_AUDIO = ("input_values", "input_features")


def part_that_sees(module: Any, name: str) -> Any:
    """The module itself, the vision half of one such as CLIP, or the encoder of Whisper.

    Raises
    ------
    InputError
        If it takes anything else, such as spectrograms of other kinds.
    """
    if "text" in _modalities(module) or module.main_input_name != "pixel_values":
        towers = [n for n, _ in module.named_modules() if n.rpartition(".")[2] in _TOWERS]
        if towers:
            module = module.get_submodule(min(towers, key=lambda each: each.count(".")))
        elif "image" in _modalities(module) and is_model(getattr(module, "encoder", None)):
            module = module.encoder
    sense = _sense(module)
    if sense == "image":
        return module
    if sense in ("audio", "video"):
        module = part_with_frames(module)
        if takes_recordings(module):
            return module
    taken = getattr(module, "main_input_name", "other inputs")
    raise InputError(
        f"{name!r} is a network for {sense} ({type(module).__name__} takes {taken!r}), while the "
        "stimuli that networks are shown here are images, text, samples of sound (or Whisper's "
        "spectrogram) or frames. To use it all the same, put it into a torch.nn.Module of your "
        "own whose forward takes an array."
    )


def _modalities(module: Any) -> tuple[str, ...]:
    """What a model takes, as far as its version of transformers says so."""
    told = getattr(module, "input_modalities", None) or ()
    return (told,) if isinstance(told, str) else tuple(told)


def _sense(module: Any) -> str:
    taken = getattr(module, "main_input_name", "pixel_values")
    if taken == "pixel_values_videos" or hasattr(getattr(module, "config", None), "num_frames"):
        return "video"
    if taken in _AUDIO:
        return "audio"
    if taken == "pixel_values" or "image" in _modalities(module):
        return "image"
    return "text" if taken in ("input_ids", "inputs_embeds") else f"{taken!r}"


def _processor_config(name: str) -> Mapping[str, Any] | None:
    for file, key in _PROCESSOR_FILES.items():
        if (Path(name) / file).is_file():
            content = json.loads((Path(name) / file).read_text(encoding="utf8"))
            return content.get(key) if key else content
    if Path(name).is_dir():
        return None
    try:
        processor = _transformers().AutoImageProcessor.from_pretrained(
            name, trust_remote_code=False
        )
    except (OSError, ValueError):
        return None
    return processor.to_dict()


_PROCESSOR_FILES: Mapping[str, str] = {
    "preprocessor_config.json": "",
    "processor_config.json": "image_processor",
}
"""Where transformers writes how images are prepared, and under which key there."""


def transformers_preprocessing(module: Any, config: Mapping[str, Any] | None) -> Transform:
    """The steps of an image processor's configuration, or of the model's image size alone.

    Without a processor's configuration the image is squashed to the size that the model was
    made for, and scaled to −1 … 1, as ViT's processor does.
    """
    if takes_recordings(module):
        return recorded_preprocessing(module, config)
    if config is None:
        side = _two(getattr(getattr(module, "config", None), "image_size", None) or 224)
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
