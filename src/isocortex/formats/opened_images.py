"""Brain images from files: packed ones to their checksum, sizes and XML looked at beforehand."""

import base64
import bz2
import gzip
import math
import mmap
import zlib
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np

from isocortex.errors import FormatError
from isocortex.reading import AGAIN, MOST_PACKED, check_declared, check_room, leads_out, reading
from isocortex.store.hdf5_files import item_of, open_hdf5

WHAT = "a brain image"
_PACKED = (".gz", ".mgz")
_PACKED_HEADS = (b"\x1f\x8b", b"BZh", b"\x89HDF")
_BLOCK = 2**20
_XML_AT = 540


def load_image(path: Path) -> Any:
    """A nibabel image of a file; its numbers are not read yet, but for GIFTI.

    Raises
    ------
    FormatError
        If it is none, or its XML names other files or entities.
    """
    from nibabel.freesurfer.mghformat import MGHImage
    from nibabel.gifti.gifti import GiftiImage
    from nibabel.imageclasses import all_image_classes
    from nibabel.minc1 import Minc1Image
    from nibabel.minc2 import Minc2Image

    with reading(path, WHAT):
        sniff: Any = None
        for image_class in all_image_classes:
            fits, sniff = image_class.path_maybe_image(str(path), sniff)
            if not fits:
                continue
            if image_class is GiftiImage:
                _check_gifti(path)
            elif image_class is Minc2Image:
                _check_minc(path)
            else:
                _check_extension(path)
            file_map = image_class.filespec_to_file_map(str(path))
            for holder in file_map.values():
                name = str(holder.filename)
                if name.lower().endswith(_PACKED):
                    # As an open stream, so that all of it passes through us: see to_the_end.
                    holder.fileobj = gzip.open(name)  # noqa: SIM115
                elif image_class in (MGHImage, Minc1Image):
                    holder.fileobj = mapped(name)
            image = image_class.from_file_map(file_map)
            if image_class is GiftiImage:  # Of which all has been read.
                _close(file_map)
            return image
        if path.name.lower().endswith(_PACKED):
            with gzip.open(path) as file:  # Whose damage is the likeliest reason.
                to_the_end(file)
    raise FormatError(f"{str(path)!r} cannot be read as a brain image: it is of no known kind.")


def mapped(name: str | Path) -> Any:
    """A file as nibabel can read it: never beyond its end, and of mgh none that stays open."""
    with Path(name).open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _opened(path: Path) -> Any:
    """The bytes of a file that may be packed."""
    name = path.name.lower()
    opener = gzip.open if name.endswith(_PACKED) else bz2.open if name.endswith(".bz2") else open
    return opener(path, "rb")


def _close(file_map: Any) -> None:
    for holder in file_map.values():
        if holder.fileobj is not None:
            to_the_end(holder.fileobj)
            holder.fileobj.close()


def numbers(image: Any, who: str) -> np.ndarray:
    """The scaled numbers of an image; of a packed one to its end, where the checksum stands.

    Raises
    ------
    FormatError, StorageError
    """
    holder = _holder(image)
    name = getattr(holder, "filename", None)
    if name is None:
        return np.asanyarray(image.dataobj)
    with reading(name, WHAT):
        _check_size(image.dataobj, image.get_data_dtype(), Path(name), who)
        values = np.asanyarray(image.dataobj)
        if isinstance(holder.fileobj, gzip.GzipFile):
            to_the_end(holder.fileobj)
        return values


def _holder(image: Any) -> Any:
    """Where the numbers of an image lie; None if it was made in memory."""
    return (getattr(image, "file_map", None) or {}).get("image")


def to_the_end(file: gzip.GzipFile) -> None:
    """Read what is left: gzip looks at its checksum there."""
    while file.read(_BLOCK):
        pass


