"""Images: files, arrays and Pillow images, read as a person sees them."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.arrays import as_numpy
from isocortex.data.pictures import (
    FRAMES,
    ROTATED,
    TRANSPARENT,
    PictureFile,
    look_at,
    pixels_of_file,
    pixels_of_image,
    read_bytes,
)
from isocortex.data.pixels import Background, as_pixels
from isocortex.errors import InputError, warn


class Images:
    """Pictures, upright, on a background where they are transparent."""

    one = "image"
    plural = "images"

    def check(self, sources: Sequence[Any], names: Sequence[str]) -> None:
        """Any source may be one: each is looked at when it is read."""

    def read(self, source: Any, background: Background, who: str) -> np.ndarray:
        """The pixels as a person sees them."""
        if isinstance(source, Path | PictureFile):
            path, content = _content(source)
            return pixels_of_file(path, content, background)
        return seen(source, background, who)[0]

    def digest(self, source: Any, background: Background, who: str) -> str:
        """A hash of the pixels, of their type and of their shape."""
        if isinstance(source, PictureFile):
            return source.look.digest
        if isinstance(source, Path):
            return look_at(source, read_bytes(source), background).digest
        return digest_of_pixels(self.read(source, background, who))

    def is_file(self, source: Any) -> bool:
        """Whether it is a file, not an array."""
        return isinstance(source, Path | PictureFile)


def digest_of_pixels(pixels: np.ndarray) -> str:
    """A hash of pixels as they are read, of their type and of their shape."""
    array = np.ascontiguousarray(pixels)
    whole = hashlib.sha256(f"{array.dtype.str}{array.shape}".encode())
    whole.update(memoryview(array))  # pyright: ignore[reportArgumentType]
    return whole.hexdigest()


UNSCALED = "unscaled"

_WORDS = {
    ROTATED: "{} were turned upright as their EXIF orientation says",
    TRANSPARENT: "{} are transparent in places and lie on the background {}",
    FRAMES: "{} hold several frames, of which the first is taken",
    UNSCALED: "{} are floats that reach beyond 1 and go into the network as they are (uint8 is "
    "divided by 255)",
}


def tell(notes: Mapping[str, int], total: int, who: str, background: Background) -> None:
    """One warning with counts of what was done to pictures; none if nothing was."""
    said = [_WORDS[kind].format(notes[kind], background) for kind in _WORDS if notes.get(kind)]
    if said:
        warn(f"{who}: of {total} images, {'; '.join(said)}.")


def _content(source: Path | PictureFile) -> tuple[Path, bytes]:
    if isinstance(source, Path):
        return source, read_bytes(source)
    return source.path, read_bytes(source.path) if source.content is None else source.content


def array_or_image(given: Any, who: str) -> Any:
    """An array, or a Pillow image as it is."""
    if hasattr(given, "getexif"):
        return given
    if np.ma.is_masked(given):
        raise InputError(f"{who} has masked pixels; fill them, such as array.filled(0).")
    try:
        return as_numpy(given)
    except (TypeError, ValueError) as error:
        raise InputError(f"{who} is no array of pixels ({error}).") from error


def seen(given: Any, background: Background, who: str) -> tuple[np.ndarray, set[str]]:
    """The pixels of an array or a Pillow image, and what was done to them."""
    if not hasattr(given, "getexif"):
        pixels, see_through = as_pixels(given, background, who)
        return pixels, {TRANSPARENT} if see_through else set()
    notes = {FRAMES} if getattr(given, "is_animated", False) else set()
    if given.getexif().get(0x0112, 1) in range(2, 9):
        notes.add(ROTATED)
    if given.has_transparency_data and given.convert("RGBA").getextrema()[3][0] < 255:
        notes.add(TRANSPARENT)
    return pixels_of_image(given, background, who), notes
