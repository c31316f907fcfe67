"""Archives of plain arrays (.npz) in: sizes held against the file, checksums of zip looked at."""

import io
import math
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.choice import listed
from isocortex.errors import FormatError
from isocortex.reading import AGAIN, MOST_PACKED, check_room, reading

_HEAD = 2**16
_LENGTHS_AT = 26
_DESCRIPTOR = 24
"""Bytes that may stand behind a part."""


def read_npz(
    path: Path, what: str, wanted: Callable[[str], bool] | None = None
) -> dict[str, np.ndarray]:
    """The arrays of an archive; nothing is unpickled.

    Parameters
    ----------
    path : path
    what : str
        What the file should be.
    wanted : function, optional
        Whether an array is read, by its key; default all.

    Raises
    ------
    FormatError
        If it is damaged or foreign, declares what it cannot hold, or an array holds objects.
    StorageError
        If there is too little memory for it.
    """
    with reading(path, what), zipfile.ZipFile(path) as archive:
        return {
            key: npy_array(archive.read(member), key).copy(order="K")
            for key, member in members(archive, path).items()
            if wanted is None or wanted(key)
        }


def npz_keys(path: Path, what: str) -> tuple[str, ...]:
    """The keys of an archive, without its arrays."""
    with reading(path, what), zipfile.ZipFile(path) as archive:
        return tuple(members(archive, path))


def npz_heads(path: Path, what: str) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
    """Shape and type of each array, of which none is read."""
    with reading(path, what), zipfile.ZipFile(path) as archive:
        heads = {}
        for key, member in members(archive, path).items():
            with archive.open(member) as part:
                stream = io.BytesIO(part.read(_HEAD))
            shape, _, kind = npy_header(stream, np.lib.format.read_magic(stream))
            heads[key] = shape, kind
        return heads


def members(archive: zipfile.ZipFile, path: Path) -> Mapping[str, str]:
    """The names of the arrays and of their members, if the file can hold what these declare.

    Raises
    ------
    FormatError, StorageError
    """
    check_members(archive, path)
    names = [each.filename for each in archive.infolist() if not each.is_dir()]
    return {name.removesuffix(".npy"): name for name in names}


def check_members(archive: zipfile.ZipFile, path: Path) -> None:
    """Nothing is allocated that an archive cannot hold, or that memory cannot; no name is twice.

    Raises
    ------
    FormatError, StorageError
    """
    found = archive.infolist()
    here = path.stat().st_size
    kinds = {zipfile.ZIP_STORED: 1, zipfile.ZIP_DEFLATED: MOST_PACKED}
    for each in found:
        most = each.compress_size * kinds.get(each.compress_type, 0)
        if each.file_size > most or each.compress_size > here:
            raise FormatError(
                f"{str(path)!r}: its part {each.filename!r} declares more than the file holds. "
                f"{AGAIN}"
            )
    names = [each.filename for each in found]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise FormatError(f"{str(path)!r} has two parts of one name: {listed(twice)}.")
    _check_end(archive, path)
    check_room(path, sum(each.file_size for each in found), "all of it")


def _check_end(archive: zipfile.ZipFile, path: Path) -> None:
    """The directory begins where the last part ends; else it has been cut, and parts are lost."""
    found, file = archive.infolist(), archive.fp
    stop = 0
    if found and file is not None:
        last = max(found, key=lambda each: each.header_offset)
        file.seek(last.header_offset + _LENGTHS_AT)
        lengths = struct.unpack("<HH", file.read(4))
        stop = last.header_offset + _LENGTHS_AT + 4 + sum(lengths) + last.compress_size
    if getattr(archive, "start_dir", stop) - stop > _DESCRIPTOR:
        raise FormatError(f"{str(path)!r}: the directory of the archive lacks parts. {AGAIN}")


def npy_array(content: bytes, key: str) -> np.ndarray:
    """The array that the bytes of an .npy file are, over these bytes.

    Raises
    ------
    ValueError
        If its head declares another size than there is, or objects.
    """
    head = io.BytesIO(content[:_HEAD])
    version = np.lib.format.read_magic(head)
    shape, in_columns, kind = npy_header(head, version)
    if kind.hasobject:
        raise ValueError(
            f"{key!r} holds Python objects, which are not read, since unpickling can run any code"
        )
    start = head.tell()
    if any(n < 0 for n in shape) or len(content) - start != math.prod(shape) * kind.itemsize:
        raise ValueError(f"{key!r} is truncated, or its head is damaged")
    flat = np.frombuffer(content, kind, offset=start) if kind.itemsize else np.zeros(shape, kind)
    return flat.reshape(shape, order="F" if in_columns else "C")


def npy_header(stream: Any, version: tuple[int, int]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether it goes by columns, and type, of the head of an .npy file."""
    if version == (1, 0):
        return np.lib.format.read_array_header_1_0(stream)
    return np.lib.format.read_array_header_2_0(stream)
