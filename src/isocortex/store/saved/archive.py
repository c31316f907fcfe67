"""A zip archive of one JSON document and arrays, whose every byte a checksum covers.

``isocortex.json`` is UTF-8 text; each array is a member ``<place>.npy`` as ``numpy.save`` writes
it, little-endian and in C order. Members are not compressed, so that any program that reads npz
or zip reads them, and in a damaged archive each can still be cut out. The document lists place,
dtype and shape of all arrays, and carries the CRC-32C of itself and of them in that order.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.errors import FormatError, NotFoundError
from isocortex.reading import reading
from isocortex.store.atomic import whole
from isocortex.store.checksum import BLANK, SEAL, is_whole, sealed
from isocortex.store.npz import check_members, npy_array

DOCUMENT = "isocortex.json"
"""The member that says what the others are."""

_STAMP = (1980, 1, 1, 0, 0, 0)


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
        check_members(archive, path)
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
        check_members(archive, path)
        return json.loads(archive.read(DOCUMENT))


def sound(path: Path) -> AbstractContextManager[None]:
    """Turn whatever reading a damaged file raises into a sentence that names it."""
    return reading(path, "a file that ic.save has written", alone=True)


def _plain(array: np.ndarray) -> np.ndarray:
    """Contiguous and little-endian, as it is written."""
    array = np.asarray(array, order="C")
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def _listed(document: Any) -> Iterator[tuple[str, tuple[str, str, tuple[int, ...]]]]:
    for place, dtype, shape in document["arrays"]:
        yield place, (str(place), str(dtype), tuple(map(int, shape)))


def _member(archive: zipfile.ZipFile, place: str, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    """One array over the bytes of its member, without a further copy."""
    content = archive.read(f"{place}.npy")
    array = npy_array(content, place)
    if array.shape != shape or not array.flags.c_contiguous or array.dtype != np.dtype(dtype):
        raise ValueError(f"{place}.npy is not the array that the document tells of")
    return array
