"""HDF5 files of others, open for reading: whatever leads out of the file is refused.

A link, a data set's storage and a virtual data set can name any other file of the machine,
whose bytes would then be read as numbers. Sizes are declared freely, and the library itself
does not come back from some damaged heaps of text. All this is looked at beforehand.
"""

import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from isocortex.errors import FormatError
from isocortex.reading import AGAIN, MOST_PACKED, check_declared, reading

_HEAP = b"GCOL\x01\x00\x00\x00"
_OBJECT = struct.Struct("<HHIQ")
_HEAP_HEAD = 16
_SMALL = 2**20
_DEEPEST = 16
_PLAIN_FILTERS = {"gzip", "lzf", None}


@contextmanager
def open_hdf5(path: str | Path, what: str, *, texts: bool = True) -> Iterator[h5py.File]:
    """An HDF5 file, open for reading.

    Parameters
    ----------
    path : path
    what : str
        What the file should be.
    texts : bool, default=True
        Whether texts will be read of it, which takes a look through the whole file.

    Raises
    ------
    FormatError
        For whatever goes wrong with it while it is open.
    StorageError
        If it may not be read, or needs more memory than there is.
    """
    path = Path(path)
    with reading(path, what):
        if texts:
            _check_heaps(path)
        with h5py.File(path, "r") as file:
            yield file


def item_of(where: Any, name: str, depth: int = 0) -> Any:
    """The group or data set of a name, if it lies in the same file.

    Raises
    ------
    KeyError
        If there is none.
    FormatError
        If a link or the storage leads out of the file.
    """
    item = where.file if name.startswith("/") else where
    for part in [part for part in name.split("/") if part not in ("", ".")]:
        link = item.get(part, getlink=True)
        if isinstance(link, h5py.ExternalLink) or depth > _DEEPEST:
            raise _leads_out(where, name)
        if isinstance(link, h5py.SoftLink):
            item = item_of(item, str(link.path), depth + 1)
        else:
            item = item[part]
    if isinstance(item, h5py.Dataset) and (item.external or item.is_virtual):
        raise _leads_out(where, name)
    return item


def values_of(dataset: Any) -> Any:
    """All values of a data set, after a look at the size that it declares.

    Raises
    ------
    FormatError
        If it is a group, its storage leads out of the file, or it declares what the file cannot
        hold.
    StorageError
        If memory cannot hold it.
    """
    check_dataset(dataset)
    return dataset[()]


def check_dataset(dataset: Any) -> None:
    """The checks of :func:`values_of`, for who reads a part."""
    path = dataset.file.filename
    if not isinstance(dataset, h5py.Dataset):
        raise FormatError(f"{path!r} has a group {dataset.name!r} where numbers should be.")
    if dataset.external or dataset.is_virtual:
        raise _leads_out(dataset, str(dataset.name))
    size = 1 if dataset.shape is None else int(np.prod(dataset.shape, dtype=object))
    declared = size * dataset.dtype.itemsize
    held = dataset.id.get_storage_size()
    if dataset.chunks is not None:
        ratio = MOST_PACKED if dataset.compression in _PLAIN_FILTERS else 2**20
        held = held * ratio
    # What was never written reads as its fill value; of a large data set that is damage.
    check_declared(path, declared, max(held, _SMALL), f"the data set {dataset.name!r}")


def _leads_out(where: Any, name: str) -> FormatError:
    return FormatError(
        f"{where.file.filename!r}: {name!r} leads out of the file (a link, or storage elsewhere), "
        "and could bring any other file in; it is not read. Copy the data into the file."
    )


def _check_heaps(path: Path) -> None:
    """Texts of different lengths lie in heaps; each entry of one must lead on to the next.

    Raises
    ------
    FormatError
        If one does not: the library would walk in circles.
    """
    if path.stat().st_size < len(_HEAP):
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
        at = raw.find(_HEAP)
        while at >= 0:
            if not _is_sound(raw, at):
                raise FormatError(
                    f"{str(path)!r} is truncated or damaged: a heap of its texts is. {AGAIN}"
                )
            at = raw.find(_HEAP, at + len(_HEAP))


def _is_sound(raw: mmap.mmap, start: int) -> bool:
    size = int.from_bytes(raw[start + 8 : start + _HEAP_HEAD], "little")
    if size < _HEAP_HEAD or size > len(raw) - start:
        return False
    at, stop = start + _HEAP_HEAD, start + size
    while stop - at >= _OBJECT.size:
        index, _, _, length = _OBJECT.unpack_from(raw, at)
        step = length if index == 0 else _OBJECT.size + -(-length // 8) * 8
        if step < _OBJECT.size or step > stop - at:
            return False
        at += step
    return True
