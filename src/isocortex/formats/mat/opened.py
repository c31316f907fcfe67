"""A MAT file of version 4 or 5, open: heads of variables are looked at, contents read when wanted.

So what stands before or behind a variable costs nothing, packed or not, and the numbers of one go
from the file into the memory that the caller gets, without a second copy.
"""

import io
import os
import struct
import zlib
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np

from isocortex.errors import NotFoundError
from isocortex.formats.mat.elements import MATRIX, byte_order, truncated
from isocortex.reading import MOST_PACKED, check_declared, check_room

_FIRST = 2**12
"""Bytes that are read at once when a file is opened: all of most files of features."""
_GLANCE = 2**10
"""Bytes that hold the head of nearly every variable."""
_PIECE = 2**17
"""Packed bytes that are unpacked at a time: in the cache, and never more than 140 MB of a bomb."""


class Opened:
    """The bytes of a file, by their places.

    Parameters
    ----------
    path : path

    Raises
    ------
    NotFoundError
        If there is no such file.
    """

    def __init__(self, path: Path):
        self.path = path
        try:
            self._file = io.FileIO(path)
        except (FileNotFoundError, IsADirectoryError):
            raise NotFoundError(f"There is no MAT file {str(path)!r}.") from None
        self.first = memoryview(self._file.read(_FIRST) or b"")
        whole = len(self.first) < _FIRST
        self.size = len(self.first) if whole else os.fstat(self._file.fileno()).st_size
        self.order = byte_order(self.first) or "<"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def look(self, at: int, count: int = _GLANCE) -> memoryview:
        """Up to ``count`` bytes of the file, fewer at its end."""
        if at + count <= len(self.first) or len(self.first) == self.size:
            return self.first[at : at + count]
        self._file.seek(at)
        return memoryview(self._file.read(count) or b"")

    def read(self, at: int, count: int) -> memoryview:
        """``count`` bytes in memory of their own, which may be written to.

        Raises
        ------
        FormatError
            If the file ends before.
        StorageError
            If memory cannot hold them.
        """
        if at + count > self.size:
            raise truncated(self.path)
        check_room(self.path, count)
        room = np.empty(count, np.uint8).data
        if len(self.first) == self.size:
            room[:] = self.first[at : at + count]
            return room
        self._file.seek(at)
        filled = 0
        while filled < count:  # The system reads 2 GB at a time at most.
            n = self._file.readinto(room[filled:])
            if not n:
                raise truncated(self.path)
            filled += n
        return room


class Packed:
    """A compressed matrix: its kind and size, which stand first in it, and the rest on demand."""

    def __init__(self, opened: Opened, at: int, count: int):
        self._opened, self._at, self._count = opened, at, count
        path = opened.path
        try:
            start = opened.look(at, min(count, _GLANCE))
            plain = memoryview(zlib.decompressobj().decompress(start, _GLANCE))
            self.kind, self.size = struct.unpack_from(opened.order + "II", plain)
        except (zlib.error, struct.error) as error:
            raise truncated(path) from error
        check_declared(path, self.size, MOST_PACKED * count, "a variable")
        self.start = plain[8 : 8 + self.size if self.kind == MATRIX else 8]

    def read(self) -> memoryview:
        """All of its content, in memory of its own, which may be written to.

        Raises
        ------
        FormatError
            If it is damaged: zlib's checksum is looked at.
        """
        look = partial(self._opened.look, count=_PIECE)
        room, filled = np.empty(self.size + 8, np.uint8).data, 0
        unpacker, stop = zlib.decompressobj(), self._at + self._count
        try:
            for at in range(self._at, stop, _PIECE):
                part = unpacker.decompress(look(at)[: stop - at])
                # What is longer than it says does not fit, which is an error of its own.
                room[filled : filled + len(part)] = part
                filled += len(part)
                if unpacker.eof:
                    break
        except (zlib.error, ValueError) as error:
            raise truncated(self._opened.path) from error
        if filled < len(room):
            raise truncated(self._opened.path)
        return room[8:]
