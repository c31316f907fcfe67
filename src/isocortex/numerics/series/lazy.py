"""Matrices of series that are made when they are indexed: resampled, and delayed."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.arrays import BLOCK_BYTES, as_numpy
from isocortex.numerics.arrays.products import Products
from isocortex.numerics.series.delays import Filter, centred, delayed_gram
from isocortex.numerics.series.resampling import Resampling


class Made(ABC):
    """What both have: rows and columns in any order, as numpy in float64."""

    dtype = np.dtype(np.float64)
    ndim = 2

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """(n_rows, n_columns)."""

    @property
    @abstractmethod
    def chunk_columns(self) -> int | None:
        """How many columns are best made together."""

    @abstractmethod
    def columns(self, which: np.ndarray) -> np.ndarray:
        """All rows of some columns."""

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, where: Any) -> np.ndarray:
        rows, columns = where if isinstance(where, tuple) else (where, slice(None))
        which = np.arange(self.shape[1])[columns]
        found = self.columns(np.atleast_1d(which))[rows]
        return found if np.ndim(which) else found[..., 0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self[:, :], dtype=dtype)


@dataclass(frozen=True, eq=False)
class ResampledMatrix(Made):
    """Volumes of a matrix of moments that stays where it is."""

    base: Any
    """Shape (n_moments, n_units)."""
    resampling: Resampling
    centre: bool = False
    """Whether the mean over moments is taken out of each unit first."""

    @property
    def shape(self) -> tuple[int, int]:
        """(n_volumes, n_units)."""
        return len(self.resampling.empty), int(self.base.shape[1])

    @property
    def chunk_columns(self) -> int | None:
        """That of the matrix itself."""
        return getattr(self.base, "chunk_columns", None)

    def columns(self, which: np.ndarray) -> np.ndarray:
        """All volumes of some units, of which few are read at a time: moments may be many."""
        found = np.empty((self.shape[0], len(which)))
        step = max(1, 4 * BLOCK_BYTES // (8 * max(1, int(self.base.shape[0]))))
        step = max(step, self.chunk_columns or 1)
        for at in range(0, len(which), step):
            part = as_numpy(self.base[:, _slice(which[at : at + step])])
            if self.centre:
                part = part - part.mean(0, dtype=np.float64)
            found[:, at : at + step] = self.resampling(part)
        return found


@dataclass(frozen=True, eq=False)
class DelayedMatrix(Made):
    """Copies of rows side by side, each filtered within runs after these were centred."""

    base: Any
    """Shape (n_all, n_units)."""
    spans: Sequence[slice]
    """The rows of each run."""
    filters: Sequence[Filter]
    gram_of_base: Callable[[], Products]
    rows: np.ndarray | None = None
    """Of all rows, those that are there; filters reach over the others as well."""

    @property
    def shape(self) -> tuple[int, int]:
        """(n_rows, n_filters * n_units), the units of the first filter first."""
        n_rows = int(self.base.shape[0]) if self.rows is None else len(self.rows)
        return n_rows, len(self.filters) * int(self.base.shape[1])

    @property
    def chunk_columns(self) -> int | None:
        """That of the matrix itself."""
        return getattr(self.base, "chunk_columns", None)

    def of_rows(self, rows: np.ndarray) -> "DelayedMatrix":
        """Some of the rows, without making any."""
        known = np.arange(self.base.shape[0]) if self.rows is None else self.rows
        return DelayedMatrix(self.base, self.spans, self.filters, self.gram_of_base, known[rows])

    def columns(self, which: np.ndarray) -> np.ndarray:
        """All rows of some columns."""
        n_units = int(self.base.shape[1])
        found = np.empty((self.shape[0], len(which)))
        copies = which // n_units
        for copy in np.unique(copies):
            here = np.nonzero(copies == copy)[0]
            x = centred(as_numpy(self.base[:, _slice(which[here] - copy * n_units)]), self.spans)
            moved = self.filters[copy].matrix(self.spans, len(x)) @ x
            found[:, here] = moved if self.rows is None else moved[self.rows]
        return found

    def kept_gram(self) -> tuple[np.ndarray, np.ndarray]:
        """Inner products of the rows, of those of the base, and what goes beside them.

        In the form in which layers keep theirs, see ``Products.vectors``.
        """
        found = delayed_products(self.gram_of_base(), self.spans, self.filters)
        found = found if self.rows is None else found.take(self.rows)
        return found.kept, found.vectors


def delayed_products(
    known: Products, spans: Sequence[slice], filters: Sequence[Filter]
) -> Products:
    """Inner products and row sums after filters, of those before."""
    matrix = delayed_gram(known.shifted, spans, filters)
    sums = centred(known.sums[:, None], spans)
    filtered = sum(each.matrix(spans, len(sums)) @ sums for each in filters)
    matrix = known.in_own_unit(matrix, "inner products")
    moved = known.in_own_unit(np.asarray(filtered)[:, 0], "sums", power=1)
    return Products.of_raw(matrix, moved, len(filters) * known.n_units)


def _slice(which: np.ndarray) -> Any:
    """Neighbouring columns as a slice, which most matrices read faster."""
    if len(which) and np.array_equal(which, np.arange(which[0], which[0] + len(which))):
        return slice(int(which[0]), int(which[0]) + len(which))
    return which
