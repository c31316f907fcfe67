"""Pairs of rows too near to each other to be resolved by inner products."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isocortex.arrays import Array, as_numpy, column_blocks
from isocortex.errors import warn
from isocortex.numerics.arrays.products import Products, lost_share

_ELEMENTS = 2**20
"""How many differences are formed at once."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Some pairs of rows i < j."""

    i: np.ndarray
    j: np.ndarray

    @classmethod
    def below(cls, band: np.ndarray, limit: np.ndarray | float, first: int = 0) -> "Pairs":
        """Those nearer than a limit.

        Parameters
        ----------
        band : array, shape (n_rows, n - first)
            Distances of some rows, from row ``first`` on, to it and all that follow; the
            diagonal is overwritten.
        limit : float, or array of the shape of the band
        first : int
        """
        np.fill_diagonal(band, np.inf)
        none = np.empty(0, dtype=np.intp)
        # Mostly there are none, which the smallest distance tells without a mask.
        if not band.size or band.min() >= np.max(limit):
            return cls(none, none)
        i, j = np.nonzero(np.triu(band < limit, 1))
        return cls(i + first, j + first)

    def __len__(self) -> int:
        return len(self.i)

    def condensed(self, n: int) -> np.ndarray:
        """Where they stand among all pairs of n rows, as :func:`isocortex.arrays.pairs_of`."""
        return self.i * (2 * n - self.i - 1) // 2 + (self.j - self.i - 1)


@dataclass(frozen=True, eq=False)
class Unresolved:
    """Distances that are too small beside the products of which they are differences."""

    pairs: Pairs
    found: np.ndarray
    """What the products gave, shape (n_pairs,)."""
    reach: np.ndarray
    """The size of the products, in the unit of the distance."""
    products: np.ndarray
    """Shifted products of the two rows."""

    def some(self, chosen: np.ndarray) -> "Unresolved":
        """Some of the pairs, by a mask."""
        columns = self.pairs.i, self.pairs.j, self.found, self.reach, self.products
        i, j, *rest = (each[chosen] for each in columns)
        return Unresolved(Pairs(i, j), *rest)

    @classmethod
    def joined(cls, parts: "Sequence[Unresolved]") -> "Unresolved":
        """Those of all bands, one after the other."""
        columns = [
            (each.pairs.i, each.pairs.j, each.found, each.reach, each.products) for each in parts
        ]
        i, j, *rest = (np.concatenate(each) for each in zip(*columns, strict=True))
        return cls(Pairs(i, j), *rest)


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


def without_rows(near: Unresolved, own: np.ndarray, alike: np.ndarray, k: Products) -> np.ndarray:
    """Where only the products are known: equal rows are at zero, and what is lost is said.

    Parameters
    ----------
    near : Unresolved
    own : array, shape (n,)
        Shifted products of each row with itself.
    alike : boolean array, shape (n_pairs,)
        Pairs of which all else that is known of the two rows is equal.
    k : Products

    Returns
    -------
    array, shape (n_pairs,)
        From 0.
    """
    i, j = near.pairs.i, near.pairs.j
    equal = (own[i] == own[j]) & (own[i] == near.products) & alike
    lost = int(((near.found < 100 * lost_share(k) * near.reach) & ~equal).sum())
    if lost:
        n = len(own)
        warn(
            f"{lost} of {n * (n - 1) // 2} distances are so small beside the responses that the "
            "inner products leave them fewer than two digits, or none (then they are 0). Give "
            "the Responses, from which such pairs are computed directly."
        )
    return np.where(equal, 0.0, np.maximum(near.found, 0.0))
