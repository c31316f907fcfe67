"""What all ways of :mod:`.selective` share: samples that count, units read as rows, solvers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from isocortex.arrays import Array, as_numpy, column_blocks, is_lazy
from isocortex.errors import UndefinedError

GRAM_UNITS = 8192
"""Inner products of all pairs of units are formed for at most this many of them."""


@dataclass(frozen=True, eq=False)
class Samples:
    """What concerns samples: how often each counts, and the penalty that the bias shares."""

    times: np.ndarray
    alpha: float

    @property
    def n(self) -> float:
        """How many samples there are."""
        return float(self.times.sum())

    @property
    def gamma(self) -> float:
        """The penalty on what the mean explains."""
        return self.n * self.alpha / (self.n + self.alpha) if self.alpha else 0.0

    def centred(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Units (n_units, n_samples) less their means, weighted by the samples; the means."""
        share = self.times / self.n
        means = rows @ share
        z = rows - means[:, None]
        # What rounding of the mean has left is taken out too, so that offsets cost no digits.
        left = z @ share
        z -= left[:, None]
        # Most calls weight nothing, and are spared a pass over the matrix.
        if (self.times != 1).any():
            z *= np.sqrt(self.times)
        return z, means + left

    def step(self, y: Any, mu: Any, mv: Any) -> tuple[Any, Any]:
        """t, and what the mean explains, from the target's mean and m'u and m'v."""
        # Sherman and Morrison: a penalized bias adds gamma m m' to the inner products.
        below = 1 + self.gamma * mv
        return self.gamma * (y - mu) / below, (mu + self.gamma * mv * y) / below

    def bias(self, y: np.ndarray, explained: np.ndarray) -> np.ndarray:
        """The bias, penalized like the weights; ``explained`` is the mean of what they give."""
        return self.n / (self.n + self.alpha) * (self.times @ y / self.n - explained)


def rows_of(x: Array, union: np.ndarray) -> np.ndarray:
    """The chosen columns of ``x`` as float64 rows; a lazy ``x`` is read in blocks."""
    rows = np.empty((len(union), int(x.shape[0])))
    if not is_lazy(x) and len(union) == x.shape[1]:
        rows[:] = as_numpy(x).T
        return rows
    for where, block in column_blocks(x):
        # The union rises, so that the units of a block stand together in it.
        first, last = np.searchsorted(union, (where.start, where.stop))
        if first < last:
            rows[first:last] = as_numpy(block)[:, union[first:last] - where.start].T
    return rows


def gather(matrix: np.ndarray, chosen: np.ndarray, into: np.ndarray) -> None:
    """``matrix[chosen][:, chosen]``, of which only what is on and above the diagonal is made."""
    flat, width = matrix.reshape(-1), matrix.shape[1]
    # Of a block of rows, the columns from its first one on suffice: the matrix is symmetric.
    step = max(32, -(-len(chosen) // 8))
    for start in range(0, len(chosen), step):
        rows = chosen[start : start + step, None] * width
        into[start : start + step, start:] = flat.take(rows + chosen[start:])


def add_to_diagonal(matrix: np.ndarray, alpha: float) -> None:
    """Add a penalty to the squares, in place."""
    matrix.reshape(-1)[:: len(matrix) + 1] += alpha


def factored(matrix: np.ndarray, alpha: float, what: str) -> Callable[[np.ndarray], np.ndarray]:
    """A function that solves ``matrix + alpha I`` for any right-hand side."""
    add_to_diagonal(matrix, alpha)
    try:
        factor = cho_factor(matrix, lower=True, overwrite_a=True)
    except np.linalg.LinAlgError:
        raise dependent(what) from None
    return lambda right: cho_solve(factor, right)


def checked(done: bool) -> None:
    """Refuse a system that was not positive definite.

    Raises
    ------
    UndefinedError
    """
    if not done:
        raise dependent("units")


def dependent(what: str) -> UndefinedError:
    """The error that says what has no unique weights."""
    return UndefinedError(
        f"SelectiveRidge: the {what} are linearly dependent, so that the weights are not defined "
        "without a penalty. Use a larger alpha, such as 100."
    )
