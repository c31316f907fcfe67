"""What gives numpy when it is sliced, such as a set of an open HDF5 or zarr file, as lazy."""

from typing import Any

import array_api_compat
import numpy as np
from scipy import sparse


def is_sliced(x: Any) -> bool:
    """Whether ``x`` has a shape and a type and can be sliced, and is not in memory already."""
    parts = ("shape", "dtype", "__getitem__")
    in_memory = array_api_compat.is_array_api_obj(x) or sparse.issparse(x)
    labelled = type(x).__module__.split(".")[0] in ("pandas", "xarray")
    return not (in_memory or labelled) and all(hasattr(x, part) for part in parts)


class SlicedMatrix:
    """A lazy matrix of what is sliced: rows and columns in any order.

    Parameters
    ----------
    stored : h5py.Dataset, zarr.Array, or a class of the user's own
        With ``shape`` and ``dtype``; ``stored[rows, columns]`` of two slices gives numpy.
    """

    ndim = 2

    def __init__(self, stored: Any):
        self._stored = stored
        self.shape: tuple[int, int] = (int(stored.shape[0]), int(stored.shape[1]))
        kept = np.dtype(stored.dtype)
        self.dtype = kept.newbyteorder("=") if kept.kind == "f" else np.dtype(np.float64)
        chunks = getattr(stored, "chunks", None)
        self.chunk_columns: int | None = int(chunks[1]) if chunks else None

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
