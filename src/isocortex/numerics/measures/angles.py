"""Angles between rows, from bands of their inner products."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from isocortex.arrays import Array
from isocortex.numerics.arrays.near import (
    Pairs,
    Unresolved,
    resolution,
    squared_residuals,
    without_rows,
)
from isocortex.numerics.arrays.products import Products

_NARROW = 0.25
"""One minus a cosine below this is computed from differences, not as a difference from one."""


@dataclass(frozen=True, eq=False)
class Angles:
    """One minus the cosine of the angle between rows, whole or less each row's mean."""

    k: Products
    less_mean: bool
    own: np.ndarray
    """Shifted products of each row with itself, shape (n,)."""
    with_common: np.ndarray
    """Products of the shifted rows with the common pattern."""
    common_square: float
    """The squared length of that."""
    is_raw: bool
    """Whether no common pattern was taken out."""

    @classmethod
    def of_rows(cls, k: Products) -> "Angles":
        """Of the rows as they are."""
        return cls(k, False, k.shifted.diagonal(), k.with_common, k.common_square, k.is_raw)

    @classmethod
    def of_centred(cls, k: Products) -> "Angles":
        """Of the rows less their mean over units."""
        own = k.kept_sums * k.kept_sums / -k.n_units + k.kept.diagonal()
        square = k.centred_rest_square
        return cls(k, True, own, k.centred_along, square, square == 0)

    @cached_property
    def squares(self) -> np.ndarray:
        """Squared lengths of the rows."""
        return self.own + 2 * self.with_common + self.common_square

    def band(self, start: int, stop: int) -> tuple[np.ndarray, Unresolved | None]:
        """Of rows start to stop with all from ``start`` on, and what products do not resolve."""
        rows, later, norms = slice(start, stop), slice(start, None), np.sqrt(self.squares)
        if self.less_mean:
            products = self.k.centred_band(start, stop)
        else:
            products = self.k.shifted[rows, later]
        d = np.multiply.outer(-norms[rows], norms[later])
        if self.is_raw:
            np.divide(products, d, out=d)
        else:
            a = self._halves()
            raw = np.add.outer(a[rows], a[later])
            raw += products
            np.divide(raw, d, out=d)
        d += 1
        np.minimum(d, 2, out=d)
        if self.is_raw:
            return _told(d, resolution(self.k), np.ones(1), products, start)
        np.fill_diagonal(d, np.inf)
        if d.min() >= _NARROW:
            return d, None
        return self._narrow(d, products, norms, start)

    def _narrow(
        self, d: np.ndarray, products: np.ndarray, norms: np.ndarray, start: int
    ) -> tuple[np.ndarray, Unresolved | None]:
        r"""Small angles without what rows have in common.

        .. math:: 1 - \cos = \frac{\|u - v\|^2 - (\|u\| - \|v\|)^2}{2 \|u\| \|v\|}
        """
        rows, later = slice(start, start + len(d)), slice(start, None)
        longer = self.own + 2 * self.with_common  # Squared lengths, less that of the pattern.
        unequal = np.subtract.outer(longer[rows], longer[later])
        unequal /= np.add.outer(norms[rows], norms[later])
        unequal *= unequal
        twice = np.multiply.outer(2 * norms[rows], norms[later])
        reach = np.add.outer(self.own[rows], self.own[later])
        small = 2 * products
        np.subtract(reach, small, out=small)
        small -= unequal
        small /= twice
        reach /= twice
        narrow = d < _NARROW
        np.copyto(d, small, where=narrow)
        limit = np.where(narrow, resolution(self.k) * reach, -np.inf)
        return _told(d, limit, reach, products, start)

    def resolved(self, near: Unresolved, x: Array | None, means: np.ndarray) -> np.ndarray:
        """From the rows themselves, where they are known; ``means`` are those of rows."""
        if x is not None:
            return self._from_residuals(near, x, means)
        i, j = near.pairs.i, near.pairs.j
        alike = self.with_common[i] == self.with_common[j]
        if not self.less_mean:
            k = self.k
            alike = (k.sums[i] == k.sums[j]) & (k.along[i] == k.along[j])
        return without_rows(near, self.own, alike, self.k)

    def _halves(self) -> np.ndarray:
        # (y_i + c) (y_j + c) = y_i y_j + y_i c + y_j c + c c, half of the last each.
        return self.with_common + self.common_square / 2

    def _from_residuals(self, near: Unresolved, x: Array, means: np.ndarray) -> np.ndarray:
        r"""From what is left of one row when the other, best scaled, is taken from it.

        .. math:: 1 - \cos = q / (1 + \sqrt{1 - q}), \quad q = \min_b \|v - b u\|^2 / \|v\|^2
        """
        squares, a = self.squares, self._halves()
        i, j = near.pairs.i, near.pairs.j
        raw = near.products if self.is_raw else near.products + (a[i] + a[j])
        slopes = raw / squares[i]
        taken = means if means.any() else None
        left = squared_residuals(x, near.pairs, slopes, taken, self.k.unit) / squares[j]
        # What rounding makes of two rows of which one is a multiple of the other.
        sizes = squares + self.k.n_units * means**2
        floor = (2 * np.finfo(np.float64).eps) ** 2 * (slopes**2 * sizes[i] + sizes[j]) / squares[j]
        left = np.where(left <= floor, 0.0, np.minimum(left, 1.0))
        return left / (1 + np.sqrt(1 - left))


def _told(
    d: np.ndarray, limit: np.ndarray | float, reach: np.ndarray, products: np.ndarray, start: int
) -> tuple[np.ndarray, Unresolved | None]:
    """A band, and those of its pairs that are below the limit."""
    pairs = Pairs.below(d, limit, start)
    if not len(pairs):
        return d, None
    at = pairs.i - start, pairs.j - start
    reached = reach[at] if reach.ndim == 2 else np.repeat(reach, len(pairs))
    return d, Unresolved(pairs, d[at], reached, products[at])
