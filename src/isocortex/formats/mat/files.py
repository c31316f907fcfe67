"""One array in a MAT file, as the Kamitani laboratory keeps features, weights and accuracies.

Read: MATLAB 4, 5 and 7.3, dense or sparse (the dictionary of bdpy, also as Julia writes it).
Written: MATLAB 7.3 with the attributes that hdf5storage and bdpy look for.
"""

import datetime
import math
import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from isocortex.choice import listed, suggestion
from isocortex.errors import FormatError
from isocortex.formats.mat.opened import Opened
from isocortex.formats.mat.v4 import is_v4, read_v4
from isocortex.formats.mat.v5 import read_v5
from isocortex.reading import MOST_PACKED, check_room, reader
from isocortex.store.hdf5 import whole_hdf5
from isocortex.store.hdf5_files import item_of, open_hdf5, values_of

SPARSE_MARK = "__bdpy_sparse_arrray"  # three r, as in the files
PACKED_ABOVE = 2**14
"""Bytes from which an array is compressed, as bdpy does."""
_HDF5 = b"\x89HDF\r\n\x1a\n"
_HARD_LINK = 0  # as HDF5 counts the kinds of links
_CLASSES = {"float64": "double", "float32": "single", "bool": "logical"}


@reader("a MAT file of version 4, 5 or 7.3")
def read_array(path: str | Path, key: str) -> np.ndarray:
    """The array under ``key``, of the shape and type in which it was saved.

    Parameters
    ----------
    path : path
        A MAT file of version 4, 5 or 7.3.
    key : str
        The variable, such as ``"feat"`` or ``"accuracy"``.

    Raises
    ------
    NotFoundError
        If there is no such file.
    FormatError
        If it is no MAT file, is truncated, has no such variable, or the variable is not an
        array of numbers.
    """
    path = Path(path)
    with Opened(path) as opened:
        if not is_hdf5(opened.first):
            return _read_bytes(opened, key)
    plain = _read_plain(path, key)
    return _read_v73(path, key) if plain is None else plain


