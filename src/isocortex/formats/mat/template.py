"""Many small files that differ in their numbers alone: one is parsed, the others compared with it.

Opening an HDF5 file costs ten times what its thousand numbers cost. But where all bytes around
the numbers are those of a file whose structure is known, the structure is the same.
"""

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np


@dataclass(frozen=True)
class Layout:
    """Where the numbers of a MAT file of version 7.3 stand, and all bytes around them."""

    before: bytes
    after: bytes
    start: int
    skipped: int
    """Bytes at the beginning that say when and by whom a file was written."""
    shape: tuple[int, ...]
    stored: tuple[int, ...]
    dtype: np.dtype
    columns_first: bool
    """As MATLAB writes; plain HDF5 keeps its order."""

    def read(self, path: Path) -> np.ndarray | None:
        """The numbers of a file, or None where it is not like the first one to the byte."""
        try:
            return self.numbers(path.read_bytes())
        except OSError:
            return None

    def numbers(self, raw: bytes) -> np.ndarray | None:
        """The same of the bytes of a file."""
        stop = len(raw) - len(self.after)
        if raw[self.skipped : self.start] != self.before or raw[stop:] != self.after:
            return None
        count = int(np.prod(self.stored))
        if stop - self.start != count * self.dtype.itemsize:
            return None
        values = np.frombuffer(raw, self.dtype, count, self.start).reshape(self.stored)
        values = values.T if self.columns_first else values
        return np.ascontiguousarray(values).reshape(self.shape)

    def bytes_of(self, values: np.ndarray) -> bytes:
        """What stands behind the bytes that are skipped in a file of these numbers."""
        turned = self.stored[::-1] if self.columns_first else self.stored
        stored = values.reshape(turned)
        numbers = (stored.T if self.columns_first else stored).tobytes()
        return self.before + numbers + self.after


def layout_of(path: Path, key: str, values: np.ndarray) -> Layout | None:
    """The layout of a file, or None where its numbers do not stand in it one after the other.

    Parameters
    ----------
    path : path
    key : str
        The variable.
    values : array
        What :func:`isocortex.formats.mat.files.read_array` gives for it.
    """
    try:
        with h5py.File(path, "r") as file:
            node = file[key]
            if not isinstance(node, h5py.Dataset) or node.chunks or node.external:
                return None
            offset, skipped = node.id.get_offset(), int(file.userblock_size)
            stored, dtype = node.shape, node.dtype
    except (OSError, KeyError):
        return None
    if offset is None or dtype != values.dtype:
        return None
    raw = path.read_bytes()
    for start in (offset, offset + skipped):  # Whether it counts from there depends on the version.
        around = raw[skipped:start], raw[start + values.nbytes :]
        for columns_first in (True, False):
            found = Layout(*around, start, skipped, values.shape, stored, dtype, columns_first)
            again = found.numbers(raw)
            if again is not None and again.tobytes() == values.tobytes():
                return found
    return None
