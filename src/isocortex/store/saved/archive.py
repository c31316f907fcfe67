"""A zip archive of one JSON document and arrays, whose every byte a checksum covers.

``isocortex.json`` is UTF-8 text; each array is a member ``<place>.npy`` as ``numpy.save`` writes
it, little-endian and in C order. Members are not compressed, so that any program that reads npz
or zip reads them, and in a damaged archive each can still be cut out. The document lists place,
dtype and shape of all arrays, and carries the CRC-32C of itself and of them in that order.
"""

import io
import json
import math
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.choice import first_line
from isocortex.errors import FormatError, NotFoundError, StorageError
from isocortex.memory import available_bytes
from isocortex.store.atomic import whole
from isocortex.store.checksum import BLANK, SEAL, is_whole, sealed

DOCUMENT = "isocortex.json"
"""The member that says what the others are."""

_STAMP = (1980, 1, 1, 0, 0, 0)
_MOST_PACKED = 1040
"""No deflated member is larger than so many times what it takes in the archive."""


def write_archive(
    path: Path, document: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
) -> None:
    """Write an archive, whole or not at all; the same content gives the same bytes.

    Parameters
    ----------
    path : Path
    document : mapping
        What JSON can hold.
    arrays : mapping from place to array
        Of numbers.

    Raises
    ------
    StorageError
        If the disk is full or the folder cannot be written.
    """
    plain = {place: _plain(array) for place, array in arrays.items()}
    listing = [[place, each.dtype.str, list(each.shape)] for place, each in plain.items()]
    head = {SEAL: BLANK, **document, "arrays": listing}
    text = json.dumps(head, indent=1, allow_nan=False).encode()
    with whole(path) as draft, zipfile.ZipFile(draft, "w") as archive:
        archive.writestr(zipfile.ZipInfo(DOCUMENT, _STAMP), sealed(text, plain.values()))
        for place, array in plain.items():
            member = zipfile.ZipInfo(f"{place}.npy", _STAMP)
            with archive.open(member, "w", force_zip64=True) as part:
                np.lib.format.write_array(part, array, allow_pickle=False)


def is_archive(path: Path) -> bool:
    """Whether a file is an archive of this kind, sound or not."""
    try:
        with zipfile.ZipFile(path) as archive:
            return DOCUMENT in archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def read_archive(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The document and the arrays, which cannot be written to, of an archive.

    Raises
    ------
    NotFoundError
        If there is no such file.
    FormatError
        If anything in it is not as it was written.
    StorageError
        If there is too little memory for it.
    """
    if not path.is_file():
        raise NotFoundError(f"There is no file {str(path)!r}.")
    with sound(path), zipfile.ZipFile(path) as archive:
        if DOCUMENT not in archive.namelist():
            raise FormatError(f"{str(path)!r} was not written by ic.save: it has no {DOCUMENT}.")
        _check_sizes(path, archive)
        text = archive.read(DOCUMENT)
        document = json.loads(text)
        arrays = {str(name): _member(archive, *row) for name, row in _listed(document)}
        extra = set(archive.namelist()) - {DOCUMENT, *(f"{place}.npy" for place in arrays)}
        if extra or not is_whole(text, arrays.values()):
            raise ValueError("its checksum is not that of its content")
        return document, arrays


def read_document(path: Path) -> dict[str, Any]:
    """The document alone, without the arrays, whose checksum is then not looked at.

    Raises
    ------
    FormatError
        If it cannot be read.
    """
    with sound(path), zipfile.ZipFile(path) as archive:
        _check_sizes(path, archive)
        return json.loads(archive.read(DOCUMENT))


@contextmanager
def sound(path: Path) -> Iterator[None]:
    """Turn whatever reading a damaged file raises into a sentence that names it."""
    try:
        yield
    except (FormatError, NotFoundError, StorageError):
        raise
    except MemoryError as error:
        raise StorageError(f"{str(path)!r} needs more memory than there is.") from error
    except Exception as error:
        # zipfile, zlib, json and numpy have errors of their own for damage; all mean the same.
        raise FormatError(
            f"{str(path)!r} is damaged, truncated, or no file that ic.save has written "
            f"({first_line(error, with_kind=True)}). Copy it anew, or make and save it again."
        ) from error


def _plain(array: np.ndarray) -> np.ndarray:
    """Contiguous and little-endian, as it is written."""
    array = np.asarray(array, order="C")
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def _listed(document: Any) -> Iterator[tuple[str, tuple[str, str, tuple[int, ...]]]]:
    for place, dtype, shape in document["arrays"]:
        yield place, (str(place), str(dtype), tuple(map(int, shape)))


def _check_sizes(path: Path, archive: zipfile.ZipFile) -> None:
    """Nothing is allocated that the file cannot hold, or that memory cannot."""
    members = archive.infolist()
    here = path.stat().st_size
    kinds = {zipfile.ZIP_STORED: 1, zipfile.ZIP_DEFLATED: _MOST_PACKED}
    for each in members:
        most = each.compress_size * kinds.get(each.compress_type, 0)
        if each.file_size > most or each.compress_size > here:
            raise ValueError(f"{each.filename} is larger than the file")
    needed, free = sum(each.file_size for each in members), available_bytes()
    if needed > free:
        raise StorageError(
            f"{str(path)!r} needs {needed / 1e9:.2f} GB of memory, and {free / 1e9:.2f} are free."
        )


def _member(archive: zipfile.ZipFile, place: str, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    """One array over the bytes of its member, without a further copy."""
    content = archive.read(f"{place}.npy")
    head = io.BytesIO(content[:4096])
    version = np.lib.format.read_magic(head)
    read = np.lib.format.read_array_header_1_0
    said, in_columns, kind = (read if version == (1, 0) else _later)(head)
    if said != shape or (in_columns and math.prod(shape[1:]) > 1) or kind != np.dtype(dtype):
        raise ValueError(f"{place}.npy is not the array that the document tells of")
    if kind.hasobject:
        raise ValueError(f"{place}.npy holds objects")
    start = head.tell()
    if len(content) - start != math.prod(shape) * kind.itemsize:
        raise ValueError(f"{place}.npy is truncated")
    return np.frombuffer(content, kind, offset=start).reshape(shape)


def _later(head: io.BytesIO) -> Any:
    return np.lib.format.read_array_header_2_0(head)