def write_array(
    path: str | Path, array: Any, key: str, *, dtype: Any = None, sparse: bool = False
) -> None:
    """Write one array as bdpy's ``save_array`` does, so that both programs read it.

    Parameters
    ----------
    path : path
        Written whole or not at all.
    array : array
    key : str
        The name of the variable.
    dtype : numpy type, optional
        Default that of ``array``.
    sparse : bool, default=False
        Keep only what is not zero.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    array = np.asarray(array, dtype=dtype)
    with whole_hdf5(path, user_block()) as file:
        if sparse:
            _write_sparse(file, key, array)
        else:
            _write_dense(file, key, array)


def is_hdf5(head: bytes | memoryview) -> bool:
    """Whether the first 520 bytes of a file, or more, are those of version 7.3."""
    return _HDF5 in (head[:8], head[512:520])


def _read_bytes(opened: Opened, key: str) -> np.ndarray:
    """Of the versions that are no HDF5."""
    if not is_v4(opened.first):
        if opened.size < 128:
            raise FormatError(
                f"{str(opened.path)!r} is truncated: a MAT file has at least 128 bytes, this one "
                f"{opened.size}."
            )
        return read_v5(opened, key)
    found, names = read_v4(opened, key)
    if found is None:
        raise FormatError(
            f"{str(opened.path)!r} has no variable {key!r}. {suggestion(key, names)}"
            f"It has: {listed(names)}."
        )
    return found


def _read_plain(path: Path, key: str) -> np.ndarray | None:
    """The usual case, a dense array of numbers, by the fewest calls; None for all else.

    Features are hundreds of thousands of small files, and opening one costs more than its data.
    """
    try:
        file = h5py.h5f.open(os.fsencode(path), h5py.h5f.ACC_RDONLY)
    except OSError:
        return None
    try:
        name = key.encode()
        root = h5py.h5g.open(file, b"/")  # By a name of its own: what it links to ends with it.
        if root.links.get_info(name).type != _HARD_LINK:
            return None
        data = h5py.h5d.open(file, name)
        # All is known before the numbers are read, which another way would read again.
        order, dtype = _order_of(data), data.dtype
        if order is None or not _is_here(data) or dtype.kind not in "fiu":
            return None
        if dtype == np.uint8:  # as truth values are stored
            return None
        values = np.empty(data.shape, dtype)
        data.read(h5py.h5s.ALL, h5py.h5s.ALL, values)
        columns_first, shape = order
        return np.ascontiguousarray(values.T if columns_first else values).reshape(shape)
    except (KeyError, OSError, RuntimeError, TypeError, ValueError):
        return None
    finally:
        file.close()


def _order_of(data: Any) -> tuple[bool, Any] | None:
    """Whether columns come first, and the shape; None where that takes a closer look."""
    if h5py.h5a.exists(data, b"MATLAB_empty"):
        return None
    if h5py.h5a.exists(data, b"Python.Shape"):
        attribute = h5py.h5a.open(data, b"Python.Shape")
        shape = np.empty(attribute.shape, np.int64)
        attribute.read(shape)
        return True, shape
    if data.shape and h5py.h5a.exists(data, b"MATLAB_class"):
        return True, data.shape[::-1]
    plain = data.shape and h5py.h5a.get_num_attrs(data) == 0
    return (False, data.shape) if plain else None


def _is_here(data: Any) -> bool:
    """Whether the numbers of a data set stand in the file itself, as many as it declares."""
    plan = data.get_create_plist()
    if plan.get_external_count() or plan.get_layout() == h5py.h5d.VIRTUAL:
        return False
    declared = math.prod(data.shape) * data.dtype.itemsize
    return declared <= MOST_PACKED * data.get_storage_size()


def _read_v73(path: Path, key: str) -> np.ndarray:
    with open_hdf5(path, "a MAT file of version 7.3", texts=False) as file:
        if key not in file:
            keys = [str(each) for each in file if each != "#refs#"]
            raise FormatError(
                f"{str(path)!r} has no variable {key!r}. {suggestion(key, keys)}"
                f"It has: {listed(keys) or 'none'}."
            )
        node = item_of(file, key)
        return _dense(node, path) if isinstance(node, h5py.Dataset) else _sparse(node, path)


def _dense(node: h5py.Dataset, path: Path) -> np.ndarray:
    if node.dtype.kind not in "fiub":
        raise FormatError(
            f"{str(path)!r}: the variable {node.name!r} holds objects or text, not numbers; an "
            "array of numbers is needed."
        )
    values = values_of(node)
    if node.attrs.get("MATLAB_empty", 0):
        sizes = tuple(int(n) for n in np.ravel(values))
        if math.prod(sizes):
            raise FormatError(f"{str(path)!r}: the empty variable {node.name!r} has {sizes} sizes.")
        return np.zeros(sizes)
    shape = node.attrs.get("Python.Shape")
    # MATLAB writes columns first, and so do those that imitate it; plain HDF5 keeps its order.
    columns_first = any(name == "MATLAB_class" or name[:7] == "Python." for name in node.attrs)
    values = np.asarray(values).T if columns_first else np.asarray(values)
    if node.attrs.get("Python.numpy.UnderlyingType") == b"bool":
        values = values.astype(bool)
    if shape is not None and int(np.prod(shape)) == values.size:
        return np.ascontiguousarray(values).reshape(tuple(int(n) for n in shape))
    return np.ascontiguousarray(values)


def _sparse(node: Any, path: Path) -> np.ndarray:
    if SPARSE_MARK not in node:
        raise FormatError(
            f"{str(path)!r}: the variable {node.name!r} is a struct (object), not an array of "
            "numbers."
        )
    index, shape, values = (_unpacked(node, part) for part in ("index", "shape", "value"))
    background = 0.0
    if "background" in node:
        background = float(np.ravel(values_of(item_of(node, "background")))[0])
    sizes = tuple(int(np.ravel(n)[0]) for n in shape)
    values = np.concatenate([np.ravel(each) for each in values])
    check_room(path, math.prod(sizes) * values.dtype.itemsize, "a sparse matrix, written out,")
    full = np.full(sizes, background, dtype=values.dtype)
    full[tuple(np.ravel(each).astype(np.intp) for each in index)] = values
    return full


def _unpacked(node: Any, part: str) -> list[np.ndarray]:
    """A cell of references (bdpy) or a plain array, one row for each axis (Julia)."""
    held = values_of(item_of(node, part))
    if held.dtype.kind == "O":
        return [values_of(node.file[reference]) for reference in np.ravel(held)]
    return [held] if part == "value" else list(held)


def _write_dense(where: Any, name: str, array: np.ndarray) -> h5py.Dataset:
    stored = np.atleast_2d(array).T
    kind = array.dtype.name
    packed = {"compression": "gzip", "shuffle": True} if array.nbytes > PACKED_ABOVE else {}
    data = where.create_dataset(
        name, data=stored.astype(np.uint8) if kind == "bool" else stored, **packed
    )
    attributes = {
        "MATLAB_class": _CLASSES.get(kind, kind),
        "Python.Type": "numpy.ndarray",
        "Python.numpy.Container": "ndarray" if array.ndim else "scalar",
        "Python.numpy.UnderlyingType": kind,
    }
    _label(data, attributes, array.shape)
    return data


def _label(node: Any, attributes: dict[str, str], shape: tuple[int, ...] | None) -> None:
    for name, text in attributes.items():
        node.attrs[name] = np.bytes_(text)
    if shape is not None:
        node.attrs["Python.Shape"] = np.array(shape, dtype=np.uint64)


def _write_sparse(file: h5py.File, key: str, array: np.ndarray) -> None:
    places = np.nonzero(array)
    group, hidden = file.create_group(key), file.create_group("#refs#")
    fields = (SPARSE_MARK, "index", "value", "shape", "background")
    _label(
        group,
        {
            "MATLAB_class": "struct",
            "Python.Type": "dict",
            "Python.dict.StoredAs": "individually",
            "Python.dict.key_str_types": "t" * len(fields),
        },
        None,
    )
    text = h5py.string_dtype("utf-8")
    group.attrs.create("Python.Fields", np.array(fields, dtype=object), dtype=text)
    letters = np.array([np.array([c.encode() for c in name], "S1") for name in fields], object)
    group.attrs.create("MATLAB_fields", letters, dtype=h5py.vlen_dtype(np.dtype("S1")))
    mark = _write_dense(group, SPARSE_MARK, np.array(True))
    mark.attrs["MATLAB_int_decode"] = np.int64(1)
    mark.attrs["Python.Type"] = np.bytes_("bool")
    _write_cell(group, hidden, "index", places)
    _write_dense(group, "value", array[places])
    _write_cell(group, hidden, "shape", [np.array(n, dtype=np.int64) for n in array.shape])
    _write_dense(group, "background", np.array(0, dtype=np.int64))


def _write_cell(group: Any, hidden: Any, name: str, parts: Any) -> None:
    references = [_write_dense(hidden, f"{name}{i}", part).ref for i, part in enumerate(parts)]
    cell = group.create_dataset(
        name, data=np.array([references], dtype=h5py.ref_dtype).T, dtype=h5py.ref_dtype
    )
    attributes = {
        "MATLAB_class": "cell",
        "Python.Type": "tuple",
        "Python.numpy.Container": "ndarray",
        "Python.numpy.UnderlyingType": "object",
    }
    _label(cell, attributes, (len(references),))


def user_block() -> bytes:
    """The 512 bytes before what HDF5 reads: version, and when the file was written."""
    now = datetime.datetime.now(datetime.UTC).strftime("%a %b %d %H:%M:%S %Y")
    text = f"MATLAB 7.3 MAT-file, Platform: isocortex, Created on: {now} HDF5 schema 1.00 ."
    return (text.encode().ljust(116) + bytes(8) + b"\x00\x02IM").ljust(512, b"\0")
