"""One numeric array of a MATLAB 5 file, read with two calls of numpy where it is plain.

scipy reads every variable and every kind; the files meant here hold one small array each, and
there are hundreds of thousands of them.
"""

import struct
import zlib
from pathlib import Path

import numpy as np

from isocortex.choice import listed, suggestion
from isocortex.errors import FormatError

_STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8"}
_STORED |= {12: "i8", 13: "u8"}
_CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4"}
_CLASSES |= {14: "i8", 15: "u8"}
_MATRIX, _COMPRESSED, _SPARSE_CLASS = 14, 15, 5


def read_v5(path: Path, key: str) -> np.ndarray:
    """The array under ``key``.

    Raises
    ------
    FormatError
        If the file is truncated, has no such variable, or it is not an array of numbers.
    """
    raw = path.read_bytes()
    order = {b"IM": "<", b"MI": ">"}.get(raw[126:128])
    if order is None:
        raise FormatError(f"{str(path)!r} is not a MAT file of version 5 or 7.3.")
    names, start = [], 128
    while start + 8 <= len(raw):
        kind, size = struct.unpack_from(order + "II", raw, start)
        body = raw[start + 8 : start + 8 + size]
        if len(body) < size:
            raise _truncated(path)
        start += 8 + size
        body = _unzipped(body, order, path) if kind == _COMPRESSED else body
        if kind not in (_MATRIX, _COMPRESSED):
            continue
        try:
            name, found = _variable(body, order, key, path)
        except (struct.error, ValueError, KeyError, IndexError) as error:
            if isinstance(error, FormatError):
                raise
            raise _truncated(path) from error
        if found is not None:
            return found
        names.append(name)
    if not names:
        raise _truncated(path)
    raise FormatError(
        f"{str(path)!r} has no variable {key!r}. {suggestion(key, names)}It has: {listed(names)}."
    )


def _variable(body: bytes, order: str, key: str, path: Path) -> tuple[str, np.ndarray | None]:
    _, flags, place = _element(body, 0, order)
    kind = struct.unpack_from(order + "I", flags)[0] & 0xFF
    is_complex = bool(struct.unpack_from(order + "I", flags)[0] & 0x0800)
    _, sizes, place = _element(body, place, order)
    shape = struct.unpack(f"{order}{len(sizes) // 4}i", sizes)
    _, name, place = _element(body, place, order)
    text = name.decode("latin-1")
    if text != key:
        return text, None
    if kind == _SPARSE_CLASS:
        from scipy.io import loadmat

        return text, np.asarray(loadmat(path, variable_names=[key])[key].toarray())
    if kind not in _CLASSES or is_complex:
        raise FormatError(
            f"{str(path)!r}: the variable {key!r} is an object, a cell, text or complex, not an "
            "array of real numbers."
        )
    stored, data, _ = _element(body, place, order)
    values = np.frombuffer(data, order + _STORED[stored]).astype(_CLASSES[kind])
    return text, np.ascontiguousarray(values.reshape(shape, order="F"))


def _element(body: bytes, place: int, order: str) -> tuple[int, bytes, int]:
    """Type, content, and where the next element starts; small ones are packed into 8 bytes."""
    first, size = struct.unpack_from(order + "II", body, place)
    if first >> 16:
        size = first >> 16
        return first & 0xFFFF, body[place + 4 : place + 4 + size], place + 8
    content = body[place + 8 : place + 8 + size]
    if len(content) < size:
        raise ValueError("an element ends after the file")
    return first, content, place + 8 + size + (-size) % 8


def _unzipped(body: bytes, order: str, path: Path) -> bytes:
    try:
        plain = zlib.decompress(body)
    except zlib.error as error:
        raise _truncated(path) from error
    kind, size = struct.unpack_from(order + "II", plain)
    return plain[8 : 8 + size] if kind == _MATRIX else b""


def _truncated(path: Path) -> FormatError:
    return FormatError(
        f"{str(path)!r} is truncated or damaged: a MAT file of version 5 with nothing whole in "
        "it. Copy or extract it again."
    )
