"""A set of an HDF5 or zarr file that the user has opened, as a lazy matrix."""

from typing import Any

import array_api_compat
import numpy as np


def is_file_array(x: Any) -> bool:
    """Whether ``x`` is a set of h5py or zarr: it has chunks, and gives numpy when indexed."""
    parts = ("shape", "dtype", "chunks", "__getitem__")
    return not array_api_compat.is_array_api_obj(x) and all(hasattr(x, part) for part in parts)


class FileMatrix:
    """A matrix in an open file, read when it is indexed, in any order of rows and columns."""

    ndim = 2

    def __init__(self, stored: Any):
        self._stored = stored
        self.shape: tuple[int, int] = (int(stored.shape[0]), int(stored.shape[1]))
        kept = np.dtype(stored.dtype)
        self.dtype = kept.newbyteorder("=") if kept.kind == "f" else np.dtype(np.float64)
        self.chunk_columns: int | None = int(stored.chunks[1]) if stored.chunks else None

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, where: Any) -> np.ndarray:
        rows, columns = where if isinstance(where, tuple) else (where, slice(None))
        (lines, rows), (span, columns) = (
            _read_whole(part, n) for part, n in zip((rows, columns), self.shape, strict=True)
        )
        block = np.asarray(self._stored[lines, span], dtype=self.dtype)
        return block[rows][..., columns]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self[:, :], dtype=dtype)


def _read_whole(wanted: Any, n: int) -> tuple[slice, Any]:
    """The span to read from the file, and what of that is wanted."""
    if isinstance(wanted, slice):
        start, stop, step = wanted.indices(n)
        return (slice(start, stop), slice(None)) if step == 1 else (slice(0, n), wanted)
    places = np.arange(n)[wanted]
    if not places.size:
        return slice(0, 0), np.asarray(places, dtype=np.intp)
    low = int(places.min())
    return slice(low, int(places.max()) + 1), places - low
