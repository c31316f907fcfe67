"""MATLAB 5 files, read here: numbers, texts, cells, structs and sparse matrices.

scipy reads them too, but a damaged one ends its process. Here every size is held against the
bytes that there are. The files meant hold one small array each, and there are hundreds of
thousands of them, so that the plain case is one opening and two calls of numpy.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.choice import listed, suggestion
from isocortex.errors import FormatError
from isocortex.formats.mat.elements import (
    COMPRESSED,
    MATRIX,
    byte_order,
    element,
    elements,
    tag,
    truncated,
)
from isocortex.formats.mat.opened import Opened, Packed
from isocortex.reading import check_room

_STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8"}
_STORED |= {12: "i8", 13: "u8"}
_CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4"}
_CLASSES |= {14: "i8", 15: "u8"}
_CELL, _STRUCT, _CHAR, _SPARSE = 1, 2, 4, 5
_NAMES = {_CELL: "cell", _STRUCT: "struct", 3: "object", _CHAR: "char", _SPARSE: "sparse"}
_TEXTS = {1: "latin-1", 2: "latin-1", 16: "utf-8", 4: "utf-16", 17: "utf-16", 18: "utf-32"}
_DEEPEST = 64
_COMPLEX, _LOGICAL = 0x0800, 0x0200


@dataclass(frozen=True)
class _Variable:
    """The head of a matrix, and how its content is come by."""

    name: str
    shape: tuple[int, ...]
    kind: int
    flags: frozenset[int]
    start: int
    order: str
    path: Path
    body: Callable[[], memoryview]
    """Reads all of it, the head included."""
    depth: int = 0

    @property
    def is_complex(self) -> bool:
        """Whether it has an imaginary part."""
        return _COMPLEX in self.flags

    @property
    def count(self) -> int:
        """How many entries it has."""
        return int(np.prod(self.shape, dtype=object))

    def parts(self) -> Iterator[tuple[int, memoryview]]:
        """The elements behind the head."""
        return elements(self.body(), self.start, self.order, self.path)


def read_v5(opened: Opened, key: str) -> np.ndarray:
    """The array under ``key``; the content of no other variable is read.

    Raises
    ------
    FormatError
        If the file is truncated, has no such variable, or it is not an array of numbers.
    """
    names, path = [], opened.path
    for found in _variables(opened):
        if found.name == key:
            if found.kind not in (*_CLASSES, _SPARSE) or found.is_complex:
                raise FormatError(
                    f"{str(path)!r}: the variable {key!r} is an object, a cell, text or complex, "
                    "not an array of real numbers."
                )
            return _value(found)
        names.append(found.name)
    if not names:
        raise truncated(path)
    raise FormatError(
        f"{str(path)!r} has no variable {key!r}. {suggestion(key, names)}It has: {listed(names)}."
    )


def read_all(path: Path, only: Callable[[str], bool] | None = None) -> dict[str, Any]:
    """All variables, or those whose name a function chooses.

    Arrays, texts (lists of them, of several rows), lists for cells, and mappings for structs
    (lists of them, of several).

    Raises
    ------
    FormatError, StorageError
    """
    with Opened(path) as opened:
        chosen = (each for each in _variables(opened) if only is None or only(each.name))
        return {found.name: _value(found) for found in chosen}


def listing(path: Path) -> list[tuple[str, tuple[int, ...], str]]:
    """Name, shape and class of each variable; contents are not read."""
    with Opened(path) as opened:
        return [
            (v.name, v.shape, _NAMES.get(v.kind, _CLASSES.get(v.kind, "?")))
            for v in _variables(opened)
        ]


def _variables(opened: Opened) -> Iterator[_Variable]:
    order, path, at = byte_order(opened.first), opened.path, 128
    if order is None:
        raise FormatError(f"{str(path)!r} is not a MAT file of version 5 or 7.3.")
    while at + 8 <= opened.size:
        glance = opened.look(at)
        kind, start, count, following = tag(glance, at, order, path)
        if start + count > opened.size:
            raise truncated(path)
        head, body = glance[start - at : start - at + count], partial(opened.read, start, count)
        if kind == COMPRESSED:
            packed = Packed(opened, start, count)
            head, body, count = packed.start, packed.read, packed.size
        if kind in (MATRIX, COMPRESSED) and head:
            found = _found(head, body, count, order, path)
            if found.name:  # What has none is MATLAB's own, for functions of the others.
                yield found
        at = following


def _found(
    head: memoryview, body: Callable[[], memoryview], count: int, order: str, path: Path
) -> _Variable:
    """The variable, of its first bytes if these hold all of its head."""
    try:
        return _head(head, body, order, path)
    except FormatError:
        if len(head) == count:
            raise
        return _head(body(), body, order, path)


def _head(
    head: memoryview, body: Callable[[], memoryview], order: str, path: Path, depth: int = 0
) -> _Variable:
    try:
        _, flags, place = element(head, 0, order, path)
        flag = struct.unpack_from(order + "I", flags)[0]
        _, sizes, place = element(head, place, order, path)
        shape = struct.unpack(f"{order}{len(sizes) // 4}i", sizes)
        _, name, place = element(head, place, order, path)
    except struct.error as error:
        raise truncated(path) from error
    if min(shape, default=0) < 0 or depth > _DEEPEST:
        raise truncated(path)
    flags = frozenset(each for each in (_COMPLEX, _LOGICAL) if flag & each)
    return _Variable(_name(name), shape, flag & 0xFF, flags, place, order, path, body, depth)


def _name(raw: memoryview) -> str:
    try:
        return str(raw, "utf-8")
    except UnicodeDecodeError:
        return str(raw, "latin-1")


def _value(of: _Variable) -> Any:
    readers = {_CELL: _cell, _STRUCT: _struct, _CHAR: _text, _SPARSE: _sparse}
    try:
        if of.kind in _CLASSES and not of.is_complex:
            return _numbers(of)
        if of.kind not in readers or of.is_complex:
            what = "complex" if of.is_complex else "an object or a function of MATLAB"
            raise FormatError(f"{str(of.path)!r}: the variable {of.name!r} is {what}.")
        return readers[of.kind](of)
    except (ValueError, KeyError, IndexError, StopIteration) as error:
        if isinstance(error, FormatError):
            raise
        raise truncated(of.path) from error


def _numbers(of: _Variable) -> np.ndarray:
    stored, data = next(of.parts())
    values = np.frombuffer(data, of.order + _STORED[stored])
    # A variable was read into memory of its own; what lies in a cell would keep all of it.
    own = of.depth == 0 and values.flags.aligned and values.flags.writeable
    if not own or values.dtype != _CLASSES[of.kind]:
        check_room(of.path, values.size * np.dtype(_CLASSES[of.kind]).itemsize)
    # In the order of the file: columns first.
    return values.astype(_CLASSES[of.kind], copy=not own).reshape(of.shape, order="F")


def _text(of: _Variable) -> str | list[str]:
    stored, data = next(of.parts(), (16, memoryview(b"")))
    coding = _TEXTS[stored]
    if stored in (4, 17, 18):
        coding += "-le" if of.order == "<" else "-be"
    text = str(data, coding)
    if len(of.shape) != 2 or of.shape[0] <= 1:
        return text
    rows = np.array(list(text)).reshape(of.shape, order="F")
    return ["".join(row) for row in rows]


def _cell(of: _Variable) -> list[Any]:
    found = _inner(of, of.parts())
    if len(found) != of.count:
        raise truncated(of.path)
    return found


def _struct(of: _Variable) -> Any:
    parts = of.parts()
    width = int.from_bytes(next(parts)[1], "little" if of.order == "<" else "big")
    text = bytes(next(parts)[1])
    starts = range(0, len(text), max(1, width))
    names = [text[i : i + width].split(b"\0")[0].decode("latin-1") for i in starts]
    values = _inner(of, parts)
    if len(values) != of.count * len(names):
        raise truncated(of.path)
    n = len(names)
    held = [dict(zip(names, values[i : i + n], strict=True)) for i in range(0, len(values), n or 1)]
    return held[0] if of.count == 1 and held else held


def _inner(of: _Variable, parts: Iterator[tuple[int, memoryview]]) -> list[Any]:
    """The matrices of a cell or a struct; an empty one is written without a head."""
    return [
        _value(_head(body, partial(memoryview, body), of.order, of.path, of.depth + 1))
        if body
        else np.empty(0)
        for kind, body in parts
        if kind == MATRIX
    ]


def _sparse(of: _Variable) -> np.ndarray:
    """As it is written out: columns begin where ``starts`` says, among the rows."""
    parts = of.parts()
    (_, rows), (_, starts), (stored, data) = next(parts), next(parts), next(parts)
    row = np.frombuffer(rows, of.order + "i4")
    start = np.frombuffer(starts, of.order + "i4")
    # MATLAB says that truth values are doubles, and keeps bytes.
    logical = _LOGICAL in of.flags and len(data) < 8 * int(start[-1])
    values = np.frombuffer(data, "u1" if logical else of.order + _STORED[stored]).astype(float)
    n_rows, n_columns = of.shape
    count = int(start[-1])
    steps = np.diff(start)
    if len(start) != n_columns + 1 or start[0] != 0 or (steps < 0).any():
        raise truncated(of.path)
    if count > min(len(row), len(values)) or not ((row >= 0) & (row < max(1, n_rows))).all():
        raise truncated(of.path)
    check_room(of.path, 8 * of.count, "a sparse matrix, written out,")
    full = np.zeros(of.shape)
    np.add.at(full, (row[:count], np.repeat(np.arange(n_columns), steps)), values[:count])
    return full