def _check_size(data: Any, kind: np.dtype, path: Path, who: str) -> None:
    shape = getattr(data, "shape", None)
    if isinstance(data, np.ndarray) or shape is None or not path.is_file():
        return
    with path.open("rb") as file:
        packed = file.read(4)[:4].startswith(_PACKED_HEADS)
    held = path.stat().st_size * (MOST_PACKED if packed else 1)
    count = math.prod(int(n) for n in shape)
    declared = count * kind.itemsize + int(getattr(data, "offset", 0))
    if min((int(n) for n in shape), default=1) < 0:
        declared = -1
    check_declared(path, declared, held, f"{who}: its numbers")
    check_room(path, 8 * count, f"{who}: its numbers, scaled,")


def _check_extension(path: Path) -> None:
    """The XML of CIFTI, which stands between header and numbers, must not define entities."""
    with _opened(path) as file:
        head = file.read(_XML_AT)
        if head[4:8] != b"n+2\0" or len(head) < _XML_AT:
            return
        starts = [int.from_bytes(head[168:176], order, signed=True) for order in ("little", "big")]
        size = path.stat().st_size
        content = file.read(max(0, min(size, *(n for n in starts if n > 0), 2**30)))
    if b"<!ENTITY" in content:
        raise _entities(path)


def _check_minc(path: Path) -> None:
    """The numbers of MINC 2, which is HDF5, must lie in the file itself."""
    with open_hdf5(path, WHAT, texts=False) as file:
        for name in ("image", "image-min", "image-max"):
            item_of(file, f"minc-2.0/image/0/{name}")


def _check_gifti(path: Path) -> None:
    """Look through the XML: entities, other files, and what the data unpack to.

    Raises
    ------
    FormatError
        If it names entities, files out of its folder, or data beyond what it declares.
    """
    check_room(path, path.stat().st_size)
    with _opened(path) as file:
        _Checked(path).read(file)


class _Checked:
    """A parser that keeps nothing but one block of data at a time."""

    def __init__(self, path: Path):
        self.path = path
        self.array: dict[str, str] = {}
        self.text: list[str] | None = None
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.EntityDeclHandler = self._entity

    def read(self, file: Any) -> None:
        """All of a file, in pieces."""
        while block := file.read(_BLOCK):
            self.parser.Parse(block, False)
        self.parser.Parse(b"", True)

    def _entity(self, *_: Any) -> None:
        raise _entities(self.path)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "DataArray":
            self.array = attributes
            self._check_elsewhere(attributes.get("ExternalFileName", ""))
        self.text = [] if name == "Data" else None

    def _characters(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

    def _end(self, name: str) -> None:
        text, self.text = self.text, None
        if name == "Data" and text is not None:
            self._check_data("".join(text))

    def _check_data(self, text: str) -> None:
        """Unpacked at most to one byte more than declared."""
        if self.array.get("Encoding") != "GZipBase64Binary":
            return
        count = int(self.array.get("Dimensionality", 0))
        sizes = [int(self.array.get(f"Dim{i}", 0)) for i in range(min(count, 16))]
        declared = math.prod(sizes) * _ITEM
        packed = base64.b64decode(text.encode("ascii"))
        check_declared(self.path, declared, _ITEM * MOST_PACKED * len(packed), "an array")
        unpacker = zlib.decompressobj()
        size = len(unpacker.decompress(packed, declared + 1))
        if size > declared or not unpacker.eof:
            raise FormatError(
                f"{str(self.path)!r}: an array unpacks to other than what it declares. {AGAIN}"
            )

    def _check_elsewhere(self, name: str) -> None:
        if name and leads_out(name):
            raise FormatError(
                f"{str(self.path)!r} takes its numbers from {name!r}, out of its folder; they are "
                "not read."
            )


_ITEM = 16
"""Bytes of the largest number that GIFTI knows."""


def _entities(path: Path) -> FormatError:
    return FormatError(
        f"{str(path)!r} defines entities in its XML, which could unfold to any size; it is not "
        "read."
    )
