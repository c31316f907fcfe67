"""Which array library is it? Asked of the data, never of a global setting."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import array_api_compat
import array_api_compat.numpy
import numpy as np

BLOCK_BYTES = 16 * 2**20
"""What a block of columns takes in memory, as float64: about a processor's cache."""

BLOCK_WIDTH = 512
"""The fewest columns of a block, below which a matrix product is slow."""

Array = Any
"""A numpy array, a torch tensor, or a lazy array that gives numpy when it is indexed."""


def is_lazy(x: Array) -> bool:
    """Whether ``x`` lies on disk: it has a shape and can be sliced, but is no array yet."""
    return not array_api_compat.is_array_api_obj(x)


def namespace(*arrays: Array) -> Any:
    """The array library of the arguments (numpy for lazy arrays, which give numpy)."""
    known = [x for x in arrays if not is_lazy(x)]
    return array_api_compat.array_namespace(*known) if known else array_api_compat.numpy


def as_numpy(x: Array) -> np.ndarray:
    """``x`` as a numpy array in memory; a tensor is detached and brought to the CPU."""
    if array_api_compat.is_torch_array(x):
        return x.detach().cpu().numpy()
    return np.asarray(x)


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
