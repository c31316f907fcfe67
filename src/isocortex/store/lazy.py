"""The values of one layer of a store: a matrix that is read when it is indexed."""

from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np

from isocortex.errors import FormatError, StorageError
from isocortex.store.gram_files import load_gram, save_gram
from isocortex.store.layout import DamageError, Layout, batch_file, read_block


class LazyMatrix:
    """A matrix (n_stimuli, n_units) on disk.

    Indexing reads what is asked for, and only that, and gives numpy arrays:
    ``x[:, 10:20]``, ``x[[3, 1]]``, ``x[0]``, ``x[mask]``; ``np.asarray(x)`` reads all.

    Parameters
    ----------
    folder : path
        Of the layer's zarr array.
    layout : Layout
    rows : integer array or None
        Which row of the file each stimulus has, where identical stimuli share one.
    gram_folder : path
        Where the layer's Gram matrix is kept.
    """

    def __init__(self, folder: Path, layout: Layout, rows: np.ndarray | None, gram_folder: Path):
        self._folder, self._layout, self._rows = folder, layout, rows
        self._gram_folder = gram_folder

    @property
    def shape(self) -> tuple[int, int]:
        """(n_stimuli, n_units)."""
        n_rows = self._layout.n_rows if self._rows is None else len(self._rows)
        return (n_rows, self._layout.n_columns)

    @property
    def dtype(self) -> np.dtype:
        """What is stored: float32 or float16."""
        return self._layout.dtype

    ndim = 2

    @property
    def size(self) -> int:
        """How many numbers the layer holds: stimuli times units."""
        return self.shape[0] * self.shape[1]

    @property
    def nbytes(self) -> int:
        """The memory that all of it would take."""
        return self.size * self.dtype.itemsize

    @property
    def chunk_columns(self) -> int:
        """Columns that are read together."""
        return self._layout.width

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            # NumPy's protocol: what cannot be had without a copy is refused.
            raise ValueError("A matrix on disk cannot become an array without a copy.")
        whole = self._read(None, 0, self.shape[1])
        return whole if dtype is None else whole.astype(dtype, copy=False)

    def __getitem__(self, key: Any) -> np.ndarray:
        key = key if isinstance(key, tuple) else (key,)
        if any(each is Ellipsis for each in key):
            # Ellipsis stands for as many full slices as are missing.
            place = [each is Ellipsis for each in key].index(True)
            fill = (slice(None),) * (3 - len(key))
            key = (*key[:place], *fill, *key[place + 1 :])
        if len(key) > 2:
            raise IndexError(f"A layer has 2 axes, (n_stimuli, n_units), not {len(key)}.")
        rows, columns = (*key, slice(None), slice(None))[:2]
        first, stop, inner = _span(columns, self.shape[1])
        wanted, row_index = _wanted(rows, self.shape[0])
        block = self._read(wanted, first, stop)
        # Two lists of positions are pairs in NumPy; rows and a span are not.
        if isinstance(inner, np.ndarray) and not isinstance(rows, slice | int | np.integer):
            return block[np.arange(len(block)), inner]  # Pairs, as numpy has it.
        return block[row_index][..., inner]

    def _read(self, wanted: np.ndarray | None, first: int, stop: int) -> np.ndarray:
        """The rows ``wanted`` (all if None) of a span of columns."""
        if stop <= first or (wanted is not None and not len(wanted)):
            n_rows = self.shape[0] if wanted is None else len(wanted)
            return np.empty((n_rows, max(0, stop - first)), self.dtype)
        on_disk = self._rows if wanted is None else self._on_disk(wanted)
        batch = self._layout.batch
        if on_disk is None:
            return self._blocks(range(self._layout.n_batches), first, stop)
        # Whole batches are read, since each is a file with a checksum; rows are picked from them.
        batches = np.unique(on_disk // batch)
        starts = np.cumsum([0] + [self._length(b) for b in batches])
        place = np.searchsorted(batches, on_disk // batch)
        within = starts[place] + on_disk % batch
        block = self._blocks(list(map(int, batches)), first, stop)
        # The usual case, spared a copy.
        if np.array_equal(within, np.arange(len(block))):
            return block
        return block[within]

    def _on_disk(self, wanted: np.ndarray) -> np.ndarray:
        return wanted if self._rows is None else self._rows[wanted]

    def _length(self, batch: int) -> int:
        rows = self._layout.rows_of(int(batch))
        return rows.stop - rows.start

    def _blocks(self, batches: Any, first: int, stop: int) -> np.ndarray:
        try:
            return read_block(self._folder, self._layout, batches, first, stop)
        except DamageError as error:
            rows = self._layout.rows_of(error.batch)
            raise FormatError(
                f"The store {str(self._folder.parent.parent)!r} is damaged: of the layer "
                f"{unquote(self._folder.name)!r}, the file of batch {error.batch} (rows "
                f"{rows.start} to {rows.stop - 1}), "
                f"{str(batch_file(self._folder, error.batch))!r}: {error.reason}. Extract again "
                "with overwrite=True: what is damaged is computed anew, and nothing else; "
                "Store.verify tells of all damage."
            ) from error

    def kept_gram(self) -> tuple[np.ndarray, np.ndarray] | None:
        """The products of rows and their vectors that were kept, or None."""
        return load_gram(self._gram_folder, self.shape[0])

    def keep_gram(self, matrix: np.ndarray, vectors: np.ndarray) -> None:
        """Keep products of rows and their vectors beside the values, if that can be written.

        A store on a read-only or full disk can be read all the same; its Grams are then
        computed whenever they are asked for.
        """
        with suppress(StorageError):
            save_gram(self._gram_folder, matrix, vectors)

    def __repr__(self) -> str:
        return f"LazyMatrix({self.shape[0]} x {self.shape[1]}, {self.dtype}, on disk)"


def _wanted(rows: Any, n: int) -> tuple[np.ndarray | None, Any]:
    """Which rows to read (None for all), and how to index what was read."""
    everything = slice(None)
    if isinstance(rows, slice):
        if rows.indices(n) == (0, n, 1):
            return None, everything
        return np.arange(*rows.indices(n)), everything
    if isinstance(rows, int | np.integer):
        return np.array([_inside(int(rows), n)]), 0
    return _integers(rows, n), everything


def _span(columns: Any, n: int) -> tuple[int, int, Any]:
    """The span of columns to read, and how to index it."""
    if isinstance(columns, slice):
        start, stop, step = columns.indices(n)
        picked = range(start, stop, step)
        if not len(picked):
            return 0, 0, slice(None)
        # A backward slice reads the same span as a forward one.
        low, high = min(picked[0], picked[-1]), max(picked[0], picked[-1]) + 1
        if step == 1:
            return low, high, slice(None)
        return low, high, np.asarray(picked) - low
    if isinstance(columns, int | np.integer):
        column = _inside(int(columns), n)
        return column, column + 1, 0
    index = _integers(columns, n)
    if not len(index):
        return 0, 0, slice(None)
    low, high = int(index.min()), int(index.max()) + 1
    return low, high, index - low


def _inside(i: int, n: int) -> int:
    if not -n <= i < n:
        raise IndexError(f"index {i} is out of bounds for an axis of length {n}")
    return i % n


def _integers(index: Any, n: int) -> np.ndarray:
    index = np.asarray(index)
    if index.dtype == bool:
        if index.shape != (n,):
            raise IndexError(f"a boolean index has length {index.shape}, not {n}")
        return np.nonzero(index)[0]
    if index.ndim != 1 or (index.dtype.kind not in "iu" and index.size):
        raise IndexError("an index must be an integer, a slice or a 1-D array of integers")
    if index.size and (index.min() < -n or index.max() >= n):
        raise IndexError(f"an index is out of bounds for an axis of length {n}")
    return np.where(index < 0, index + n, index).astype(np.intp)
