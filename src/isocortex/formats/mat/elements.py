"""The elements that a MATLAB 5 file is made of, whose sizes are held against its bytes."""

import struct
from collections.abc import Iterator
from pathlib import Path

from isocortex.errors import FormatError
from isocortex.reading import AGAIN

MATRIX, COMPRESSED = 14, 15


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
    kind, start, size, following = tag(raw[at : at + 8], at, order, path)
    body = raw[start : start + size]
    if len(body) < size:
        raise truncated(path)
    return kind, body, following


def tag(raw: memoryview, at: int, order: str, path: Path) -> tuple[int, int, int, int]:
    """Kind of the element at a place, where its content starts, its size, and what is next.

    Raises
    ------
    FormatError
        If its eight bytes are not there.
    """
    if len(raw) < 8:
        raise truncated(path)
    first, size = struct.unpack_from(order + "II", raw)
    if first >> 16:
        return first & 0xFFFF, at + 4, min(first >> 16, 4), at + 8
    # Compressed elements follow one another without padding.
    return first, at + 8, size, at + 8 + size + (0 if first == COMPRESSED else -size % 8)


def truncated(path: Path) -> FormatError:
    """The sentence on a file that ends, or whose parts end, too early."""
    return FormatError(
        f"{str(path)!r} is truncated or damaged: a MAT file of version 5 whose parts end too "
        f"early. {AGAIN}"
    )
