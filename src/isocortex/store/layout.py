"""How the activations of one layer lie on disk: a zarr array of whole batches.

One file (a zarr "shard") holds one batch of stimuli with all units. Inside, columns stand
together in chunks, so that a block of columns of a batch is one contiguous piece of the file:
a batch is written in one go, and all stimuli of a few units are read without the others. The
arrays are plain zarr 3 and not compressed (activations hardly shrink), which is why they can
be read and written here directly, at the speed of the disk.
"""

import math
import os
import socket
import struct
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isocortex.arrays import BLOCK_BYTES, BLOCK_WIDTH

_WIDEST = 16384
_READERS = 4
_PART = "part-"


@dataclass(frozen=True)
class Layout:
    """Shape and division of a matrix (n_rows, n_columns) on disk."""

    n_rows: int
    n_columns: int
    batch: int
    """Rows of one file."""
    width: int
    """Columns of one chunk."""
    dtype: np.dtype

    @property
    def n_batches(self) -> int:
        """How many files."""
        return math.ceil(self.n_rows / self.batch)

    @property
    def n_chunks(self) -> int:
        """How many chunks of columns in a file."""
        return math.ceil(self.n_columns / self.width)

    @property
    def chunk_bytes(self) -> int:
        """The size of one chunk in a file."""
        return self.batch * self.width * self.dtype.itemsize

    @property
    def file_bytes(self) -> int:
        """The size of each file: the chunks, and where they begin (16 bytes each, and a CRC)."""
        return self.n_chunks * self.chunk_bytes + 16 * self.n_chunks + 4

    def rows_of(self, batch: int) -> slice:
        """The rows that a file holds."""
        return slice(batch * self.batch, min((batch + 1) * self.batch, self.n_rows))

    def buffer(self) -> np.ndarray:
        """An empty array in the order of a file: (n_chunks, batch, width)."""
        return np.zeros((self.n_chunks, self.batch, self.width), self.dtype)


def layout_for(n_rows: int, n_columns: int, batch: int, dtype: np.dtype) -> Layout:
    """A division under which blocks of columns fit in memory and chunks are large."""
    widest = max(BLOCK_WIDTH, min(_WIDEST, BLOCK_BYTES // (8 * n_rows)))
    n_chunks = math.ceil(n_columns / widest)
    return Layout(n_rows, n_columns, batch, math.ceil(n_columns / n_chunks), np.dtype(dtype))


def batch_file(folder: Path, batch: int) -> Path:
    """The file of a batch, as zarr names it."""
    return folder / "c" / str(batch) / "0"


def write_batch(folder: Path, layout: Layout, batch: int, buffer: np.ndarray) -> None:
    """Write one batch, in the order of :meth:`Layout.buffer`, whole or not at all."""
    target = batch_file(folder, batch)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{_PART}{socket.gethostname()}-{os.getpid()}")
    try:
        with part.open("wb") as file:
            file.write(memoryview(buffer.reshape(-1).view(np.uint8)))  # type: ignore[arg-type]
            file.write(_index(layout))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def clear_remains(folder: Path) -> None:
    """Delete what writers that were killed on this machine have left."""
    ours = f"{_PART}{socket.gethostname()}-"
    for part in folder.glob(f"c/*/{ours}*"):
        if not _alive(int(part.name.removeprefix(ours))):
            part.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _index(layout: Layout) -> bytes:
    """Where each chunk begins and how long it is, as zarr's sharding codec ends a file."""
    from google_crc32c import value as crc32c

    size = layout.chunk_bytes
    numbers = [n for i in range(layout.n_chunks) for n in (i * size, size)]
    index = struct.pack(f"<{len(numbers)}Q", *numbers)
    return index + struct.pack("<I", crc32c(index))


def state(folder: Path, layout: Layout) -> tuple[list[int], list[int]]:
    """Which batches are not there, and which have the wrong size."""
    absent, damaged = [], []
    for batch in range(layout.n_batches):
        try:
            size = batch_file(folder, batch).stat().st_size
        except FileNotFoundError:
            absent.append(batch)
            continue
        if size != layout.file_bytes:
            damaged.append(batch)
    return absent, damaged


def read_columns(folder: Path, layout: Layout, first: int, stop: int) -> np.ndarray:
    """All rows of the columns from ``first`` to ``stop``: (n_rows, stop - first)."""
    return read_block(folder, layout, range(layout.n_batches), first, stop)


def read_block(
    folder: Path, layout: Layout, batches: Sequence[int], first: int, stop: int
) -> np.ndarray:
    """The rows of some batches, of the columns from ``first`` to ``stop``."""
    starts = np.cumsum([0] + [_length(layout, batch) for batch in batches])
    out = np.empty((int(starts[-1]), stop - first), layout.dtype)

    def fill(i: int) -> None:
        rows = out[starts[i] : starts[i + 1]]
        _read_batch(batch_file(folder, batches[i]), layout, rows, first, stop)

    if len(batches) == 1:
        fill(0)
        return out
    with ThreadPoolExecutor(_READERS) as pool:
        list(pool.map(fill, range(len(batches))))
    return out


def _length(layout: Layout, batch: int) -> int:
    rows = layout.rows_of(batch)
    return rows.stop - rows.start


def _read_batch(path: Path, layout: Layout, out: np.ndarray, first: int, stop: int) -> None:
    width = layout.width
    with path.open("rb", buffering=0) as file:
        for chunk in range(first // width, (stop - 1) // width + 1):
            left, right = max(first, chunk * width), min(stop, (chunk + 1) * width)
            place = out[:, left - first : right - first]
            inner = slice(left - chunk * width, right - chunk * width)
            place[:] = _chunk(file, layout, chunk, len(out))[:, inner]


def _chunk(file, layout: Layout, chunk: int, n_rows: int) -> np.ndarray:
    data = np.empty((n_rows, layout.width), layout.dtype)
    file.seek(chunk * layout.chunk_bytes)
    view = memoryview(data.view(np.uint8).reshape(-1))  # type: ignore[arg-type]
    while view:
        count = file.readinto(view)
        if not count:
            raise EOFError(f"{file.name} ends too early")
        view = view[count:]
    return data
