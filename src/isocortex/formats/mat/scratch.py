"""Rows that are dear to parse are parsed once: from then on they stand in a scratch file."""

import shutil
import tempfile
import weakref
from collections.abc import Callable
from threading import Lock
from typing import Any, BinaryIO

import numpy as np

_SPARE = 2**30
"""Bytes of the disk that are left to others."""
_LITTLE = 2**24
"""Bytes up to which an array stays in memory."""


class Scratch:
    """A matrix in a file without a name, filled row by row as rows are asked for.

    It lies in the folder for temporary files (``TMPDIR``) and goes with this object. Where the disk
    has no room, rows are made anew each time. A copy in another process starts empty.

    Parameters
    ----------
    shape : tuple of int
    dtype : numpy type
    row : callable
        From the number of a row to its values.
    """

    def __init__(self, shape: tuple[int, int], dtype: Any, row: Callable[[int], np.ndarray]):
        self.shape, self.dtype, self._row = shape, np.dtype(dtype), row
        self._start()

    def _start(self) -> None:
        self._there = np.zeros(self.shape[0], dtype=bool)
        self._file: BinaryIO | None = None
        self._full, self._lock = False, Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {"shape": self.shape, "dtype": self.dtype, "_row": self._row}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._start()

    def read(self, rows: np.ndarray, columns: Any) -> np.ndarray:
        """Some rows of some columns, of which any index of NumPy chooses."""
        if isinstance(columns, slice) and columns.step in (None, 1):
            first, stop, _ = columns.indices(self.shape[1])
            return self._between(rows, first, max(first, stop))
        chosen = np.arange(self.shape[1])[columns]
        first, stop = int(chosen.min(initial=self.shape[1])), int(chosen.max(initial=-1)) + 1
        return self._between(rows, min(first, stop), stop)[:, chosen - first]

    def _between(self, rows: np.ndarray, first: int, stop: int) -> np.ndarray:
        found = np.empty((len(rows), stop - first), self.dtype)
        with self._lock:
            for out, i in zip(found, rows.tolist(), strict=True):
                if self._file is not None and self._there[i]:
                    self._file.seek(self._place(i, first))
                    self._file.readinto(memoryview(out).cast("B"))  # type: ignore[attr-defined]
                else:
                    values = self._row(i)
                    out[:] = values[first:stop]
                    self._keep(i, values)
        return found

    def _place(self, row: int, column: int) -> int:
        return (row * self.shape[1] + column) * self.dtype.itemsize

    def _keep(self, i: int, values: np.ndarray) -> None:
        if self._full:
            return
        try:
            if self._file is None:
                self._full = not _has_room(self._place(self.shape[0], 0))
                if self._full:
                    return
                self._file = tempfile.TemporaryFile(prefix="isocortex-")  # noqa: SIM115
                weakref.finalize(self, self._file.close)
            self._file.seek(self._place(i, 0))
            self._file.write(np.ascontiguousarray(values, self.dtype).data)
            self._file.flush()
            self._there[i] = True
        except OSError:
            self._full = True  # Rows that are there can be read.


def set_aside(values: np.ndarray) -> np.ndarray:
    """The same numbers in a file without a name, of which memory holds what it has room for.

    They cannot be written to. Small arrays stay as they are, and all where the disk has no room.
    """
    if values.nbytes <= _LITTLE or not _has_room(values.nbytes):
        return values
    try:
        with tempfile.TemporaryFile(prefix="isocortex-") as file:
            file.write(np.ascontiguousarray(values).data)
            file.flush()
            return np.asarray(np.memmap(file, values.dtype, "r", shape=values.shape))
    except OSError:
        return values


def _has_room(n_bytes: int) -> bool:
    return n_bytes + _SPARE <= shutil.disk_usage(tempfile.gettempdir()).free
