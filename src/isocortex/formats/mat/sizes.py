"""What a MATLAB file of version 4 or 5 declares, held against its bytes before it is believed."""

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from isocortex.errors import FormatError
from isocortex.reading import AGAIN, MOST_PACKED, check_declared, check_room

MATRIX, COMPRESSED, SPARSE_CLASS = 14, 15, 5
_HEAD = 128
_DEEPEST = 64
_V4_SIZES = (8, 4, 4, 2, 2, 1)


def check_mat(path: Path) -> None:
    """Refuse a file that declares more than it holds, or than memory can.

    Raises
    ------
    FormatError, StorageError
    """
    check_room(path, path.stat().st_size)
    raw = path.read_bytes()
    if len(raw) >= 20 and 0 in raw[:4]:
        _check_v4(raw, path)
        return
    order = byte_order(raw)
    if order is None:
        return  # Which is said by who reads it.
    for kind, body in elements(raw, _HEAD, order, path):
        if kind == COMPRESSED:
            _check_matrix(unzipped(body, order, path), order, path)
        elif kind == MATRIX:
            _check_matrix(body, order, path)


def byte_order(raw: bytes) -> str | None:
    """The sign for ``struct`` of a file of version 5; None where it is none."""
    return {b"IM": "<", b"MI": ">"}.get(raw[126:128])


def elements(raw: bytes, at: int, order: str, path: Path) -> Iterator[tuple[int, bytes]]:
    """Kind and content of one element after the other."""
    while at + 8 <= len(raw):
        kind, body, at = element(raw, at, order, path)
        yield kind, body


def element(raw: bytes, at: int, order: str, path: Path) -> tuple[int, bytes, int]:
    """Kind, content, and where the next element starts; small ones are packed into 8 bytes.

    Raises
    ------
    FormatError
        If it ends after the file.
    """
    if at + 8 > len(raw):
        raise truncated(path)
    first, size = struct.unpack_from(order + "II", raw, at)
    if first >> 16:
        return first & 0xFFFF, raw[at + 4 : at + 4 + min(first >> 16, 4)], at + 8
    body = raw[at + 8 : at + 8 + size]
    if len(body) < size:
        raise truncated(path)
    # Compressed elements follow one another without padding.
    return first, body, at + 8 + size + (0 if first == COMPRESSED else -size % 8)


def unzipped(body: bytes, order: str, path: Path) -> bytes:
    """The content of a compressed matrix, which says its size first; empty for another kind.

    Raises
    ------
    FormatError, StorageError
    """
    try:
        kind, size = struct.unpack(order + "II", zlib.decompressobj().decompress(body, 8))
        check_declared(path, size, MOST_PACKED * len(body), "a variable")
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(body, size + 16)
    except (zlib.error, struct.error) as error:
        raise truncated(path) from error
    # What is cut off before its end has not been checked by zlib's checksum.
    if len(plain) < size + 8 or not (unpacker.eof or not unpacker.unconsumed_tail):
        raise truncated(path)
    return plain[8 : 8 + size] if kind == MATRIX else b""


def truncated(path: Path) -> FormatError:
    """The sentence on a file that ends, or whose parts end, too early."""
    return FormatError(
        f"{str(path)!r} is truncated or damaged: a MAT file of version 5 whose parts end too "
        f"early. {AGAIN}"
    )


def _check_matrix(body: bytes, order: str, path: Path, depth: int = 0) -> None:
    """Each entry takes at least a byte; those of cells and structs are matrices themselves."""
    if not body:
        return
    if depth > _DEEPEST:
        raise FormatError(f"{str(path)!r} has cells in cells, {_DEEPEST} deep; it is not read.")
    parts = elements(body, 0, order, path)
    _, flags = next(parts, (0, b""))
    _, sizes = next(parts, (0, b""))
    if len(flags) < 4:
        raise truncated(path)
    shape = struct.unpack(f"{order}{len(sizes) // 4}i", sizes[: len(sizes) // 4 * 4])
    count = math.prod(max(0, n) for n in shape)
    if struct.unpack_from(order + "I", flags)[0] & 0xFF == SPARSE_CLASS:
        check_room(path, 8 * count, "a sparse matrix that is written out")
    else:
        check_declared(path, count, len(body), "a variable")
    for kind, inner in parts:
        if kind == MATRIX:
            _check_matrix(inner, order, path, depth + 1)


def _check_v4(raw: bytes, path: Path) -> None:
    at = 0
    while at + 20 <= len(raw):
        order = "<" if struct.unpack_from("<i", raw, at)[0] < 5000 else ">"
        kind, rows, columns, is_complex, n_name = struct.unpack_from(order + "5i", raw, at)
        size = dict(enumerate(_V4_SIZES)).get(kind // 10 % 10, 1)
        numbers = rows * columns * size * (2 if is_complex else 1)
        if min(rows, columns, n_name) < 0 or at + 20 + n_name + numbers > len(raw):
            raise FormatError(
                f"{str(path)!r} is truncated or damaged: it declares {rows} x {columns} numbers. "
                f"{AGAIN}"
            )
        at += 20 + n_name + numbers
