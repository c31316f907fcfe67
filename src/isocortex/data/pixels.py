"""What the numbers of a picture mean: a range for each kind of pixel, of files and arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from isocortex.errors import InputError

Background = tuple[int, int, int]

WHITE: Background = (255, 255, 255)


@dataclass(frozen=True)
class PixelKind:
    """Numbers whose black and white are known, or are not."""

    holds: str
    """In words."""
    white: float | None
    """The number of full brightness (black is 0); None if the type does not say it."""
    becomes: str
    """What :meth:`isocortex.Stimuli.read` gives for it."""


ONE_BIT = PixelKind("black or white", 1, "0 or 255, 8-bit")
EIGHT_BIT = PixelKind("0 to 255", 255, "0 to 255, 8-bit")
SIXTEEN_BIT = PixelKind("0 to 65535", 65535, "divided by 65535, float32")
INTEGER = PixelKind("any integers", None, "8-bit if all lie from 0 to 255, otherwise refused")
FLOAT = PixelKind("0 to 1", 1, "as it is; beyond 0 to 1 refused")

MODES: Mapping[str, PixelKind] = {
    "1": ONE_BIT,
    **dict.fromkeys(("L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX"), EIGHT_BIT),
    **dict.fromkeys(("CMYK", "YCbCr", "LAB", "HSV"), EIGHT_BIT),
    **dict.fromkeys(("I;16", "I;16L", "I;16B", "I;16N"), SIXTEEN_BIT),
    "I": INTEGER,
    "F": FLOAT,
}
"""Kinds of the pixels of files, by Pillow's modes."""

DTYPES: Mapping[str, PixelKind] = {
    "bool": ONE_BIT,
    "uint8": EIGHT_BIT,
    "uint16": SIXTEEN_BIT,
    **dict.fromkeys(("int8", "int16", "int32", "int64", "uint32", "uint64"), INTEGER),
    **dict.fromkeys(("float16", "float32", "float64"), FLOAT),
}
"""Kinds of the pixels of arrays, by dtype, in any byte order."""


@cache
def _kind_of(dtype: np.dtype) -> PixelKind | None:
    return DTYPES.get(dtype.name)  # Which numpy puts together anew each time.


def scaled(pixels: np.ndarray, kind: PixelKind, who: str) -> np.ndarray:
    """Pixels of a kind as uint8 from 0 to 255, or as floats.

    Raises
    ------
    InputError
        If the type does not tell the range and the numbers are beyond 0 to 255.
    """
    if kind is FLOAT or (kind is EIGHT_BIT and pixels.dtype == np.uint8):
        return pixels
    if kind is ONE_BIT:
        return pixels.astype(np.uint8) * np.uint8(255)
    if kind is SIXTEEN_BIT:
        return pixels.astype(np.float32) / np.float32(65535)
    low, high = int(pixels.min()), int(pixels.max())
    if low < 0 or high > 255:
        raise InputError(
            f"{who} holds {pixels.dtype.name} numbers from {low} to {high}, whose type does not "
            f"say what is white: they are taken from 0 to 255 only. {_how_to_scale(low, high)}"
        )
    return pixels.astype(np.uint8)


def check_unit_range(pixels: np.ndarray, who: str) -> None:
    """Floats must be finite and from 0 to 1, but for what rounding adds.

    Raises
    ------
    InputError
        With the range that was found, and how to scale it.
    """
    low, high = float(pixels.min()), float(pixels.max())
    if not np.isfinite([low, high]).all():
        raise InputError(f"{who} holds NaN or infinite numbers.")
    slack = 4 * float(np.finfo(pixels.dtype).eps)
    if low < -slack or high > 1 + slack:
        raise InputError(
            f"{who} holds floats from {low:.6g} to {high:.6g}, but floats are pixels from 0 "
            f"(black) to 1 (white). {_how_to_scale(low, high)}"
        )


def _how_to_scale(low: float, high: float) -> str:
    if low < 0:
        return (
            f"Map black to 0 and white to 1 yourself, such as (pixels - ({low:.6g})) / "
            f"({high:.6g} - ({low:.6g})), the same way for all stimuli."
        )
    white = next((each for each in (255, 4095, 65535) if high <= each), None)
    if white is None:
        return "Divide all stimuli by the number that is white."
    eight = " (or, whole numbers, astype(np.uint8))" if white == 255 else ""
    return f"If {white} is white, divide all stimuli by {white}{eight}."


