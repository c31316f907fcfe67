"""The chain of tags in a FIF file, followed before MNE does: it does not look where it leads."""

import gzip
import struct
from pathlib import Path
from typing import Any

from isocortex.errors import FormatError
from isocortex.reading import AGAIN

_TAG = struct.Struct(">iiii")
_END, _NEXT = -1, 0


def check_fif(path: Path) -> None:
    """Each tag lies in the file, and none is come to twice; of a packed file also its checksum.

    Raises
    ------
    FormatError
        If a tag leads back, or declares more than the file holds.
    """
    packed = path.suffix.lower() == ".gz"
    at, been = 0, set()
    with gzip.open(path) if packed else path.open("rb") as file:
        size = _unpacked_size(file) if packed else path.stat().st_size
        while at != _END and at < size:
            file.seek(at)
            head = file.read(_TAG.size)
            if len(head) < _TAG.size or at in been:
                raise _damaged(path, at)
            been.add(at)
            _, _, length, following = _TAG.unpack(head)
            if length < 0 or at + _TAG.size + length > size or following < _END:
                raise _damaged(path, at)
            at = at + _TAG.size + length if following == _NEXT else following


def _unpacked_size(file: Any) -> int:
    """Its length, for which all of it is read, to the checksum of gzip at the end."""
    while file.read(2**20):
        pass
    return file.tell()


def _damaged(path: Path, at: int) -> FormatError:
    return FormatError(
        f"{str(path)!r} is not a file of epochs of MNE, or is truncated or damaged (the tag at "
        f"byte {at} leads nowhere). {AGAIN}"
    )
