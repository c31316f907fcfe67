"""Inner products of rows, kept as those of rows that have nothing large in common."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from isocortex.errors import UndefinedError

_VECTORS = 8
"""Rows beside the matrix in which :class:`Products` are written down, without levels."""
_DIGITS = 16
"""Binary digits of the level of a row."""


@dataclass(frozen=True, eq=False)
class Products:
    r"""Inner products of all pairs of rows of X, without the digits that common parts cost.

    With :math:`Y = (X - 1 m^\top) / u`, where the common pattern :math:`m = u\,(c + r)` has a
    level c that all units share and a rest r, and the unit u is a power of two (1 unless squares
    would overflow), all that a common offset does not change follows from Y alone, and the raw
    products from

    .. math:: X X^\top = u^2 (Y Y^\top + a 1^\top + 1 a^\top + \|c + r\|^2), \quad
              a = Y r + c\,Y 1

    Kept are the products of :math:`Z = Y - l 1^\top`, where l is the level of each row; it is 0
    for all unless rows are nearly all level, so that no digit of what is left of them is lost.
    """

    kept: np.ndarray
    """:math:`Z Z^\\top`, shape (n, n), float64, symmetric."""
    kept_sums: np.ndarray
    """:math:`Z 1`, shape (n,)."""
    kept_along: np.ndarray
    """:math:`Z r`, shape (n,)."""
    n_units: int
    level: float = 0.0
    """c."""
    rest_sum: float = 0.0
    """The sum of r."""
    rest_square: float = 0.0
    """The squared length of r."""
    eps: float = float(np.finfo(np.float64).eps)
    """The relative rounding of the numbers that were multiplied."""
    unit: float = 1.0
    """u."""
    levels: np.ndarray | None = None
    """l, shape (n,); None where all are 0."""

    @classmethod
    def of_raw(cls, matrix: np.ndarray, row_sums: np.ndarray, n_units: int) -> "Products":
        """From :math:`X X^\\top` and :math:`X 1`, whose rounding stays what it is."""
        eps = float(np.finfo(matrix.dtype).eps) if matrix.dtype.kind == "f" else 0.0
        matrix, sums = (np.asarray(each, dtype=np.float64) for each in (matrix, row_sums))
        eps = max(eps, float(np.finfo(np.float64).eps))
        return cls(matrix, sums, np.zeros(len(sums)), n_units, eps=eps)

    @classmethod
    def of_vectors(cls, matrix: np.ndarray, vectors: np.ndarray, n_units: int) -> "Products":
        """What :attr:`vectors` wrote down; a single row means a raw matrix and its row sums."""
        if len(vectors) < _VECTORS or not vectors.shape[1]:
            return cls.of_raw(matrix, vectors.reshape(-1, len(matrix))[0], n_units)
        level, rest_sum, rest_square, eps, unit, units = vectors[2:_VECTORS, 0].tolist()
        common = level, rest_sum, rest_square, eps, unit
        levels = vectors[_VECTORS] if len(vectors) > _VECTORS else None
        return cls(matrix, vectors[0], vectors[1], int(units), *common, levels)

    @property
    def vectors(self) -> np.ndarray:
        """All but the matrix, as rows as long as it: how it is kept on disk.

        Shape (8, n), or (9, n) where rows have levels.
        """
        numbers = [
            self.level,
            self.rest_sum,
            self.rest_square,
            self.eps,
            self.unit,
            float(self.n_units),
        ]
        repeated = np.repeat(np.array(numbers)[:, None], len(self.kept), axis=1)
        levels = [] if self.levels is None else [self.levels[None]]
        return np.concatenate([self.kept_sums[None], self.kept_along[None], repeated, *levels])

    @cached_property
    def shifted(self) -> np.ndarray:
        """:math:`Y Y^\\top`, shape (n, n), float64, symmetric."""
        if self.levels is None:
            return self.kept
        # With Y = Z + l 1': y_i y_j = z_i z_j + l_i s_j + l_j s_i + p l_i l_j, half of the last
        # each.
        across = np.multiply.outer(self.levels, self.kept_sums + self.n_units / 2 * self.levels)
        return self.kept + (across + across.T)

    @property
    def sums(self) -> np.ndarray:
        """The sum of each row, :math:`Y 1`, shape (n,)."""
        return (
            self.kept_sums if self.levels is None else self.kept_sums + self.n_units * self.levels
        )

    @property
    def along(self) -> np.ndarray:
        """The inner product of each row with :math:`r`: :math:`Y r`, shape (n,)."""
        return (
            self.kept_along
            if self.levels is None
            else self.kept_along + self.rest_sum * self.levels
        )

    @property
    def is_raw(self) -> bool:
        """Whether nothing was taken out."""
        return self.level == 0 and self.rest_square == 0

    @property
    def with_common(self) -> np.ndarray:
        """Products of the rows of Y with the common pattern, shape (n,)."""
        return self.along + self.level * self.sums

    @property
    def common_square(self) -> float:
        """The squared length of the common pattern."""
        return self.rest_square + self.level * (2 * self.rest_sum + self.n_units * self.level)

    def raw(self) -> np.ndarray:
        """Products of the rows of X in the unit u, shape (n, n)."""
        if self.is_raw:
            return self.shifted
        # (y_i + c) (y_j + c) = y_i y_j + y_i c + y_j c + c c, half of the last each.
        a = self.with_common + self.common_square / 2
        return self.shifted + np.add.outer(a, a)

    def raw_squares(self) -> np.ndarray:
        """Squared lengths of the rows of X in the unit u, shape (n,)."""
        return self.shifted.diagonal() + 2 * self.with_common + self.common_square

    def row_means(self) -> np.ndarray:
        """Mean over units of each row of X, in the unit u."""
        return self.level + (self.rest_sum + self.sums) / self.n_units

    def row_centred(self) -> "Products":
        """The products after the mean over units is taken from every row."""
        # Level and levels are parts of the mean, and go with it.
        centred = self.centred_band(0, len(self.kept))
        return replace(
            self,
            kept=centred,
            kept_sums=np.zeros(len(centred)),
            kept_along=self.centred_along,
            level=0.0,
            rest_sum=0.0,
            rest_square=self.centred_rest_square,
            levels=None,
        )

    def centred_band(self, start: int, stop: int) -> np.ndarray:
        """Rows start to stop of ``row_centred().kept``, from column ``start`` on."""
        # z_i z_j - s_i s_j / p
        band = np.multiply.outer(self.kept_sums[start:stop], self.kept_sums[start:])
        band /= -self.n_units
        band += self.kept[start:stop, start:]
        return band

    @property
    def centred_along(self) -> np.ndarray:
        """What ``kept_along`` is after row means are taken out."""
        return self.kept_along - self.kept_sums * (self.rest_sum / self.n_units)

    @property
    def centred_rest_square(self) -> float:
        """What ``rest_square`` is after row means are taken out."""
        return max(self.rest_square - self.rest_sum**2 / self.n_units, 0.0)

    def row_levels(self, share: float) -> np.ndarray | None:
        """Levels of rows, if all but a share of the square of one is its own mean; else None.

        They are numbers of few digits, so that what differs from them in whole steps does so
        exactly.
        """
        means = self.kept_sums / max(self.n_units, 1)
        squares = self.kept.diagonal()
        with np.errstate(all="ignore"):
            # The part of a row's square that its own mean does not make.
            left = squares - self.n_units * means**2
        if not (left < share * squares).any():
            return None
        # Few binary digits, so that a level is taken from a row without rounding.
        digits, exponents = np.frexp(means)
        return np.ldexp(np.round(np.ldexp(digits, _DIGITS)), exponents - _DIGITS)

    def take(self, rows: np.ndarray) -> "Products":
        """Of some rows, in that order; a row may come more than once."""
        return replace(
            self,
            kept=self.kept[np.ix_(rows, rows)],
            kept_sums=self.kept_sums[rows],
            kept_along=self.kept_along[rows],
            levels=None if self.levels is None else self.levels[rows],
        )

    def in_own_unit(self, matrix: np.ndarray, what: str, power: int = 2) -> np.ndarray:
        """A result in units of u, back in the unit of X.

        Raises
        ------
        UndefinedError
            If it is too large or too small for floating-point numbers.
        """
        if self.unit == 1:
            return matrix
        with np.errstate(all="ignore"):
            # Twice by u, whose square may be out of range where the result is not.
            scaled = matrix * self.unit if power == 1 else (matrix * self.unit) * self.unit
        if not np.isfinite(scaled).all() or ((scaled == 0) & (matrix != 0)).any():
            raise UndefinedError(
                f"{what} of numbers near {self.unit:.0e} are beyond what floating-point numbers "
                "can hold; multiply the responses by a constant first"
            )
        return scaled


def lost_share(k: Products) -> float:
    """The part of an inner product that rounding may be."""
    return 8 * k.eps * max(k.n_units, 1) ** 0.5


def entry_size(k: Products, rows: np.ndarray | slice = slice(None)) -> float:
    """The largest of :func:`entry_sizes` of some rows."""
    return float(entry_sizes(k)[rows].max(initial=0.0))


def entry_sizes(k: Products) -> np.ndarray:
    r"""The size of the entries whose rounding is in the shifted products of each row, in u^2.

    That of the products themselves, or, where hardly anything but a common part went in, what
    the rounding of that part makes of them: :math:`8 \epsilon \sqrt n \|x\|^2`.

    Returns
    -------
    array, shape (n,)
    """
    rounding = 8 * float(np.finfo(np.float64).eps) * len(k.sums) ** 0.5
    return np.maximum(k.shifted.diagonal(), rounding * k.raw_squares())