def check_set(arrays: Mapping[str, np.ndarray]) -> None:
    """The values of arrays must agree with what their types promise, looked at together.

    Raises
    ------
    InputError
        If integers are 0 and 1 alone, or 16-bit numbers are no larger than 8-bit ones are.
    """
    largest: dict[str, int] = {}
    for each in arrays.values():
        if each.dtype.kind in "ui" and each.dtype != np.uint8:
            largest[each.dtype.name] = max(largest.get(each.dtype.name, 0), int(each.max()))
    for name, top in largest.items():
        if name == "uint16" and 0 < top <= 255:
            raise InputError(
                f"Stimuli.from_arrays: uint16 pixels are taken from 0 to 65535, but the largest is "
                f"{top}. If they are 8-bit pixels, give array.astype(np.uint8)."
            )
        if name != "uint16" and top == 1:
            raise InputError(
                f"Stimuli.from_arrays: the {name} pixels are 0 and 1 alone. If 1 is white, give "
                "array.astype(bool); if white is 255, array.astype(np.uint8)."
            )


def as_pixels(array: Any, background: Background, who: str) -> tuple[np.ndarray, bool]:
    """An array as uint8 or float pixels, and whether it was seen through in places.

    (height, width, 4) is red, green, blue and opacity, and, of integers, (height, width, 2)
    is grey and opacity; both lie on the background.

    Raises
    ------
    InputError
        If it is no picture.
    """
    array = np.asarray(array)
    kind = _kind_of(array.dtype)
    if array.ndim not in (2, 3) or not array.size or kind is None:
        raise InputError(
            f"{who} has shape {array.shape} and type {array.dtype}; an image is (height, width), "
            "(height, width, 3), (height, width, 4) with opacity, or (channels, height, width), "
            f"of {', '.join(DTYPES)}."
        )
    if kind is FLOAT and not np.isfinite(array).all():
        raise InputError(f"{who} holds NaN or infinite numbers.")
    pixels = scaled(array, kind, who)
    return on_background(pixels, background) if _has_opacity(array) else (pixels, False)


def _has_opacity(array: np.ndarray) -> bool:
    if array.ndim != 3 or array.dtype == np.bool_:
        return False
    first, last = array.shape[0], array.shape[-1]
    if array.dtype.kind != "f":
        return last == 4 or (last == 2 and first not in (1, 3))
    # Floats of another range are no colours; what they are is for the network to say.
    return last == 4 and first not in (1, 3) and array.min() >= 0 and array.max() <= 1


def on_background(pixels: np.ndarray, background: Sequence[int]) -> tuple[np.ndarray, bool]:
    """(height, width, 3) of colours or grey with opacity last, and whether any shows through."""
    full = 255 if pixels.dtype == np.uint8 else 1
    see_through = bool(pixels[..., -1].min() < full)
    opacity = pixels[..., -1:].astype(np.float64) / full
    behind = np.asarray(background) * (full / 255)
    mixed = pixels[..., :-1] * opacity + behind * (1 - opacity)
    return (np.rint(mixed) if full == 255 else mixed).astype(pixels.dtype), see_through


def checked_background(background: Any) -> Background:
    """A colour as three numbers from 0 to 255.

    Raises
    ------
    InputError
        If it is none: a name, ``"#8080ff"``, one number for grey, or three numbers.
    """
    from PIL import ImageColor

    wanted = (
        f"background={background!r} is no colour. Give a name such as 'white' or 'gray', a code "
        "such as '#8080ff', a grey from 0 to 255, or three whole numbers from 0 to 255."
    )
    try:
        if isinstance(background, str):
            return ImageColor.getrgb(background)[:3]
        numbers = np.atleast_1d(np.asarray(background))
    except ValueError:
        raise InputError(wanted) from None
    fits = numbers.dtype.kind in "ui" and numbers.shape in ((1,), (3,))
    if not fits or numbers.min() < 0 or numbers.max() > 255:
        raise InputError(wanted)
    red, green, blue = np.broadcast_to(numbers, 3).tolist()
    return red, green, blue
