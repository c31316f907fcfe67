"""Picture files, as a person sees them: all that knows Pillow's ways of reading."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from isocortex.data.pixels import (
    FLOAT,
    INTEGER,
    MODES,
    SIXTEEN_BIT,
    WHITE,
    Background,
    check_unit_range,
    scaled,
)
from isocortex.errors import (
    FormatError,
    InputError,
    IsocortexError,
    MissingDependencyError,
    NotFoundError,
    StorageError,
)

NOT_PICTURES = frozenset(("BUFR", "EPS", "FPX", "GRIB", "HDF5", "IPTC", "MIC", "MPEG", "WMF"))
"""What Pillow opens but cannot decode itself; EPS it hands to a program that runs the file."""

FREQUENT = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM")

HEIF_SUFFIXES = (".heic", ".heif", ".hif")

ROTATED, TRANSPARENT, FRAMES = "rotated", "transparent", "frames"

_UPRIGHT = {
    1: lambda seen: seen,
    2: lambda seen: seen[:, ::-1],
    3: lambda seen: seen[::-1, ::-1],
    4: lambda seen: seen[::-1],
    5: lambda seen: seen.swapaxes(0, 1),
    6: lambda seen: np.rot90(seen, -1),
    7: lambda seen: seen[::-1, ::-1].swapaxes(0, 1),
    8: lambda seen: np.rot90(seen),
}
"""The orientations of EXIF: how the stored picture is turned into the one that is seen."""

ORIENTATION_TAG, PHOTOMETRIC_TAG = 0x0112, 262


@cache
def formats() -> tuple[str, ...]:
    """The formats that Pillow decodes here (and pillow-heif, if installed), frequent ones first."""
    Image.init()
    try:
        import pillow_heif  # pyright: ignore[reportMissingImports]
    except ImportError:
        pass
    else:
        pillow_heif.register_heif_opener()
    usual = [each for each in FREQUENT if each in Image.OPEN]
    return (*usual, *sorted(set(Image.OPEN) - NOT_PICTURES - set(usual)))


@cache
def picture_suffixes() -> tuple[str, ...]:
    """The suffixes of pictures, lower case, in alphabetical order."""
    known = formats()
    return tuple(sorted(s for s, name in Image.registered_extensions().items() if name in known))


@dataclass(frozen=True)
class Look:
    """What is known of a picture file before it is decoded for good."""

    digest: str
    """A hash of what is seen: of the file, and of what was done to it."""
    size: tuple[int, int]
    """(height, width), as it is seen."""
    notes: frozenset[str]
    """Of ``ROTATED``, ``TRANSPARENT``, ``FRAMES``."""


@dataclass(frozen=True, repr=False)
class PictureFile:
    """A picture file that was opened once: its look, and its bytes where there was room."""

    path: Path
    content: bytes | None
    look: Look

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return repr(self.path)


def read_bytes(path: Path) -> bytes:
    """The bytes of a file.

    Raises
    ------
    NotFoundError, FormatError, StorageError
        If it is gone, may not be read, or is larger than memory.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFoundError(f"The image {str(path)!r} is not there any more.") from None
    except MemoryError:
        raise _too_large(path, "its bytes") from None
    except OSError as error:
        raise FormatError(f"The image {str(path)!r} cannot be read ({error.strerror}).") from error


def pixels_of_file(path: Path, content: bytes, background: Background = WHITE) -> np.ndarray:
    """The picture as it is seen: (height, width, 3), uint8, or float32 from 0 to 1.

    Raises
    ------
    FormatError
        If it is damaged, no picture, too large, or its range is not known.
    StorageError
        If there is too little memory.
    """
    with _opened(path, content) as image:
        return pixels_of_image(image, background, f"The image {str(path)!r}")


def look_at(path: Path, content: bytes, background: Background = WHITE) -> Look:
    """What is to be known of a picture: costs little, unless it can be transparent or is deep.

    Raises
    ------
    FormatError, StorageError
        As for :func:`pixels_of_file`, as far as its head tells.
    """
    with _opened(path, content) as image:
        who = f"The image {str(path)!r}"
        kind = MODES.get(image.mode)
        orientation = _orientation(image, content)
        notes = {FRAMES} if getattr(image, "is_animated", False) else set()
        done = ["first frame"] if notes else []
        if orientation != 1:
            notes.add(ROTATED)
            done.append(f"orientation {orientation}")
        # TIFF has its own size turned already.
        turned = orientation in (5, 6, 7, 8) and image.format != "TIFF"
        size = image.size if turned else image.size[::-1]
        if kind in (SIXTEEN_BIT, INTEGER, FLOAT):
            done.append("full depth")
        if image.has_transparency_data and _opacity(image).min() < 255:
            notes.add(TRANSPARENT)
            done.append(f"on {background}")
        elif kind in (INTEGER, FLOAT):
            pixels_of_image(image, background, who)
    hashed = hashlib.sha256(content)
    if done:
        hashed.update("; ".join(["\0seen", *done]).encode())
    return Look(hashed.hexdigest(), size, frozenset(notes))


