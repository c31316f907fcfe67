"""MATLAB 4 files: full and sparse matrices of numbers, without anything packed."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isocortex.errors import FormatError
from isocortex.reading import AGAIN, check_room

_TYPES = ("f8", "f4", "i4", "i2", "u2", "u1")
_HEAD = 20
_FULL, _TEXT, _SPARSE = 0, 1, 2
_KINDS = {_FULL: "double", _TEXT: "char", _SPARSE: "sparse"}


@dataclass(frozen=True)
class _Matrix:
    name: str
    kind: int
    is_complex: bool
    values: np.ndarray


def is_v4(head: bytes) -> bool:
    """Version 4 has no text at its head, and a type in its first four bytes."""
    return len(head) >= _HEAD and 0 in head[:4]


def read_v4(path: Path, key: str) -> tuple[np.ndarray | None, list[str]]:
    """The numbers under ``key`` (None where it has none), and the names of all variables.

    Raises
    ------
    FormatError
        If the file is truncated, or the variable is no array of real numbers.
    """
    matrices = list(_matrices(path))
    names = [each.name for each in matrices]
    found = next((each for each in matrices if each.name == key), None)
    if found is None:
        return None, names
    if found.kind == _TEXT or found.is_complex:
        raise FormatError(f"{key!r} in {str(path)!r} is not an array of real numbers.")
    return (_written_out(found, path) if found.kind == _SPARSE else found.values), names


def listing(path: Path) -> list[tuple[str, tuple[int, ...], str]]:
    """Name, shape and class of each variable."""
    return [(each.name, each.values.shape, _KINDS[each.kind]) for each in _matrices(path)]


def _matrices(path: Path) -> Iterator[_Matrix]:
    check_room(path, path.stat().st_size)
    raw = path.read_bytes()
    at = 0
    while at < len(raw):
        if at + _HEAD > len(raw):
            raise _truncated(path, "the head of a variable")
        order = "<" if 0 <= struct.unpack_from("<i", raw, at)[0] < 5000 else ">"
        code, rows, columns, is_complex, n_name = struct.unpack_from(order + "5i", raw, at)
        kind, precision = code % 10, code // 10 % 10
        said = f"{rows} x {columns} numbers"
        if min(rows, columns, n_name) < 0 or precision >= len(_TYPES) or kind not in _KINDS:
            raise _truncated(path, said)
        dtype = np.dtype(order + _TYPES[precision])
        start, count = at + _HEAD + n_name, rows * columns
        at = start + count * dtype.itemsize * (2 if is_complex else 1)
        if at > len(raw):
            raise _truncated(path, said)
        name = raw[start - n_name : start].split(b"\0")[0].decode("latin-1")
        values = np.frombuffer(raw, dtype, count, start).reshape((rows, columns), order="F")
        yield _Matrix(name, kind, bool(is_complex), values.astype(dtype.newbyteorder("=")))


def _written_out(found: _Matrix, path: Path) -> np.ndarray:
    """Rows of (row, column, value), from 1; the last one has the shape."""
    if found.values.shape[1] != 3 or not len(found.values):
        raise _truncated(path, "a sparse matrix")
    places, values = found.values[:, :2], found.values[:-1, 2]
    whole = np.isfinite(places).all() and (places == np.round(places)).all()
    if not whole or (places < 0).any() or places.max(initial=0) > 2**31:
        raise _truncated(path, "a sparse matrix")
    where, shape = places[:-1].astype(np.int64) - 1, tuple(int(n) for n in places[-1])
    if (where < 0).any() or (where >= shape).any():
        raise _truncated(path, "a sparse matrix")
    check_room(path, 8 * shape[0] * shape[1], "a sparse matrix, written out,")
    full = np.zeros(shape)
    full[where[:, 0], where[:, 1]] = values
    return full


def _truncated(path: Path, what: str) -> FormatError:
    return FormatError(f"{str(path)!r} is truncated or damaged: it declares {what}. {AGAIN}")
