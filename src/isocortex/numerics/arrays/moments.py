"""Mean 0 and standard deviation 1, of the rows or of the columns of a response matrix."""

from typing import Any

import numpy as np

from isocortex.arrays import Array, as_numpy, column_blocks
from isocortex.numerics.arrays.constant import is_rounding
from isocortex.numerics.arrays.products import Products, lost_share


def moments(x: Array, axis: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, standard deviation (over n) and whether there is none, along an axis.

    Parameters
    ----------
    x : array, shape (n_stimuli, n_units)
        In memory or lazy; read in blocks of columns.
    axis : int
        1: of each row, over units. 0: of each column, over stimuli.

    Returns
    -------
    mean, deviation : arrays, shape (n_stimuli,) or (n_units,)
    constant : boolean array of the same shape
    """
    gather = _of_columns if axis == 0 else _of_rows
    mean, deviation, largest = gather(x)
    return mean, deviation, is_rounding(deviation, largest, as_numpy(x[:1, :1]).dtype)


def _of_columns(x: Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    parts = []
    for _, block in column_blocks(x):
        block = as_numpy(block).astype(np.float64)
        parts.append((block.mean(0), block.std(0), np.abs(block).max(0)))
    mean, deviation, largest = (np.concatenate(each) for each in zip(*parts, strict=True))
    return mean, deviation, largest


def _of_rows(x: Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n_rows, n_columns = x.shape
    mean, squares, largest = np.zeros(n_rows), np.zeros(n_rows), np.zeros(n_rows)
    seen = 0
    for _, block in column_blocks(x):
        block = as_numpy(block).astype(np.float64)
        n = block.shape[1]
        own = block.mean(1)
        # Chan, Golub & LeVeque: moments of parts put together without cancellation.
        squares += ((block - own[:, None]) ** 2).sum(1) + (own - mean) ** 2 * seen * n / (seen + n)
        mean += (own - mean) * n / (seen + n)
        largest = np.maximum(largest, np.abs(block).max(1))
        seen += n
    return mean, np.sqrt(squares / n_columns), largest


class Scaled:
    """A lazy matrix whose numbers are shifted and scaled when they are read."""

    def __init__(self, x: Any, mean: np.ndarray, deviation: np.ndarray, axis: int):
        self.x, self.axis = x, axis
        self.mean, self.deviation = mean, deviation
        self.shape, self.dtype, self.ndim = tuple(x.shape), np.dtype(x.dtype), 2
        self.chunk_columns = getattr(x, "chunk_columns", None)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> np.ndarray:
        rows, columns = index if isinstance(index, tuple) else (index, slice(None))
        part = as_numpy(self.x[rows, columns])
        mean, deviation = (
            (self.mean[columns], self.deviation[columns])
            if self.axis == 0
            else (self.mean[rows][..., None], self.deviation[rows][..., None])
        )
        return ((part - mean) / deviation).astype(self.dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self[:, :], dtype=dtype)


def standardized_gram(k: Products) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""The Gram matrix after each row was standardized over its units.

    .. math:: K'_{ij} = \frac{K_{ij} - s_i s_j / p}{\sigma_i \sigma_j}, \quad
              \sigma_i^2 = \frac{1}{p}\left(K_{ii} - \frac{s_i^2}{p}\right)

    Parameters
    ----------
    k : Products

    Returns
    -------
    matrix : array, shape (n_stimuli, n_stimuli)
    row_sums : array, shape (n_stimuli,)
        Zeros.
    constant : boolean array, shape (n_stimuli,)
    """
    centred = k.row_centred()
    size = centred.raw_squares()
    constant = size <= lost_share(k) * k.shifted.diagonal()
    constant |= is_rounding(np.sqrt(np.maximum(size, 0)), np.sqrt(k.raw_squares()))
    deviation = np.sqrt(np.where(constant, 1.0, size) / k.n_units)
    result = centred.raw() / np.outer(deviation, deviation)
    return (result + result.T) / 2, np.zeros(len(size)), constant