def pixels_of_image(image: Any, background: Background, who: str) -> np.ndarray:
    """A Pillow image as it is seen: (height, width, 3), uint8, or float32 from 0 to 1.

    Raises
    ------
    InputError
        If its mode is unknown, or its numbers are beyond their range.
    """
    image.load()  # Which turns a TIFF upright and takes the orientation away.
    orientation = image.getexif().get(ORIENTATION_TAG, 1)
    kind = MODES.get(image.mode)
    if kind is None:
        raise InputError(f"{who} has pixels of mode {image.mode!r}, which are not read.")
    if kind in (SIXTEEN_BIT, INTEGER, FLOAT):
        seen = _deep(image, kind, background, who)
    elif image.has_transparency_data:
        front = image.convert("RGBA")
        behind = Image.new("RGBA", front.size, (*background, 255))
        seen = np.asarray(Image.alpha_composite(behind, front).convert("RGB"))
    elif image.mode == "LAB":
        seen = np.asarray(_from_lab(image))
    else:
        seen = np.asarray(image.convert("RGB"))
    return np.ascontiguousarray(_UPRIGHT.get(orientation, _UPRIGHT[1])(seen))


def _deep(image: Any, kind: Any, background: Background, who: str) -> np.ndarray:
    pixels = np.asarray(image)
    if kind is INTEGER and image.format in ("PNG", "PPM"):
        kind = SIXTEEN_BIT  # What these formats hold, though Pillow widens it.
    if kind is FLOAT:
        check_unit_range(pixels, who)
    grey = scaled(pixels, kind, who)
    white = 255 if grey.dtype == np.uint8 else np.float32(1)
    # Pillow inverts "white is zero" of 8-bit TIFF alone.
    if getattr(image, "tag_v2", {}).get(PHOTOMETRIC_TAG) == 0:
        grey = white - grey
    seen = np.repeat(grey[..., None], 3, axis=2)
    if image.has_transparency_data:
        behind = np.asarray(background) * (white / 255)
        seen = np.where(_opacity(image)[..., None] == 0, behind.astype(seen.dtype), seen)
    return seen


def _opacity(image: Any) -> np.ndarray:
    if MODES.get(image.mode) in (SIXTEEN_BIT, INTEGER, FLOAT):
        return np.where(np.asarray(image) == image.info.get("transparency"), 0, 255)
    return np.asarray(image.convert("RGBA").getchannel("A"))


def _from_lab(image: Any) -> Any:
    from PIL import ImageCms

    lab, screen = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return ImageCms.profileToProfile(image, lab, screen, outputMode="RGB")


def _orientation(image: Any, content: bytes) -> int:
    # Pillow decodes a PNG to look for what may stand behind its pixels.
    late = image.format == "PNG" and b"eXIf" not in content
    exif = Image.Image.getexif(image) if late else image.getexif()
    found = exif.get(ORIENTATION_TAG, 1)
    return found if found in _UPRIGHT else 1


@contextmanager
def _opened(path: Path, content: bytes) -> Iterator[Any]:
    """The image of some bytes; whatever a decoder says becomes a sentence with the file's name."""
    known = formats()
    if path.suffix.lower() in HEIF_SUFFIXES and "HEIF" not in known:
        raise MissingDependencyError(
            f"The image {str(path)!r} needs pillow-heif: pip install pillow-heif."
        )
    try:
        with Image.open(BytesIO(content), formats=known) as image:
            yield image
    except InputError as error:
        raise FormatError(str(error)) from error
    except IsocortexError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FormatError(_too_many(path, str(error))) from error
    except MemoryError:
        raise _too_large(path, "its pixels") from None
    except Exception as error:
        # Each decoder has errors of its own for a broken file; all mean the same here.
        known_kind = not isinstance(error, UnidentifiedImageError)
        said = str(error) if known_kind else "Pillow finds no image in it of a kind that it reads"
        raise FormatError(
            f"The image {str(path)!r} cannot be decoded ({said}); replace or remove it."
        ) from error


def _too_many(path: Path, said: str) -> str:
    pixels = re.search(r"\((\d+) pixels\)", said)
    count = f"{int(pixels[1]) / 1e6:.4g} million" if pixels else "too many"
    return (
        f"The image {str(path)!r} has {count} pixels, beyond Pillow's limit of "
        f"{(Image.MAX_IMAGE_PIXELS or 0) / 1e6:.4g} million, which is there "
        "against files that fill the memory. Save it smaller, or, if you trust it, raise "
        "PIL.Image.MAX_IMAGE_PIXELS."
    )


def _too_large(path: Path, what: str) -> StorageError:
    return StorageError(
        f"There is too little memory for the image {str(path)!r} ({what}). Save it "
        "smaller, or free memory."
    )
