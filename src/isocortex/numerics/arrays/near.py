"""Pairs of rows too near to each other to be resolved by inner products."""

from dataclasses import dataclass

import numpy as np

from isocortex.arrays import Array, as_numpy, column_blocks
from isocortex.errors import warn
from isocortex.numerics.arrays.products import Products

_ELEMENTS = 2**20
"""How many differences are formed at once."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Some pairs of rows i < j."""

    i: np.ndarray
    j: np.ndarray

    @classmethod
    def below(cls, d: np.ndarray, limit: np.ndarray | float) -> "Pairs":
        """Those nearer than a limit; the diagonal of ``d`` is overwritten."""
        np.fill_diagonal(d, np.inf)
        none = np.empty(0, dtype=np.intp)
        # Mostly there are none, which the smallest distance tells without a mask.
        if not d.size or d.min() >= np.max(limit):
            return cls(none, none)
        return cls(*np.nonzero(np.triu(d < limit, 1)))

    def __len__(self) -> int:
        return len(self.i)

    def some(self, chosen: np.ndarray) -> "Pairs":
        """Some of the pairs, by position."""
        return Pairs(self.i[chosen], self.j[chosen])

    def set(self, d: np.ndarray, values: np.ndarray | float) -> None:
        """Write values into a symmetric matrix."""
        d[self.i, self.j] = values
        d[self.j, self.i] = values


def resolution(k: Products) -> float:
    """The share of the products that a distance must exceed to keep some nine digits.

    A distance is a difference of products. It is taken from them where it is larger than this
    part of them (5e-7 in float64, 2e-3 in float32), and from the rows where it is not.
    """
    return k.eps**0.4


def squared_residuals(
    x: Array,
    pairs: Pairs,
    slopes: np.ndarray | None = None,
    means: np.ndarray | None = None,
    unit: float = 1.0,
) -> np.ndarray:
    r"""Squared lengths of differences, :math:`\|x_j - b\,x_i\|^2`, from the rows themselves.

    Parameters
    ----------
    x : array, shape (n_rows, n_columns)
        In memory or lazy; read once, in blocks of columns.
    pairs : Pairs
    slopes : array, shape (n_pairs,), optional
        b; default 1.
    means : array, shape (n_rows,), optional
        Of each row, taken out first; what of a mean is left is taken out of the difference.
    unit : float
        By which the rows are divided.

    Returns
    -------
    array, shape (n_pairs,)
    """
    squares, sums = np.zeros(len(pairs)), np.zeros(len(pairs))
    rows, places = np.unique(np.concatenate([pairs.i, pairs.j]), return_inverse=True)
    first, second = places.reshape(2, -1)
    for _, block in column_blocks(x):
        part = as_numpy(block)[rows].astype(np.float64, copy=False) / unit
        if means is not None:
            part = part - means[rows, None]
        step = max(1, _ELEMENTS // part.shape[1])
        for start in range(0, len(pairs), step):
            some = slice(start, start + step)
            left = part[first[some]]
            left = left if slopes is None else left * slopes[some, None]
            difference = part[second[some]] - left
            squares[some] += np.einsum("ij,ij->i", difference, difference)
            if means is not None:
                sums[some] += difference.sum(1)
    return np.maximum(squares - sums**2 / x.shape[1], 0.0)


def without_rows(d: np.ndarray, pairs: Pairs, error: np.ndarray, k: Products) -> None:
    """Where only the products are known: equal rows are at zero, and what is lost is said.

    Parameters
    ----------
    d : array, shape (n, n)
        Distances of the pairs, set to at least 0.
    pairs : Pairs
        That are not resolved.
    error : array, shape (n_pairs,)
        How far their distances may be wrong.
    k : Products
    """
    i, j = pairs.i, pairs.j
    own, found = k.shifted.diagonal(), d[i, j]
    equal = (own[i] == own[j]) & (own[i] == k.shifted[i, j])
    equal &= (k.sums[i] == k.sums[j]) & (k.along[i] == k.along[j])
    pairs.set(d, np.where(equal, 0.0, np.maximum(found, 0.0)))
    lost = int(((found < 100 * error) & ~equal).sum())
    if lost:
        n = len(d)
        warn(
            f"{lost} of {n * (n - 1) // 2} distances are so small beside the responses that the "
            "inner products leave them fewer than two digits, or none (then they are 0). Give "
            "the Responses, from which such pairs are computed directly."
        )
