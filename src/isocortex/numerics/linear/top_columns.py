"""For each target, the columns that correlate with it most; the matrix is read in blocks."""

from collections.abc import Sequence

import numpy as np

from isocortex.arrays import Array, as_numpy
from isocortex.numerics.arrays.constant import is_rounding
from isocortex.numerics.arrays.parallel import on_all_cores

BLOCK_BYTES = 16 * 2**20


def strongest(x: Array, y: np.ndarray, k: int, times: np.ndarray | None = None) -> np.ndarray:
    r"""The ``k`` columns of ``x`` with the largest :math:`|r|` with each column of ``y``.

    Of equal correlations the lower column wins. A constant column correlates with nothing
    and comes last.

    Parameters
    ----------
    x : array, shape (n_samples, n_units)
        In memory or lazy; read once, in blocks of columns.
    y : array, shape (n_samples, n_targets)
    k : int
        At most ``n_units``.
    times : array, shape (n_samples,), optional
        How often each sample counts.

    Returns
    -------
    columns : integer array, shape (n_targets, k)
        Rising along each row.
    """
    targets = unit_columns(y, times).T
    blocks = _blocks(x)
    if len(blocks) == 1:
        return _of_one_block(targets, unit_columns(as_numpy(x[:, blocks[0]]), times), k)
    found: list[tuple[np.ndarray, np.ndarray]] = []

    def work(part: Sequence[int]) -> None:
        best, columns = np.empty((len(targets), 0)), np.empty((len(targets), 0), dtype=np.int64)
        for i in part:
            size = targets @ unit_columns(as_numpy(x[:, blocks[i]]), times)
            best, columns = _merge(best, columns, np.abs(size, out=size), blocks[i].start, k)
        found.append((best, columns))

    on_all_cores(work, len(blocks), whole=True)
    best = np.concatenate([each[0] for each in found], axis=1)
    columns = np.concatenate([each[1] for each in found], axis=1)
    # Threads end in any order; of equal correlations the first column shall win.
    order = np.argsort(columns, axis=1)
    best, columns = (np.take_along_axis(each, order, axis=1) for each in (best, columns))
    return columns[_top(best, k)].reshape(-1, k)


def _of_one_block(targets: np.ndarray, units: np.ndarray, k: int) -> np.ndarray:
    columns = np.empty((len(targets), k), dtype=np.int64)

    def work(some: Sequence[int]) -> None:
        size = np.abs(targets[list(some)] @ units)
        columns[list(some)] = np.nonzero(_top(size, k))[1].reshape(-1, k)

    on_all_cores(work, len(targets))
    return columns


def _blocks(x: Array) -> list[slice]:
    n_rows, n_columns = int(x.shape[0]), int(x.shape[1])
    width = max(1, BLOCK_BYTES // (8 * n_rows))
    chunk = getattr(x, "chunk_columns", None)
    if chunk:
        width = chunk * max(1, width // chunk)
    return [slice(i, min(i + width, n_columns)) for i in range(0, n_columns, width)]


def unit_columns(x: np.ndarray, times: np.ndarray | None = None) -> np.ndarray:
    """Columns without their mean and of length one; constant columns become zero."""
    x = np.asarray(x, dtype=np.float64)
    scale = np.abs(x).max(0, initial=0.0)
    x = x - (x.mean(0) if times is None else times @ x / times.sum())
    if times is not None:
        x *= np.sqrt(times)[:, None]
    norms = np.sqrt(np.einsum("ij,ij->j", x, x))
    constant = is_rounding(norms / len(x) ** 0.5, scale)
    x /= np.where(constant, 1.0, norms)
    x[:, constant] = 0.0
    return x


def _merge(best, columns, size, start, k):
    """The ``k`` best of those so far and of a new block, both in the order of columns."""
    if best.shape[1] == k:
        return _merge_few(best, columns, size, start, k)
    fresh = np.broadcast_to(np.arange(start, start + size.shape[1]), size.shape)
    size = np.concatenate([best, size], axis=1)
    columns = np.concatenate([columns, fresh], axis=1)
    if size.shape[1] <= k:
        return size, columns
    keep = _top(size, k)
    return size[keep].reshape(-1, k), columns[keep].reshape(-1, k)


def _merge_few(best, columns, size, start, k):
    """The same where most new columns are beaten by those that stand: only the rest is sorted."""
    better = size > best.min(1, keepdims=True)
    counts = better.sum(1)
    if not counts.any():
        return best, columns
    width = int(counts.max())
    rows, places = np.nonzero(better)
    slot = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    few = np.full((len(best), width), -1.0)
    few_columns = np.zeros((len(best), width), dtype=np.int64)
    few[rows, slot] = size[rows, places]
    few_columns[rows, slot] = places + start
    size = np.concatenate([best, few], axis=1)
    columns = np.concatenate([columns, few_columns], axis=1)
    keep = _top(size, k)
    return size[keep].reshape(-1, k), columns[keep].reshape(-1, k)


def _top(size: np.ndarray, k: int) -> np.ndarray:
    """A mask of exactly ``k`` largest in each row; of equals, the first."""
    least = np.partition(size, size.shape[1] - k, axis=1)[:, [size.shape[1] - k]]
    keep = size >= least
    for row in np.nonzero(keep.sum(1) > k)[0]:
        ties = np.nonzero(size[row] == least[row])[0]
        above = int((size[row] > least[row]).sum())
        keep[row, ties[k - above :]] = False
    return keep
