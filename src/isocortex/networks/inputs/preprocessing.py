"""From the pixels of one stimulus to what a network takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isocortex.choice import choose, counted, one_of
from isocortex.data.needs import door
from isocortex.data.pixels import WHITE, as_pixels, check_unit_range
from isocortex.display.shown import shown
from isocortex.errors import InputError

Size = int | tuple[int, int]

# Pillow's numbers.
_FILTERS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3}


@door
@shown()
@dataclass(frozen=True)
class Preprocessing:
    """Resize, crop, scale to 0 … 1, normalize: the same steps for every library's networks.

    An 8-bit image is resized and cropped as Pillow does it (and so torchvision and timm),
    then divided by 255; 16-bit pixels are divided by 65535. Floats must be from 0 to 1 where
    there is a mean or std; without, they are handed on as they are.

    Parameters
    ----------
    resize : int or (height, width), optional
        An int is the length of the shorter side. None leaves the size as it is.
    crop : int or (height, width), optional
        The central part that is kept. None keeps all.
    mean, std : sequence of float, optional
        One for each channel, subtracted and divided after scaling to 0 … 1. A single entry
        makes the image grey.
    interpolation : str, default="bilinear"
        ``"nearest"``, ``"bilinear"``, ``"bicubic"`` or ``"lanczos"``.

    See Also
    --------
    load_network : Takes it as ``preprocessing=``.
    Stimuli : The images that it is for.

    Examples
    --------
    >>> import isocortex as ic
    >>> squashed = ic.Preprocessing(resize=(224, 224), mean=(0.5,) * 3, std=(0.5,) * 3)
    >>> squashed.input_shape
    (3, 224, 224)
    """

    resize: Size | None = None
    crop: Size | None = None
    mean: Sequence[float] | None = None
    std: Sequence[float] | None = None
    interpolation: str = "bilinear"

    def __post_init__(self):
        one_of(self.interpolation, _FILTERS, "interpolation")
        for name in ("mean", "std"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, tuple(float(each) for each in value))
        if self.mean and self.std and len(self.mean) != len(self.std):
            raise InputError(
                f"Preprocessing: mean has {counted(len(self.mean), 'entry')} and std "
                f"{len(self.std)}; "
                "give one of each for every channel."
            )

    def replace(self, **changes: Any) -> "Preprocessing":
        """The same with some fields changed."""
        return replace(self, **changes)

    @property
    def input_shape(self) -> tuple[int, int, int] | None:
        """(channels, height, width) of what comes out, or None where it follows the image."""
        size = self.crop if self.crop is not None else self.resize
        if size is None or (self.crop is None and isinstance(size, int)):
            return None
        height, width = (size, size) if isinstance(size, int) else size
        return (self._channels or 3, height, width)

    @property
    def takes_unit_range(self) -> bool:
        """Whether floats must be from 0 to 1, since a mean is subtracted or a std divided by."""
        return self.mean is not None or self.std is not None

    @property
    def keeps_size(self) -> bool:
        """Whether images come out as large as they were."""
        return self.resize is None and self.crop is None

    @property
    def _channels(self) -> int | None:
        known = self.mean or self.std
        return len(known) if known else None

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """float32 (channels, height, width) of (height, width[, channels]) or (c, h, w).

        Raises
        ------
        InputError
            If the pixels are beyond the range of their kind, or no picture.
        """
        image, _ = as_pixels(pixels, WHITE, "An image")
        if self.takes_unit_range and image.dtype != np.uint8:
            check_unit_range(image, "An image")
        image = channels_first(image)
        image = _with_channels(image, self._channels)
        if self.resize is not None:
            image = _resized(image, self.resize, _FILTERS[self.interpolation])
        if self.crop is not None:
            image = cropped(image, self.crop)
        done = np.array(image, dtype=np.float32, order="C")  # A copy, which may be changed.
        normalize(done, self, eight_bit=image.dtype == np.uint8)
        return done


def normalize(images: np.ndarray, how: Preprocessing, *, eight_bit: bool) -> None:
    """Scale float32 images (..., channels, height, width) and normalize them, in place."""
    if eight_bit:
        images /= np.float32(255)
    if how.mean is not None:
        images -= np.asarray(how.mean, dtype=np.float32)[:, None, None]
    if how.std is not None:
        images /= np.asarray(how.std, dtype=np.float32)[:, None, None]


Transform = Callable[[Any], Any]

AS_THEY_ARE = Preprocessing()
"""Pixels from 0 to 1, no change of size: for modules that say nothing of their input."""

IMAGENET = Preprocessing(
    resize=256, crop=224, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)
)
"""What most networks trained on ImageNet take."""

PREPROCESSINGS: Mapping[str, Preprocessing] = {"imagenet": IMAGENET, "as_they_are": AS_THEY_ARE}


def channels_first(image: np.ndarray) -> np.ndarray:
    """(channels, height, width), whichever of the three usual forms comes in.

    Of two possible readings of a 3-D array, 8-bit pixels are channels-last (as image files
    are) and floats are channels-first (as tensors are).
    """
    if image.ndim == 2:
        return image[None]
    first, last = image.shape[0] in (1, 3), image.shape[-1] in (1, 3, 4)
    prefer_last = last and (image.dtype == np.uint8 or not first)
    return image.transpose(2, 0, 1) if prefer_last else image


def _with_channels(image: np.ndarray, channels: int | None) -> np.ndarray:
    have = image.shape[0]
    if channels is None or have == channels:
        return image
    if have == 1:
        return np.repeat(image, channels, axis=0)
    if channels == 1 and have == 3:
        # The luma of ITU-R 601, as Pillow's convert("L").
        grey = np.tensordot([0.299, 0.587, 0.114], image.astype(np.float64), 1)[None]
        return np.round(grey).astype(np.uint8) if image.dtype == np.uint8 else grey
    raise InputError(
        f"An image has {have} channels, but the preprocessing is for {channels}. "
        "Give load_network another preprocessing=."
    )


def target_size(image: np.ndarray, size: Size) -> tuple[int, int]:
    """(height, width) that an image (channels, height, width) is resized to."""
    if not isinstance(size, int):
        return size
    height, width = image.shape[1:]
    if height <= width:
        return size, int(size * width / height)
    return int(size * height / width), size


def _resized(image: np.ndarray, size: Size, resample: int) -> np.ndarray:
    from PIL import Image

    height, width = target_size(image, size)
    if (height, width) == image.shape[1:]:
        return image
    how = Image.Resampling(resample)
    if image.dtype == np.uint8 and image.shape[0] == 3:
        whole = Image.fromarray(np.ascontiguousarray(np.moveaxis(image, 0, -1)))
        return np.moveaxis(np.asarray(whole.resize((width, height), how)), -1, 0)
    kind = np.uint8 if image.dtype == np.uint8 else np.float32
    planes = [Image.fromarray(np.ascontiguousarray(plane, dtype=kind)) for plane in image]
    return np.stack([np.asarray(plane.resize((width, height), how)) for plane in planes])


def cropped(image: np.ndarray, size: Size) -> np.ndarray:
    """The central part of images (..., height, width), on black where they are smaller."""
    height, width = (size, size) if isinstance(size, int) else size
    have_h, have_w = image.shape[-2:]
    if have_h < height or have_w < width:
        above, left = max(0, (height - have_h) // 2), max(0, (width - have_w) // 2)
        below = max(0, (height - have_h + 1) // 2)
        right = max(0, (width - have_w + 1) // 2)
        others = [(0, 0)] * (image.ndim - 2)
        image = np.pad(image, (*others, (above, below), (left, right)))
        have_h, have_w = image.shape[-2:]
    top, left = round((have_h - height) / 2.0), round((have_w - width) / 2.0)
    return image[..., top : top + height, left : left + width]


def transform_of(preprocessing: "str | Transform | None") -> Transform:
    """A preset's name, a function or None (pixels as they are) as a function."""
    if preprocessing is None:
        return AS_THEY_ARE
    return choose(preprocessing, PREPROCESSINGS, "preprocessing")
