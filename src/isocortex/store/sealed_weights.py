"""A checksum in the header of a safetensors file, over every byte of the file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.errors import FormatError
from isocortex.store.checksum import BLANK, SEAL, is_whole, sealed

METADATA = {SEAL: BLANK}
"""To be given to safetensors, before the file is sealed."""

_LENGTH = 8
_BLOCK = 2**24


def seal_weights(path: Path) -> None:
    """Fill in the checksum of a file that was written with ``METADATA``."""
    with path.open("r+b") as file:
        head = _head(file)
        whole = sealed(head, _blocks(file))
        file.seek(0)
        file.write(whole)


def check_weights(path: Path) -> None:
    """Compare a file with its checksum, if it has one; those of other programs have none.

    Raises
    ------
    FormatError
        If it is not to the bit what was written.
    """
    try:
        with path.open("rb") as file:
            damaged = is_whole(_head(file), _blocks(file)) is False
    except (OSError, MemoryError, OverflowError) as error:
        raise FormatError(f"{str(path)!r} cannot be read as safetensors ({error}).") from error
    if damaged:
        raise FormatError(
            f"{str(path)!r} is damaged: its checksum differs. Save the weights again, or take "
            "another copy."
        )


def _head(file: Any) -> bytes:
    """The length of the header, and the header."""
    length = file.read(_LENGTH)
    return length + file.read(min(int.from_bytes(length, "little"), 2**30))


def _blocks(file: Any) -> Iterator[np.ndarray]:
    """What is left of a file."""
    while len(block := np.fromfile(file, np.uint8, _BLOCK)):
        yield block
