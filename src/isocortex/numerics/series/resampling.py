"""From moments to volumes: linear maps, one run at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

LOBES = 3
"""Volumes on either side that the Lanczos window reaches."""


@dataclass(frozen=True, eq=False)
class Bins:
    """The volumes of one run, as moments are sorted into them."""

    starts: np.ndarray
    """Shape (n_volumes,), in seconds, evenly spaced but for rounding."""
    moments: np.ndarray
    """Shape (n_volumes,): the moment that each stands for."""
    tr: float


def lanczos(moments: np.ndarray, bins: Bins) -> sparse.csr_array:
    r"""Weights of a low-pass filter that is cut off at half the rate of the volumes.

    .. math:: w(u) = \mathrm{sinc}(u)\,\mathrm{sinc}(u / 3), \; |u| \le 3, \quad
              u = (t_{volume} - t) / TR

    Parameters
    ----------
    moments : array, shape (n_moments,)
        In seconds, in any order.
    bins : Bins

    Returns
    -------
    sparse array, shape (n_volumes, n_moments)
    """
    reach = LOBES * bins.tr * (1 + 1e-12)
    first = np.searchsorted(bins.moments, moments - reach, "left")
    last = np.searchsorted(bins.moments, moments + reach, "right")
    counts = last - first
    columns = np.repeat(np.arange(len(moments)), counts)
    # Of each moment the volumes first, first + 1 ... last - 1, one after another.
    rows = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts - first, counts)
    u = (bins.moments[rows] - moments[columns]) / bins.tr
    weights = np.where(np.abs(u) <= LOBES, np.sinc(u) * np.sinc(u / LOBES), 0.0)
    return _sparse(weights, rows, columns, bins, len(moments))


def summed(moments: np.ndarray, bins: Bins) -> sparse.csr_array:
    """Ones where a moment lies within a volume, which begins with its start and ends before
    that of the next; shapes as in :func:`lanczos`."""
    rows = np.searchsorted(bins.starts, moments, "right") - 1
    return _sparse(np.ones(len(rows)), rows, np.arange(len(rows)), bins, len(moments))


def averaged(moments: np.ndarray, bins: Bins) -> sparse.csr_array:
    """The same, each row divided by its sum; a volume without a moment has a row of zeros."""
    sums = summed(moments, bins)
    counts = np.maximum(sums.sum(1), 1.0)
    return sparse.csr_array(sparse.diags_array(1 / counts) @ sums)


def latest(moments: np.ndarray, bins: Bins) -> sparse.csr_array:
    """A one for the last moment within each volume."""
    rows = np.searchsorted(bins.starts, moments, "right") - 1
    order = np.lexsort((moments, rows))
    # The last of each stretch of equal rows.
    ends = order[np.append(np.diff(rows[order]) != 0, True)] if len(order) else order
    return _sparse(np.ones(len(ends)), rows[ends], ends, bins, len(moments))


def _sparse(
    weights: np.ndarray, rows: np.ndarray, columns: np.ndarray, bins: Bins, n: int
) -> sparse.csr_array:
    return sparse.csr_array((weights, (rows, columns)), shape=(len(bins.starts), n))


METHODS: Mapping[str, Callable[[np.ndarray, Bins], sparse.csr_array]] = {
    "lanczos": lanczos,
    "mean": averaged,
    "sum": summed,
    "last": latest,
}
"""Ways from moments to volumes."""

FILLED = ("mean", "last")
"""Those by which an empty volume has no value, and gets the mean of its run."""


@dataclass(frozen=True, eq=False)
class Resampling:
    """The linear map of all runs."""

    weights: sparse.csr_array
    """Shape (n_volumes, n_moments)."""
    runs: list[np.ndarray]
    """The volumes of each run."""
    empty: np.ndarray
    """Shape (n_volumes,): volumes that get the mean of the others of their run."""

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Volumes of moments: shape (n_volumes, m) of (n_moments, m), float64."""
        found = self.weights @ np.asarray(x, dtype=np.float64)
        if self.empty.any():
            for rows in self.runs:
                gaps = rows[self.empty[rows]]
                known = rows[~self.empty[rows]]
                if len(known) and len(gaps):
                    found[gaps] = found[known].mean(0)
        return found
