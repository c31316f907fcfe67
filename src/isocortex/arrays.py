"""Arrays of any library, which is asked of the data, never of a global setting; their sizes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, Protocol, runtime_checkable

import array_api_compat
import array_api_compat.numpy
import numpy as np

from isocortex.errors import InputError

BLOCK_BYTES = 16 * 2**20
"""What a block of columns takes in memory, as float64: about a processor's cache."""

BLOCK_WIDTH = 512
"""The fewest columns of a block, below which a matrix product is slow."""

Array = Any
"""A numpy array, a torch tensor, or a lazy array that gives numpy when it is indexed."""


@runtime_checkable
class Lazy(Protocol):
    """A matrix that is read, or made, when it is indexed, and gives numpy then.

    A class is one by having these four, on purpose ``chunk_columns``, which tables and arrays of
    other packages do not have.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """(n_rows, n_columns)."""
        ...

    @property
    def dtype(self) -> Any:
        """What it gives when it is indexed."""
        ...

    @property
    def chunk_columns(self) -> int | None:
        """How many columns are best read together; None where it does not matter."""
        ...

    def __getitem__(self, where: Any, /) -> Any:
        """Rows and columns as a numpy array."""
        ...


def is_lazy(x: Array) -> bool:
    """Whether ``x`` is a :class:`Lazy` matrix, and no array yet."""
    if type(x) is np.ndarray:  # The usual case, told in no time.
        return False
    return not array_api_compat.is_array_api_obj(x) and isinstance(x, Lazy)


def namespace(*arrays: Array) -> Any:
    """The array library of the arguments (numpy for lazy arrays, which give numpy)."""
    known = [x for x in arrays if not is_lazy(x)]
    return array_api_compat.array_namespace(*known) if known else array_api_compat.numpy


def as_numpy(x: Array) -> np.ndarray:
    """``x`` as a numpy array in memory; a tensor is detached and brought to the CPU."""
    if type(x) is not np.ndarray and array_api_compat.is_torch_array(x):
        here = x.detach().cpu()
        try:
            return here.numpy()
        except TypeError:  # numpy lacks bfloat16, whose numbers float32 holds.
            return here.float().numpy()
    return np.asarray(x)


def array_of(x: Array, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
    """What ``__array__`` of our objects gives: values; a view that is not copied is read-only."""
    found = np.array(as_numpy(x), dtype=dtype, copy=copy)
    if copy:
        return found
    view = found.view()
    view.flags.writeable = False
    return view


def column_blocks(x: Array, width: int | None = None) -> Iterator[tuple[slice, Array]]:
    """Walk over the columns of ``x`` in blocks.

    A lazy array is read in whole chunks where it has any, each block while the one before is
    worked on, so that two blocks of it are in memory at most.

    Parameters
    ----------
    x : array, shape (n_rows, n_columns)
    width : int, optional
        About how many columns; default what fits in 16 MB as float64, at least 512.

    Yields
    ------
    columns : slice
    block : array, shape (n_rows, n_columns_of_block)
    """
    n_rows, n_columns = x.shape
    step = width or max(BLOCK_WIDTH, BLOCK_BYTES // (8 * max(n_rows, 1)))
    chunk = getattr(x, "chunk_columns", None)
    if chunk:
        step = chunk * max(1, round(step / chunk))
    spans = [slice(at, min(at + step, n_columns)) for at in range(0, n_columns, step)]
    if is_lazy(x):
        yield from _read_ahead(x, spans)
    else:
        yield from ((columns, x[:, columns]) for columns in spans)


def _read_ahead(x: Array, spans: list[slice]) -> Iterator[tuple[slice, Array]]:
    """While a block is worked on, the next one is read."""
    with ThreadPoolExecutor(1) as reader:
        coming = [reader.submit(x.__getitem__, (slice(None), columns)) for columns in spans[:1]]
        for columns, following in zip(spans, [*spans[1:], None], strict=True):
            block = coming.pop().result()
            if following is not None:
                coming.append(reader.submit(x.__getitem__, (slice(None), following)))
            yield columns, block
            del block


def above_diagonal(square: np.ndarray) -> np.ndarray:
    """What stands above the diagonal, row after row, shape (n (n - 1) / 2,).

    scipy's ``squareform`` does the same, and takes a quarter of a second to be imported.
    """
    if len(square) <= _FEW_THINGS:
        return square[_kept_places(len(square))]
    return np.concatenate([row[i + 1 :] for i, row in enumerate(square[:-1])])


def n_of_pairs(n_pairs: int) -> int:
    """How many things have so many pairs: the n of ``n (n - 1) / 2``.

    Raises
    ------
    InputError
        If it is no number of pairs.
    """
    n = round((1 + np.sqrt(1 + 8 * n_pairs)) / 2)
    if n * (n - 1) // 2 != n_pairs:
        raise InputError(f"{n_pairs} is not a number of pairs n(n-1)/2.")
    return n


def pairs_of(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of all pairs of ``n`` things, as ``np.triu_indices(n, 1)``; to be read only.

    Those of few things are kept, since making them costs more than what verbs do with them.
    """
    return _kept_places(n) if n <= _FEW_THINGS else np.triu_indices(n, 1)


_FEW_THINGS = 256


@lru_cache(maxsize=16)
def _kept_places(n: int) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.triu_indices(n, 1)
    rows.flags.writeable = columns.flags.writeable = False
    return rows, columns
