"""How uncertain a hierarchy score is, with whole layers or whole subjects as the sample."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import stats

Score = Callable[[np.ndarray], np.ndarray]
"""From tables, shape (n_tables, n_layers, n_regions), to their scores."""

FEWEST_LAYERS = 4
FEWEST_SUBJECTS = 5
ROBUST = 0.25
"""The share of the variance that lets each layer have noise of its own size."""
STEP = 0.01
"""The share of a layer's units that is moved to find a slope."""


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
    left of it, :math:`e_k`, is the noise of that layer, of its units and of its own. With
    :math:`g_i` the slope of the score in the shares of layer i, and h the leverages,

    .. math:: q_{ik} = \frac{(g_i \cdot e_k)^2}{1 - h_k}, \qquad
              s^2 = \frac{1}{4} \sum_i q_{ii} + \frac{3}{4 n} \sum_{ik} q_{ik}

    The first sum is the cluster-robust variance CR2, unbiased however much noisier one layer is
    than another, but the score hangs on few layers, and what so few residuals say varies
    widely: its t-interval is half as wide again. The second takes all layers as equally noisy.
    A quarter of the one and three of the other, with n - 2 degrees of freedom, covered best in
    simulations. Trends that are not straight count as noise: the interval is then too wide.

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
    Bell & McCaffrey (2002), Survey Methodology 28:169 (CR2)
    """
    units = table.sum(1)
    there = np.flatnonzero(units)
    n = len(there)
    if n < FEWEST_LAYERS:
        return Spread(np.nan, np.nan)
    line = np.column_stack([np.ones(n), there])
    hat = line @ np.linalg.pinv(line)
    shares = table[there] / units[there, None]
    expected = np.clip(hat @ shares, 0, None)
    expected /= expected.sum(1, keepdims=True)
    left = (shares - hat @ shares) / np.sqrt(1 - np.diag(hat))[:, None]
    # (whose slope, whose noise)
    squares = (_slopes(expected, units, score) @ left.T) ** 2
    variance = ROBUST * np.trace(squares) + (1 - ROBUST) * squares.sum() / n
    return Spread(float(np.sqrt(variance)), n - 2)


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


def _slopes(shares: np.ndarray, units: np.ndarray, score: Score) -> np.ndarray:
    """How the score changes when units of one layer go over to one region.

    Parameters
    ----------
    shares : array, shape (n_there, n_regions)
        Of the layers that have units.
    units : array, shape (n_layers,)

    Returns
    -------
    array, shape (n_there, n_regions)
        Per share of the layer's units.
    """
    there = np.flatnonzero(units)
    table = np.zeros((len(units), shares.shape[1]))
    table[there] = shares * units[there, None]
    slopes = np.empty_like(shares)
    for region in range(shares.shape[1]):
        # (n_there, n_layers, n_regions): in each, one layer is moved.
        moved = np.repeat(table[None], len(there), axis=0)
        moved[np.arange(len(there)), there] *= 1 - STEP
        moved[np.arange(len(there)), there, region] += STEP * units[there]
        slopes[:, region] = score(moved)
    return (slopes - score(table[None])) / STEP
