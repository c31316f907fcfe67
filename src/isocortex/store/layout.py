"""How the activations of one layer lie on disk: a zarr array of whole batches.

One file (a zarr "shard") holds one batch of stimuli with all units. Inside, columns stand
together in chunks, so that a block of columns of a batch is one contiguous piece of the file:
a batch is written in one go, and all stimuli of a few units are read without the others. The
arrays are plain zarr 3 and not compressed (activations hardly shrink), which is why they can
be read and written here directly, at the speed of the disk. Behind each chunk stands its
checksum, which is looked at whenever the chunk is read.
"""

import math
import struct
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.arrays import BLOCK_BYTES, BLOCK_WIDTH
from isocortex.store.atomic import replacing
from isocortex.store.checksum import N_BYTES, behind
from isocortex.store.disk_errors import in_words

_WIDEST = 16384
_READERS = 4


class DamageError(Exception):
    """A file does not hold what was written: which batch it is of, and what is wrong."""

    def __init__(self, batch: int, reason: str):
        super().__init__(reason)
        self.batch, self.reason = batch, reason


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
        """How many batches there are, one file for each."""
        return math.ceil(self.n_rows / self.batch)

    @property
    def n_chunks(self) -> int:
        """How many chunks of columns in a file."""
        return math.ceil(self.n_columns / self.width)

    @property
    def chunk_bytes(self) -> int:
        """The size of one chunk in a file, with its checksum."""
        return self.batch * self.width * self.dtype.itemsize + N_BYTES

    @property
    def index_bytes(self) -> int:
        """The size of the end of a file, which says where the chunks begin, with its checksum."""
        return 16 * self.n_chunks + N_BYTES

    @property
    def file_bytes(self) -> int:
        """The size of each file."""
        return self.n_chunks * self.chunk_bytes + self.index_bytes

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
    with replacing(batch_file(folder, batch)) as draft, draft.open("wb", buffering=0) as file:
        for chunk in buffer:
            _write_all(file, memoryview(chunk.reshape(-1).view(np.uint8)))  # type: ignore[arg-type]
            _write_all(file, memoryview(behind(chunk)))
        _write_all(file, memoryview(_index(layout)))


def _write_all(file: Any, view: memoryview) -> None:
    while view:
        view = view[file.write(view) :]


def _index(layout: Layout) -> bytes:
    """Where each chunk begins and how long it is, as zarr's sharding codec ends a file."""
    size = layout.chunk_bytes
    numbers = [n for i in range(layout.n_chunks) for n in (i * size, size)]
    index = struct.pack(f"<{len(numbers)}Q", *numbers)
    return index + behind(index)


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


def read_block(
    folder: Path, layout: Layout, batches: Sequence[int], first: int, stop: int
) -> np.ndarray:
    """The rows of some batches, of the columns from ``first`` to ``stop``.

    Raises
    ------
    DamageError
        If a file is missing, or what is read of it is not what was written.
    """
    starts = np.cumsum([0] + [_length(layout, batch) for batch in batches])
    out = np.empty((int(starts[-1]), stop - first), layout.dtype)
    index = _index(layout)

    def fill(i: int) -> None:
        rows = out[starts[i] : starts[i + 1]]
        _read_batch(batch_file(folder, batches[i]), layout, batches[i], rows, first, index)

    if len(batches) == 1:
        fill(0)
        return out
    with ThreadPoolExecutor(_READERS) as pool:
        list(pool.map(fill, range(len(batches))))
    return out


def check_batch(folder: Path, layout: Layout, batch: int) -> None:
    """Read a whole file, to see whether it is what was written.

    Raises
    ------
    DamageError
        If it is not.
    """
    rows = np.empty((0, layout.n_columns), layout.dtype)
    _read_batch(batch_file(folder, batch), layout, batch, rows, 0, _index(layout))


def _length(layout: Layout, batch: int) -> int:
    rows = layout.rows_of(batch)
    return rows.stop - rows.start


def _read_batch(
    path: Path, layout: Layout, batch: int, out: np.ndarray, first: int, index: bytes
) -> None:
    """The columns of a file from ``first``, as many as ``out`` has; every byte read is checked."""
    width, stop = layout.width, first + out.shape[1]
    room = np.empty(layout.chunk_bytes, np.uint8)
    try:
        with path.open("rb", buffering=0) as file:
            if _read_at(file, layout.file_bytes - len(index), len(index) + 1) != index:
                raise DamageError(batch, "its end is not as it was written")
            for chunk in range(first // width, (stop - 1) // width + 1):
                values = _chunk(file, layout, batch, chunk, room)
                left, right = max(first, chunk * width), min(stop, (chunk + 1) * width)
                inner = slice(left - chunk * width, right - chunk * width)
                out[:, left - first : right - first] = values[: len(out), inner]
    except FileNotFoundError as error:
        raise DamageError(batch, "it is missing") from error
    except OSError as error:
        raise DamageError(batch, f"it cannot be read ({in_words(error)})") from error


def _chunk(file: Any, layout: Layout, batch: int, chunk: int, room: np.ndarray) -> np.ndarray:
    """A chunk (batch, width), read into ``room`` together with its checksum."""
    _read_into(file, chunk * layout.chunk_bytes, room, batch)
    numbers, checksum = room[:-N_BYTES], room[-N_BYTES:].tobytes()
    if behind(numbers) != checksum:
        right = min((chunk + 1) * layout.width, layout.n_columns)
        raise DamageError(batch, f"units {chunk * layout.width} to {right - 1} are not as written")
    return numbers.view(layout.dtype).reshape(layout.batch, layout.width)


def _read_at(file: Any, start: int, n_bytes: int) -> bytes:
    file.seek(start)
    return file.read(n_bytes)


def _read_into(file: Any, start: int, room: np.ndarray, batch: int) -> None:
    file.seek(start)
    view = memoryview(room)  # type: ignore[arg-type]
    while view:
        count = file.readinto(view)
        if not count:
            raise DamageError(batch, "it is truncated")
        view = view[count:]
