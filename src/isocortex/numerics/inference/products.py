r"""Inner products of dissimilarity matrices in samples of their stimuli.

A sample is a weight: a stimulus that was drawn :math:`w_i` times gives :math:`W_{ij} = w_i w_j`
copies of the pair (i, j), and pairs of it with itself, which are zero by construction and left
out. All samples are matrix products then, and no matrix is resampled.

References
----------
.. [1] Schütt et al. (2023), Statistical inference on representational geometries, eLife
   12:e82566. https://doi.org/10.7554/eLife.82566
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from isocortex.arrays import n_of_pairs, pairs_of
from isocortex.numerics.arrays.parallel import rows_for
from isocortex.numerics.inference.reranked import Orders, centred_ranks
from isocortex.numerics.inference.whitening import whitened_part

METRICS = (
    "pearson",
    "correlation",
    "cosine",
    "spearman",
    "rho_a",
    "whitened_cosine",
    "whitened_correlation",
)
"""Comparisons that are products in samples; those of pairs of pairs (Kendall's) are not."""

RANKED = ("spearman", "rho_a")
"""Those that rank the dissimilarities anew in every sample."""

CENTRED = ("pearson", "correlation", "whitened_correlation")
WHITENED = ("whitened_cosine", "whitened_correlation")

_FEWEST_PAIRS = 3
_BUDGET = 2**25
_ROUNDING = 1e-12


class Products(NamedTuple):
    """Inner products of rows in each sample; NaN where too few stimuli were drawn."""

    cross: np.ndarray
    """Of first with second, shape (n_samples, n_first, n_second)."""
    first: np.ndarray
    """Of the first rows with themselves, shape (n_samples, n_first)."""
    second: np.ndarray
    """Of the second rows with themselves, shape (n_samples, n_second)."""
    absolute: bool
    """Whether ``cross`` is the comparison itself, as for rho-a."""

    def similarities(self) -> np.ndarray:
        """The comparison, shape (n_samples, n_first, n_second); NaN where it is undefined."""
        if self.absolute:
            return self.cross
        norms = np.sqrt(self.first[:, :, None] * self.second[:, None])
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(norms > 0, np.clip(self.cross / norms, -1, 1), np.nan)


class Stack:
    """Rows of dissimilarities, made ready for products in many samples.

    Parameters
    ----------
    values : array, shape (n_rows, n_pairs)
        NaN where a pair is missing; ``products`` takes a mask that leaves it out.
    metric : str
        One of ``METRICS``.
    """

    def __init__(self, values: np.ndarray, metric: str):
        values = np.asarray(values, dtype=np.float64)
        there = ~np.isnan(values)
        counts = np.maximum(there.sum(1, keepdims=True), 1)
        filled = np.where(there, values, 0.0)
        self.metric = metric
        self.n_stimuli = n_of_pairs(values.shape[1])
        self._orders = Orders(filled) if metric in RANKED else None
        if metric in CENTRED:
            filled = np.where(there, filled - filled.sum(1, keepdims=True) / counts, 0.0)
        largest = np.abs(filled).max(1, keepdims=True, initial=0.0)
        largest[largest == 0] = 1.0
        filled = filled / largest
        rms = np.sqrt((filled**2).sum(1, keepdims=True) / counts)
        rms[rms == 0] = 1.0
        self.values = filled / rms
        self.scale = (rms * largest)[:, 0]
        self._pairs = pairs_of(self.n_stimuli)

    def products(
        self,
        weights: np.ndarray,
        first: np.ndarray,
        second: np.ndarray,
        mask: np.ndarray | None = None,
    ) -> Products:
        """Inner products of some rows with others, in each sample.

        Parameters
        ----------
        weights : array, shape (n_samples, n_stimuli)
            How often each stimulus was drawn; 0 leaves it out.
        first, second : integer arrays
            Of the rows.
        mask : boolean array, shape (n_pairs,), optional
            The pairs that all these rows have; default all.

        Returns
        -------
        Products
        """
        weights = np.asarray(weights, dtype=np.float64)
        first, second = np.asarray(first, dtype=np.intp), np.asarray(second, dtype=np.intp)
        n = len(weights)
        found = Products(
            np.empty((n, len(first), len(second))),
            np.empty((n, len(first))),
            np.empty((n, len(second))),
            self.metric == "rho_a",
        )
        for chunk in self._chunks(len(first), len(second)):
            for rows in self._blocks(n, len(first[chunk]) + len(second)):
                some = self._some(weights[rows], first[chunk], second, mask)
                found.cross[rows, chunk], found.first[rows, chunk], found.second[rows] = some
        return found

    def _chunks(self, n_first: int, n_second: int) -> Iterator[slice]:
        """Of the first rows, so that their products with the second fit in memory."""
        size = rows_for(8 * self.values.shape[1] * max(n_second, 1), _BUDGET)
        return (slice(i, i + size) for i in range(0, n_first, size))

    def _blocks(self, n: int, n_rows: int) -> Iterator[slice]:
        """Of samples, so that what is kept for each of them fits in memory."""
        n_pairs = self.values.shape[1]
        each = n_rows * (n_pairs if self._orders else self.n_stimuli) + n_pairs
        size = rows_for(8 * each, _BUDGET)
        return (slice(i, i + size) for i in range(0, n, size))

    def _some(
        self, weights: np.ndarray, first: np.ndarray, second: np.ndarray, mask: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        i, j = self._pairs
        pairs = weights[:, i] * weights[:, j]
        if mask is not None:
            pairs *= mask
        if self._orders is None:
            cross, own_first, own_second = self._linear(weights, pairs, first, second, mask)
        else:
            cross, own_first, own_second = self._ranked(self._orders, pairs, first, second)
        few = (pairs > 0).sum(1) < _FEWEST_PAIRS
        for each in (cross, own_first, own_second):
            each[few] = np.nan
        return cross, own_first, own_second

    def _ranked(
        self, orders: Orders, pairs: np.ndarray, first: np.ndarray, second: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows, where = np.unique(np.concatenate([first, second]), return_inverse=True)
        ranks = centred_ranks(orders, rows, pairs)
        weighted = ranks * pairs[:, None]
        own = np.einsum("nal,nal->na", weighted, ranks)
        at_first, at_second = where[: len(first)], where[len(first) :]
        cross = weighted[:, at_first] @ ranks[:, at_second].transpose(0, 2, 1)
        if self.metric == "rho_a":
            k = pairs.sum(1)[:, None]
            factor = 3 / np.maximum(k**3 - k, 1)
            cross, own = cross * factor[:, None], own * factor
        return cross, own[:, at_first], own[:, at_second]

    def _linear(
        self,
        weights: np.ndarray,
        pairs: np.ndarray,
        first: np.ndarray,
        second: np.ndarray,
        mask: np.ndarray | None,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        x, y = self.values[first], self.values[second]
        both = (x[:, None] * y).reshape(len(x) * len(y), -1)
        cross = (pairs @ both.T).reshape(len(pairs), len(x), len(y))
        sizes = [pairs @ (rows**2).T for rows in (x, y)]
        own = [each.copy() for each in sizes]
        means: list[np.ndarray] | None = None
        if self.metric in CENTRED:
            total = np.maximum(pairs.sum(1, keepdims=True), 1)
            means = [pairs @ rows.T / total for rows in (x, y)]
            cross -= total[:, :, None] * means[0][:, :, None] * means[1][:, None]
            own = [each - total * mean**2 for each, mean in zip(own, means, strict=True)]
        if self.metric in WHITENED:
            part = whitened_part(weights, (x, y), means, mask)
            cross = cross / 2 - part[0]
            own = [each / 2 - less for each, less in zip(own, part[1:], strict=True)]
        own = [
            np.where(each > _ROUNDING * size, each, 0.0)
            for each, size in zip(own, sizes, strict=True)
        ]
        return cross, own[0], own[1]


def similarities(
    values: np.ndarray, weights: np.ndarray, metric: str, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    """How alike rows are in each sample, each pair of rows over the pairs of stimuli of both.

    Parameters
    ----------
    values : array, shape (n_rows, n_pairs)
        NaN where a pair was not measured.
    weights : array, shape (n_samples, n_stimuli)
    metric : str
    first, second : integer arrays

    Returns
    -------
    array, shape (n_samples, n_first, n_second)
        NaN where a comparison is undefined in a sample.
    """
    stack = Stack(values, metric)
    first, second = np.asarray(first, dtype=np.intp), np.asarray(second, dtype=np.intp)
    there = ~np.isnan(np.asarray(values, dtype=np.float64))
    if there.all():
        return stack.products(weights, first, second).similarities()
    patterns, kind = np.unique(there, axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    found = np.empty((len(weights), len(first), len(second)))
    for p in np.unique(kind[first]):
        for q in np.unique(kind[second]):
            at_first, at_second = (
                np.flatnonzero(kind[first] == p),
                np.flatnonzero(kind[second] == q),
            )
            seen, mask = _as_stimuli(patterns[p] & patterns[q])
            some = stack.products(weights * seen, first[at_first], second[at_second], mask)
            found[:, at_first[:, None], at_second] = some.similarities()
    return found


def _as_stimuli(there: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """The stimuli that any pair is there of, and a mask where not all pairs of these are."""
    n = n_of_pairs(len(there))
    i, j = pairs_of(n)
    seen = np.zeros(n, dtype=bool)
    seen[i[there]] = seen[j[there]] = True
    return seen, None if there.sum() == seen.sum() * (seen.sum() - 1) // 2 else there
