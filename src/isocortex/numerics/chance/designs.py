r"""Maps of t over subjects, and the maps that chance would give, in blocks.

A design knows how its rows may be exchanged under the null hypothesis; the first of its exchanges
leaves the data as they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from math import factorial
from typing import Protocol

import numpy as np

from isocortex.numerics.chance.sign_flips import bounded, sign_flips, t_values


class Design(Protocol):
    """What a test over subjects needs to know."""

    @property
    def n(self) -> int:
        """Exchanges, the data among them."""
        ...

    @property
    def n_maps(self) -> int:
        """How many maps the blocks hold."""
        ...

    @property
    def exact(self) -> bool:
        """Whether these are all the relabellings that there are, so that p is exact."""
        ...

    @property
    def freedom(self) -> int:
        """Degrees of freedom of t."""
        ...

    @property
    def least(self) -> float:
        """The smallest p that so many exchanges allow."""
        ...

    def blocks(self, x: np.ndarray, n_rows: int) -> Iterator[np.ndarray]:
        """Maps of t, shape (at most n_rows, n_points); the first map is that of the data."""
        ...


@dataclass(frozen=True, eq=False)
class Flips:
    """A mean against zero: the signs of whole subjects are flipped."""

    signs: np.ndarray
    exact: bool
    tail: int

    @property
    def n(self) -> int:
        """Exchanges, the data among them."""
        return len(self.signs)

    @property
    def n_maps(self) -> int:
        """How many maps the blocks hold; of all flips on two sides the first half tells all."""
        return self.n // 2 if self.exact and not self.tail else self.n

    @property
    def freedom(self) -> int:
        """Degrees of freedom of t."""
        return self.signs.shape[1] - 1

    @property
    def least(self) -> float:
        """The smallest p that so many exchanges allow."""
        return (1 if self.tail else 2) / self.n

    def blocks(self, x: np.ndarray, n_rows: int) -> Iterator[np.ndarray]:
        """Maps of t, block by block."""
        signs = self.signs[: self.n_maps]
        for start in range(0, len(signs), n_rows):
            yield t_values(x, signs[start : start + n_rows])


@dataclass(frozen=True, eq=False)
class Regression:
    r"""The slope of one covariate beside others, by Freedman and Lane.

    The residuals of the others, the constant among them, are exchanged between subjects, and the
    whole model is fitted anew. With :math:`c` the covariate less its fit by the others :math:`Z`,
    of length one, and residuals :math:`e` in an order :math:`P`,

    .. math:: t = \frac{c^\top P e}{\sqrt{(\|e\|^2 - \|Q_Z^\top P e\|^2 - (c^\top P e)^2) / df}}

    so that all orders are one matrix product.

    References
    ----------
    Freedman & Lane (1983), J. Bus. Econ. Stat. 1:292, https://doi.org/10.2307/1391660;
    Winkler et al. (2014), NeuroImage 92:381, https://doi.org/10.1016/j.neuroimage.2014.01.060
    """

    orders: np.ndarray
    exact: bool
    tested: np.ndarray
    others: np.ndarray

    @property
    def n(self) -> int:
        """Exchanges, the data among them."""
        return len(self.orders)

    @property
    def n_maps(self) -> int:
        """How many maps the blocks hold."""
        return self.n

    @property
    def freedom(self) -> int:
        """Degrees of freedom of t."""
        return len(self.tested) - self.others.shape[1] - 1

    @property
    def least(self) -> float:
        """The smallest p that so many exchanges allow: of equal covariates they tell no apart."""
        if not self.exact:
            return 1 / self.n
        rows = np.column_stack([self.tested, self.others]).round(12)
        return int((rows[self.orders] == rows).all((1, 2)).sum()) / self.n

    def blocks(self, x: np.ndarray, n_rows: int) -> Iterator[np.ndarray]:
        """Maps of t, block by block."""
        residuals = x - self.others @ (self.others.T @ x)
        squares = (residuals**2).sum(0)
        # No subject's score differs from what the other covariates say of it.
        nothing = squares <= 1e-24 * (x**2).sum(0)
        # Row r of P e is e of subject order[r]; so the weight of a subject is that of its place.
        places = np.argsort(self.orders, axis=1)
        for start in range(0, self.n, n_rows):
            at = places[start : start + n_rows]
            slope = self.tested[at] @ residuals
            left = squares - slope**2
            for column in self.others.T:
                left -= (column[at] @ residuals) ** 2
            with np.errstate(divide="ignore", invalid="ignore"):
                t = slope / np.sqrt(np.maximum(left, 0.0) / self.freedom)
            yield np.where(nothing, 0.0, bounded(t))


def flips(n_subjects: int, n: int, tail: int, rng: np.random.Generator) -> Flips:
    """All sign flips where they are not more than ``n``, otherwise random ones."""
    return Flips(*sign_flips(n_subjects, n, rng), tail)


def regression(
    covariate: np.ndarray, nuisance: np.ndarray, n: int, rng: np.random.Generator
) -> Regression:
    """All orders of the subjects where they are not more than ``n``, otherwise random ones.

    Parameters
    ----------
    covariate : array, shape (n_subjects,)
    nuisance : array, shape (n_subjects, n_others)
        Without the constant, which is added.
    n : int
    rng : Generator

    Returns
    -------
    Regression
        Its ``tested`` is 0 where the others, or the constant, tell the covariate.
    """
    n_subjects = len(covariate)
    beside = np.column_stack([np.ones(n_subjects), nuisance])
    left, sizes, _ = np.linalg.svd(beside / np.linalg.norm(beside, axis=0), full_matrices=False)
    others = left[:, sizes > 1e-10]
    tested = covariate - others @ (others.T @ covariate)
    length = np.linalg.norm(tested)
    known = length <= 1e-10 * np.linalg.norm(covariate)
    tested = np.zeros(n_subjects) if known else tested / length
    exact = n_subjects < 13 and factorial(n_subjects) <= n
    if exact:
        orders = np.array(list(permutations(range(n_subjects))))
    else:
        orders = rng.permuted(np.tile(np.arange(n_subjects), (n, 1)), axis=1)
        orders[0] = np.arange(n_subjects)
    return Regression(orders, exact, tested, others)
