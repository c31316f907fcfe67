"""Checksums of what is kept: CRC-32C, which finds each flip of a bit and each run of up to 32.

Numbers carry their checksum behind them, as the codec ``crc32c`` of zarr does. A document
carries it inside, in eight digits that count as zeros while it is computed; so every byte of
the file is covered, and other programs read it as before.
"""

import re
from collections.abc import Iterable

import numpy as np

SEAL = "isocortex_crc32c"
"""The key of a document's checksum."""

BLANK = "00000000"
"""What stands there before a document is sealed."""

N_BYTES = 4
"""The size of a checksum behind numbers."""

_SEALED = re.compile(rb'"' + SEAL.encode() + rb'": ?"(.{8})"', re.DOTALL)


def crc32c(parts: Iterable[np.ndarray | bytes]) -> int:
    """The checksum of bytes that come in parts; arrays must be contiguous."""
    import google_crc32c

    found = 0
    for part in parts:
        flat = part if isinstance(part, bytes) else part.reshape(-1).view(np.uint8)
        found = google_crc32c.extend(found, flat)  # pyright: ignore[reportArgumentType]
    return found


def behind(numbers: np.ndarray | bytes) -> bytes:
    """The checksum as it is written behind numbers: four bytes, the lowest first."""
    return crc32c([numbers]).to_bytes(N_BYTES, "little")


def sealed(document: bytes, rest: Iterable[np.ndarray | bytes] = ()) -> bytes:
    """A document with its blank filled in.

    Parameters
    ----------
    document : bytes
        Holds ``"isocortex_crc32c": "00000000"`` once.
    rest : parts, optional
        What follows in the same file and is covered too.
    """
    start, stop = _place(document) or (0, 0)
    digits = f"{crc32c([document, *rest]):08x}".encode()
    return document[:start] + digits + document[stop:]


def is_whole(document: bytes, rest: Iterable[np.ndarray | bytes] = ()) -> bool | None:
    """Whether a document is what was sealed; None where it carries no checksum."""
    place = _place(document)
    if place is None:
        return None
    start, stop = place
    blank = document[:start] + BLANK.encode() + document[stop:]
    return f"{crc32c([blank, *rest]):08x}".encode() == document[start:stop]


def _place(document: bytes) -> tuple[int, int] | None:
    found = _SEALED.search(document)
    return None if found is None else found.span(1)
