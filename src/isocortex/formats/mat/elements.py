"""The elements that a MATLAB 5 file is made of, whose sizes are held against its bytes."""

import mmap
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from isocortex.errors import FormatError
from isocortex.reading import AGAIN, MOST_PACKED, check_declared

MATRIX, COMPRESSED = 14, 15
_MAPPED = 2**18
"""Bytes from which a file is mapped: smaller ones are read sooner than they are mapped."""


def content(path: Path) -> memoryview:
    """The bytes of a file, of which those of large files are read when they are looked at.

    So what stands before a variable is passed over, and the numbers of one are copied once.
    """
    if path.stat().st_size < _MAPPED:
        return memoryview(path.read_bytes())
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def byte_order(raw: memoryview) -> str | None:
    """The sign for ``struct`` of a file of version 5; None where it is none."""
    return {b"IM": "<", b"MI": ">"}.get(bytes(raw[126:128]))


def elements(raw: memoryview, at: int, order: str, path: Path) -> Iterator[tuple[int, memoryview]]:
    """Kind and content of one element after the other."""
    while at + 8 <= len(raw):
        kind, body, at = element(raw, at, order, path)
        yield kind, body


def element(raw: memoryview, at: int, order: str, path: Path) -> tuple[int, memoryview, int]:
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


def unzipped(body: memoryview, order: str, path: Path) -> memoryview:
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
    return memoryview(plain)[8 : 8 + size if kind == MATRIX else 8]


def truncated(path: Path) -> FormatError:
    """The sentence on a file that ends, or whose parts end, too early."""
    return FormatError(
        f"{str(path)!r} is truncated or damaged: a MAT file of version 5 whose parts end too "
        f"early. {AGAIN}"
    )
