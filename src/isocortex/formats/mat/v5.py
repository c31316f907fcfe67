"""One numeric array of a MATLAB 5 file, read with two calls of numpy where it is plain.

scipy reads every variable and every kind; the files meant here hold one small array each, and
there are hundreds of thousands of them.
"""

import struct
from pathlib import Path

import numpy as np

from isocortex.choice import listed, suggestion
from isocortex.errors import FormatError
from isocortex.formats.mat.sizes import (
    COMPRESSED,
    MATRIX,
    SPARSE_CLASS,
    byte_order,
    check_mat,
    element,
    elements,
    truncated,
    unzipped,
)

_STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8"}
_STORED |= {12: "i8", 13: "u8"}
_CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4"}
_CLASSES |= {14: "i8", 15: "u8"}


def read_v5(path: Path, key: str) -> np.ndarray:
    """The array under ``key``.

    Raises
    ------
    FormatError
        If the file is truncated, has no such variable, or it is not an array of numbers.
    """
    raw = path.read_bytes()
    order = byte_order(raw)
    if order is None:
        raise FormatError(f"{str(path)!r} is not a MAT file of version 5 or 7.3.")
    names = []
    for kind, body in elements(raw, 128, order, path):
        if kind not in (MATRIX, COMPRESSED):
            continue
        try:
            plain = unzipped(body, order, path) if kind == COMPRESSED else body
            name, found = _variable(plain, order, key, path)
        except (struct.error, ValueError, KeyError, IndexError) as error:
            if isinstance(error, FormatError):
                raise
            raise truncated(path) from error
        if found is not None:
            return found
        names.append(name)
    if not names:
        raise truncated(path)
    raise FormatError(
        f"{str(path)!r} has no variable {key!r}. {suggestion(key, names)}It has: {listed(names)}."
    )


def _variable(body: bytes, order: str, key: str, path: Path) -> tuple[str, np.ndarray | None]:
    _, flags, place = element(body, 0, order, path)
    kind = struct.unpack_from(order + "I", flags)[0] & 0xFF
    is_complex = bool(struct.unpack_from(order + "I", flags)[0] & 0x0800)
    _, sizes, place = element(body, place, order, path)
    shape = struct.unpack(f"{order}{len(sizes) // 4}i", sizes)
    _, name, place = element(body, place, order, path)
    text = name.decode("latin-1")
    if text != key:
        return text, None
    if kind == SPARSE_CLASS:
        from scipy.io import loadmat

        check_mat(path)
        return text, np.asarray(loadmat(path, variable_names=[key])[key].toarray())
    if kind not in _CLASSES or is_complex:
        raise FormatError(
            f"{str(path)!r}: the variable {key!r} is an object, a cell, text or complex, not an "
            "array of real numbers."
        )
    stored, data, _ = element(body, place, order, path)
    values = np.frombuffer(data, order + _STORED[stored]).astype(_CLASSES[kind])
    return text, np.ascontiguousarray(values.reshape(shape, order="F"))
