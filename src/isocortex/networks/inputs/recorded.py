"""From samples and frames to what networks of sound and film take."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from isocortex.choice import is_whole
from isocortex.data.needs import door
from isocortex.display.shown import shown
from isocortex.errors import InputError

Size = int | tuple[int, int]


@door
@shown()
@dataclass(frozen=True)
class AudioPreprocessing:
    """The rate that a network of sound takes, and whether each sound is standardized.

    Parameters
    ----------
    rate : int, optional
        Samples in a second; sounds of another rate are resampled. None: whatever they have.
    standardize : bool, default=False
        Subtract each stimulus' mean and divide by √(variance + 1e-7), as wav2vec 2.0, HuBERT
        and WavLM ask for (unless their processor says ``do_normalize: false``).

    See Also
    --------
    load_network : Takes it as ``preprocessing=``.
    VideoPreprocessing, Preprocessing : The same for films and images.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> samples = ic.AudioPreprocessing(16000, standardize=True)(np.array([1.0, 3.0]))
    >>> samples.round(3).tolist()
    [-1.0, 1.0]
    """

    rate: int | None = None
    standardize: bool = False
    modality: ClassVar[str] = "audio"

    def __post_init__(self):
        _check_whole(self, "rate")

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one second: (n_samples,), 16 000 where no rate is said."""
        return (self.rate or 16000,)

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """float32 (n_samples,) of samples (n_samples,)."""
        found = np.asarray(samples, dtype=np.float64)
        if self.standardize:
            found = (found - found.mean()) / np.sqrt(found.var() + 1e-7)
        return found.astype(np.float32)


@door
@shown()
@dataclass(frozen=True)
class VideoPreprocessing:
    """Frames spread, resized, cropped, scaled to 0 … 1 and normalized.

    Parameters
    ----------
    frames : int, optional
        So many, spread evenly over each clip: of T parts of the clip, the frame that is shown
        in the middle of each. None takes all frames as they are.
    resize : (height, width) or int, optional
        An int is the length of the shorter side. Bilinear, of neighbouring pixels, as
        torchvision does it for video.
    crop : (height, width) or int, optional
        The central part that is kept.
    mean, std : sequence of 3 floats, optional
        Subtracted and divided after scaling to 0 … 1.
    frames_first : bool, default=False
        Whether the network takes (batch, frames, 3, height, width), as those of transformers
        do, and not (batch, 3, frames, height, width), as those of torchvision do.

    See Also
    --------
    load_network : Takes it as ``preprocessing=``.
    AudioPreprocessing, Preprocessing : The same for sounds and images.

    Examples
    --------
    >>> import isocortex as ic
    >>> ic.VideoPreprocessing(frames=16, resize=(128, 171), crop=112).input_shape
    (3, 16, 112, 112)
    """

    frames: int | None = None
    resize: Size | None = None
    crop: Size | None = None
    mean: Sequence[float] | None = None
    std: Sequence[float] | None = None
    frames_first: bool = False
    modality: ClassVar[str] = "video"

    def __post_init__(self):
        _check_whole(self, "frames")
        for name in ("mean", "std"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, tuple(float(each) for each in value))

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one clip; 16 frames of 112 x 112 where nothing is said."""
        size = self.crop if self.crop is not None else self.resize
        height, width = size if isinstance(size, tuple) else (size or 112, size or 112)
        n = self.frames or 16
        return (n, 3, height, width) if self.frames_first else (3, n, height, width)

    def chosen(self, times: np.ndarray, onset: float, seconds: float) -> np.ndarray:
        """Which frames of a clip are taken, by their times in seconds."""
        if self.frames is None:
            return np.arange(len(times))
        wanted = onset + (np.arange(self.frames) + 0.5) * seconds / self.frames
        return np.maximum(0, np.searchsorted(times, wanted, side="right") - 1)

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """float32 (3, n_frames, height, width) of uint8 (n_frames, height, width, 3)."""
        import torch

        given = torch.from_numpy(np.ascontiguousarray(np.moveaxis(pixels, -1, 1)))
        if self.resize is not None:
            given = _resized(given, self.resize)
        found = given.to(torch.float32) / 255
        if self.crop is not None:
            found = _cropped(found, self.crop)
        for values, change in ((self.mean, torch.Tensor.sub_), (self.std, torch.Tensor.div_)):
            if values is not None:
                change(found, torch.tensor(values)[:, None, None])
        found = found if self.frames_first else found.movedim(0, 1)
        return np.ascontiguousarray(found.numpy())


Recorded = AudioPreprocessing | VideoPreprocessing


def _check_whole(owner: Any, name: str) -> None:
    value = getattr(owner, name)
    if value is not None and not (is_whole(value) and value > 0):
        raise InputError(
            f"{type(owner).__name__}: {name}={value!r} must be a whole number above 0, or None."
        )


def _resized(frames: Any, size: Size) -> Any:
    import torch

    height, width = frames.shape[2:]
    if isinstance(size, int):
        short = min(height, width)
        size = (int(size * height / short), int(size * width / short))
    resized = torch.nn.functional.interpolate(
        frames.to(torch.float32), size=size, mode="bilinear", align_corners=False
    )
    return resized.round_().clamp_(0, 255).to(torch.uint8)


def _cropped(frames: Any, size: Size) -> Any:
    height, width = size if isinstance(size, tuple) else (size, size)
    have = frames.shape[2:]
    if have[0] < height or have[1] < width:
        raise InputError(
            f"Frames of {have[0]} x {have[1]} pixels cannot be cropped to {height} x {width}; "
            "give VideoPreprocessing a resize= too."
        )
    top, left = round((have[0] - height) / 2), round((have[1] - width) / 2)
    return frames[:, :, top : top + height, left : left + width]
