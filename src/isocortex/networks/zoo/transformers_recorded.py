"""Models of transformers for sound and film, and how their input is prepared."""

from collections.abc import Mapping
from typing import Any

from isocortex.networks.inputs.preprocessing import Transform
from isocortex.networks.inputs.recorded import AudioPreprocessing, VideoPreprocessing
from isocortex.networks.inputs.whisper import WhisperPreprocessing

_RATE = 16000


def part_with_frames(module: Any) -> Any:
    """The encoder of a model that also writes text, such as Whisper; others as they are."""
    if _takes(module) == "input_features" and hasattr(module, "get_encoder"):
        return module.get_encoder()
    return module


def takes_recordings(module: Any) -> bool:
    """Whether a model takes samples (wav2vec 2.0 and its kin), Whisper's mel bands, or frames."""
    config = getattr(module, "config", None)
    if _takes(module) == "input_values":
        return hasattr(config, "conv_stride")
    if _takes(module) == "input_features":
        return hasattr(config, "num_mel_bins") and hasattr(config, "max_source_positions")
    pictures = _takes(module) in ("pixel_values", "pixel_values_videos")
    return pictures and hasattr(config, "num_frames") and hasattr(config, "image_size")


def _takes(module: Any) -> str:
    return str(getattr(module, "main_input_name", ""))


def recorded_preprocessing(module: Any, config: Mapping[str, Any] | None) -> Transform:
    """The steps that its processor's configuration tells, or else those of the published ones.

    Parameters
    ----------
    module : model of transformers
    config : mapping, optional
        Of the processor (``preprocessor_config.json``).
    """
    own, told = module.config, config or {}
    if _takes(module) == "input_values":
        rate = int(told.get("sampling_rate", _RATE))
        return AudioPreprocessing(rate, standardize=bool(told.get("do_normalize", True)))
    if _takes(module) == "input_features":
        # The first convolutions halve the frames of 10 ms.
        return WhisperPreprocessing(own.num_mel_bins, own.max_source_positions * 0.02)
    side = own.image_size
    size = (side, side) if isinstance(side, int) else (int(side[0]), int(side[1]))
    return VideoPreprocessing(
        frames=int(own.num_frames),
        resize=size,
        mean=told.get("image_mean", (0.485, 0.456, 0.406)),
        std=told.get("image_std", (0.229, 0.224, 0.225)),
        frames_first=True,
    )
