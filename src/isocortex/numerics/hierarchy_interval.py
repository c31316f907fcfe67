"""How uncertain a hierarchy score is, with whole layers or whole subjects as the sample."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import stats

Score = Callable[[np.ndarray], np.ndarray]
"""From tables, shape (n_tables, n_layers, n_regions), to their scores."""

FEWEST_LAYERS = 4
FEWEST_SUBJECTS = 5


class Spread(NamedTuple):
    """A standard error, and the degrees of freedom that it rests on."""

    error: float
    freedom: float

    def half(self, level: float) -> float:
        """Half the width of the t-interval."""
        return float(self.error * stats.t.ppf((1 + level) / 2, self.freedom))


def over_layers(table: np.ndarray, score: Score) -> Spread:
    r"""Layers as clusters of units, which may depend on one another in any way.

    Each layer's shares of regions are compared with a straight trend over the layers; what is
    left of it is the noise of that layer, of its units and of its own. The score's change when
    a layer takes its place on the trend, squared and summed, is the variance:

    .. math:: s^2 = \sum_i \frac{(f(T) - f(T_{i \to \hat T_i}))^2}{1 - h_i}

    the cluster-robust variance CR2, with h the leverages, and its degrees of freedom after Bell
    and McCaffrey. Trends that are not straight count as noise: the interval is then too wide.

    Parameters
    ----------
    table : array, shape (n_layers, n_regions)
        Counts.
    score : function

    Returns
    -------
    Spread
        NaN where fewer than four layers have units.

    References
    ----------
    Bell & McCaffrey (2002), Survey Methodology 28:169; Imbens & Kolesár (2016), Rev. Econ.
    Stat. 98:701, https://doi.org/10.1162/REST_a_00552
    """
    units = table.sum(1)
    there = np.flatnonzero(units)
    if len(there) < FEWEST_LAYERS:
        return Spread(np.nan, np.nan)
    line = np.column_stack([np.ones(len(there)), there])
    hat = line @ np.linalg.pinv(line)
    free = 1 - np.diag(hat)
    expected = np.clip(hat @ (table[there] / units[there, None]), 0, None)
    expected *= (units[there] / expected.sum(1))[:, None]
    change = score(table[None]) - score(_with(table, there, expected))
    # How much the score depends on a layer: all of its units early, or all of them late.
    early, late = np.zeros((2, len(there), table.shape[1]))
    early[:, 0] = late[:, -1] = units[there]
    weight = score(_with(table, there, late)) - score(_with(table, there, early))
    rest = np.eye(len(there)) - hat
    form = rest @ ((weight**2 / free)[:, None] * rest)
    freedom = np.trace(form) ** 2 / (form**2).sum()
    return Spread(float(np.sqrt((change**2 / free).sum())), float(freedom))


def over_subjects(tables: np.ndarray, score: Score) -> Spread:
    r"""Subjects as the sample: the jackknife.

    .. math:: s^2 = \frac{n - 1}{n} \sum_i (f_{(-i)} - \bar f)^2, \quad n - 1 \text{ df}

    Parameters
    ----------
    tables : array, shape (n_subjects, n_layers, n_regions)
    score : function

    References
    ----------
    Efron & Stein (1981), Ann. Stat. 9:586, https://doi.org/10.1214/aos/1176345462
    """
    n = len(tables)
    without = score(tables.sum(0) - tables)
    return Spread(float(np.sqrt((n - 1) * without.var())), n - 1)


def _with(table: np.ndarray, rows: np.ndarray, instead: np.ndarray) -> np.ndarray:
    """Tables in each of which one row is another, shape (n_rows, n_layers, n_regions)."""
    tables = np.repeat(table[None].astype(np.float64), len(rows), axis=0)
    tables[np.arange(len(rows)), rows] = instead
    return tables
