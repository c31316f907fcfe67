"""MATLAB 4 files: full and sparse matrices of numbers, without anything packed."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isocortex.errors import FormatError
from isocortex.formats.mat.opened import Opened
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
    shape: tuple[int, int]
    dtype: np.dtype
    start: int

    @property
    def size(self) -> int:
        """How many bytes its numbers take, twice as many where they are complex."""
        return self.shape[0] * self.shape[1] * self.dtype.itemsize * (2 if self.is_complex else 1)

    def values(self, opened: Opened) -> np.ndarray:
        """Its numbers, in memory of their own."""
        found = np.frombuffer(opened.read(self.start, self.size), self.dtype)
        return found.astype(self.dtype.newbyteorder("="), copy=False).reshape(self.shape, order="F")


def is_v4(head: bytes | memoryview) -> bool:
    """Version 4 has no text at its head, and a type in its first four bytes."""
    return len(head) >= _HEAD and 0 in head[:4]


def read_v4(opened: Opened, key: str) -> tuple[np.ndarray | None, list[str]]:
    """The numbers under ``key`` (None where it has none), and the names of all variables.

    Raises
    ------
    FormatError
        If the file is truncated, or the variable is no array of real numbers.
    """
    matrices = list(_matrices(opened))
    names = [each.name for each in matrices]
    found = next((each for each in matrices if each.name == key), None)
    if found is None:
        return None, names
    if found.kind == _TEXT or found.is_complex:
        raise FormatError(f"{key!r} in {str(opened.path)!r} is not an array of real numbers.")
    values = found.values(opened)
    return (_written_out(values, opened.path) if found.kind == _SPARSE else values), names


def listing(path: Path) -> list[tuple[str, tuple[int, ...], str]]:
    """Name, shape and class of each variable; contents are not read."""
    with Opened(path) as opened:
        return [(m.name, _said_shape(m, opened), _KINDS[m.kind]) for m in _matrices(opened)]


def _said_shape(matrix: _Matrix, opened: Opened) -> tuple[int, ...]:
    """Of a sparse matrix what its last row of (row, column, value) says."""
    n_rows, step = matrix.shape[0], matrix.dtype.itemsize
    if matrix.kind != _SPARSE or not matrix.size:
        return matrix.shape
    ends = [matrix.start + step * (column * n_rows - 1) for column in (1, 2)]
    last = np.array([np.frombuffer(opened.look(end, step), matrix.dtype)[0] for end in ends])
    if not np.isfinite(last).all():
        raise _truncated(opened.path, "a sparse matrix")
    return tuple(int(n) for n in last)


def _matrices(opened: Opened) -> Iterator[_Matrix]:
    at, path = 0, opened.path
    while at < opened.size:
        head = opened.look(at, _HEAD)
        if len(head) < _HEAD:
            raise _truncated(path, "the head of a variable")
        order = "<" if 0 <= struct.unpack("<i", head[:4])[0] < 5000 else ">"
        code, rows, columns, is_complex, n_name = struct.unpack(order + "5i", head)
        kind, precision = code % 10, code // 10 % 10
        said = f"{rows} x {columns} numbers"
        if min(rows, columns, n_name) < 0 or precision >= len(_TYPES) or kind not in _KINDS:
            raise _truncated(path, said)
        dtype = np.dtype(order + _TYPES[precision])
        start = at + _HEAD + n_name
        if start > opened.size:
            raise _truncated(path, said)
        name = bytes(opened.look(at + _HEAD, n_name)).split(b"\0")[0].decode("latin-1")
        found = _Matrix(name, kind, bool(is_complex), (rows, columns), dtype, start)
        at = start + found.size
        if at > opened.size:
            raise _truncated(path, said)
        yield found


def _written_out(held: np.ndarray, path: Path) -> np.ndarray:
    """Rows of (row, column, value), from 1; the last one has the shape."""
    if held.shape[1] != 3 or not len(held):
        raise _truncated(path, "a sparse matrix")
    places, values = held[:, :2], held[:-1, 2]
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
