r"""The Brain Hierarchy score from a table of counts.

The score is a rank correlation between the number of a layer and the number of the region that
tells most of its unit. Both have many ties, so all that it needs is how many units of layer
:math:`i` have region :math:`j` on top, :math:`T_{ij}`. Choosing layers, resampling units or
subjects and shuffling layers are then operations on a table of a few dozen numbers.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np
from scipy import stats

Keep = Callable[[np.ndarray, int, float], np.ndarray]

CHUNK = 16384


def keep_t(r: np.ndarray, n: int, p: float) -> np.ndarray:
    r"""Which correlations are positive and significant, two-sided.

    .. math:: t = r \sqrt{\frac{n - 2}{1 - r^2}}, \qquad n - 2 \text{ degrees of freedom}

    Parameters
    ----------
    r : array
        Correlations from -1 to 1; NaN is not kept.
    n : int
        Number of stimuli that each rests on.
    p : float
        Kept are those with a smaller p-value.

    Returns
    -------
    keep : boolean array
    """
    r = np.asarray(r, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = r * np.sqrt((n - 2) / (1 - np.minimum(r * r, 1.0)))
        return (r > 0) & (2 * stats.t.sf(t, n - 2) < p)


def keep_bhscore2021(r: np.ndarray, n: int, p: float) -> np.ndarray:
    r"""The same as the code published with the score has it.

    .. math:: t = r \sqrt{(n - 2)(1 - r^2)}

    That is a product where the test has a quotient: at ``p=0.05`` and ``n=50`` it keeps
    0.3047 < r < 0.9524 instead of r > 0.2787, and below ``p=0.00113`` nothing at all.
    """
    r = np.asarray(r)
    with np.errstate(invalid="ignore"):
        t = r * np.sqrt((n - 2) * (1 - r**2))
        return (2 * (1 - stats.t.cdf(t, df=n - 2)) < p) & (r > 0)


STATISTICS: Mapping[str, Keep] = {"t": keep_t, "bhscore2021": keep_bhscore2021}


class TopRegions(NamedTuple):
    """The top region of each unit."""

    top: np.ndarray
    """Shape (n_units,); -1 where the unit is not kept."""
    n_nan: int
    """How many accuracies were NaN."""
    n_undefined: int
    """How many units had no accuracy but NaN."""


def top_regions(accuracy: np.ndarray, keep: Keep, n: int, p: float) -> TopRegions:
    """The region with the largest accuracy of each unit; the first of equals.

    Parameters
    ----------
    accuracy : array, shape (n_regions, n_units)
        NaN is passed over. Not changed.
    keep : function
        A value of :data:`STATISTICS`.
    n : int
        Number of stimuli.
    p : float
    """
    missing = np.isnan(accuracy)
    # Of the type of the accuracies, as the original computes: float32 decides ties.
    filled = np.where(missing, np.array(-np.inf, accuracy.dtype), accuracy)
    best = filled.argmax(0)
    largest = filled.max(0, initial=-np.inf)
    largest[np.isinf(largest)] = np.nan
    kept = keep(largest, n, p)
    return TopRegions(np.where(kept, best, -1), int(missing.sum()), int(missing.all(0).sum()))


def units_per_region(top: np.ndarray, n_regions: int) -> np.ndarray:
    """How many units have each region on top, shape (n_regions,)."""
    return np.bincount(top[top >= 0], minlength=n_regions)


def rank_correlation(table: np.ndarray) -> np.ndarray:
    r"""Spearman's correlation, ties at their mean rank, of row number and column number.

    .. math:: \rho = \frac{\sum_{ij} T_{ij} R_i C_j}
                          {\sqrt{\sum_i n_i R_i^2 \, \sum_j m_j C_j^2}}

    with :math:`n_i, m_j` the sums and :math:`R_i, C_j` the centred mid-ranks of rows and columns.

    Parameters
    ----------
    table : array, shape (..., n_rows, n_columns)
        Counts.

    Returns
    -------
    rho : array, shape (...)
        -1 to 1; NaN where all counts stand in one row or one column.
    """
    table = np.asarray(table, dtype=np.float64)
    rows, columns = table.sum(-1), table.sum(-2)
    r, c = _mid_ranks(rows), _mid_ranks(columns)
    above = np.einsum("...ij,...i,...j->...", table, r, c)
    below = (rows * r * r).sum(-1) * (columns * c * c).sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / np.sqrt(below), np.nan)


def _mid_ranks(sums: np.ndarray) -> np.ndarray:
    total = sums.sum(-1, keepdims=True)
    return np.cumsum(sums, -1) - sums / 2 - total / 2


def n_subsets(n_layers: int, size: int) -> int:
    """How many choices of ``size`` layers keep the first and the last."""
    return comb(n_layers - 2, size - 2)


def subset_rows(n_layers: int, size: int) -> Iterator[np.ndarray]:
    """All choices of ``size`` layers that keep the first and the last, shape (some, size)."""
    wanted = combinations(range(1, n_layers - 1), size - 2)
    total = n_subsets(n_layers, size)
    for start in range(0, total, CHUNK):
        some = min(CHUNK, total - start)
        flat = (layer for _ in range(some) for layer in next(wanted))
        middle = np.fromiter(flat, dtype=np.intp, count=some * (size - 2)).reshape(some, size - 2)
        first, last = np.zeros((some, 1), np.intp), np.full((some, 1), n_layers - 1)
        yield np.hstack([first, middle, last])


def subset_mean(table: np.ndarray, size: int) -> tuple[float, int]:
    """Exact mean of the rank correlation over all choices of layers, and how many are undefined.

    Parameters
    ----------
    table : array, shape (n_layers, n_regions)
    size : int
        Layers in each choice, with the first and the last.

    Returns
    -------
    mean : float
        Over the choices where it is defined; NaN if there are none.
    undefined : int
    """
    total, defined, number = 0.0, 0, 0
    for rows in subset_rows(len(table), size):
        rho = rank_correlation(table[rows])
        total += float(np.nansum(rho))
        defined += int((~np.isnan(rho)).sum())
        number += len(rho)
    return (total / defined if defined else np.nan), number - defined


def subset_means(tables: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Mean over the given choices of layers for each of many tables, shape (n_tables,).

    Parameters
    ----------
    tables : array, shape (n_tables, n_layers, n_regions)
    rows : integer array, shape (n_choices, size)
    """
    out = np.empty(len(tables))
    step = max(1, CHUNK // len(rows))
    for start in range(0, len(tables), step):
        rho = rank_correlation(tables[start : start + step][:, rows])
        defined = (~np.isnan(rho)).sum(1)
        with np.errstate(invalid="ignore"):
            out[start : start + step] = np.nansum(rho, 1) / np.where(defined, defined, np.nan)
    return out
