"""Interval and p-value of a hierarchy score: what counts as one more sample of the same kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from isocortex.data.needs import door
from isocortex.display.shown import shown
from isocortex.numerics.chance.exchange import codes_of, orders_of, swap_units
from isocortex.numerics.chance.hierarchy_interval import Score, Spread, over_layers, over_subjects
from isocortex.numerics.chance.permutation import permutation_p
from isocortex.seeds import generator

UNKNOWN = Spread(np.nan, np.nan)


@door
@shown()
@dataclass(frozen=True)
class Resampling:
    """How the interval and the p-value of a hierarchy score are made.

    Parameters
    ----------
    over : {"layers", "subjects"}, default="layers"
        What the interval is over: ``"layers"`` with all their units, which may depend on one
        another (``"units"``, the earlier name, is the same), or ``"subjects"``, of which there must
        be five.
    n : int, default=1000
        How many random orders of the layers for p; all, where these are not more. 0: neither p nor
        interval.
    level : float, default=0.95
        Of the interval.
    seed : int, default=0
        Of the orders.

    See Also
    --------
    hierarchy : Takes it as ``resampling=``.
    Estimate : Where interval and p-value stand.

    Examples
    --------
    >>> import isocortex as ic
    >>> ic.Resampling(over="subjects", level=0.9)
    Resampling(over='subjects', n=1000, level=0.9, seed=0)
    """

    over: str = "layers"
    n: int = 1000
    level: float = 0.95
    seed: int = 0


@dataclass(frozen=True)
class Chance:
    """Interval and p-value of a score."""

    low: float = np.nan
    high: float = np.nan
    p: float = np.nan
    spread: Spread = UNKNOWN
    least_p: float = np.nan
    words: str = ""


def chance_of(tables: np.ndarray, score: Score, value: float, how: Resampling, rows: str) -> Chance:
    """Interval and p-value of a score.

    Parameters
    ----------
    tables : array, shape (n_subjects, n_layers, n_regions)
    score : function
        From many tables to their scores, over a sample of the choices of layers.
    value : float
        The exact score.
    how : Resampling
    rows : str
        What the layers are called: of encoding accuracies they are regions.
    """
    if how.n == 0:
        return Chance()
    table = tables.sum(0)
    orders, exact = orders_of(
        swap_units(codes_of(table), np.arange(len(table))), how.n, generator(how.seed)
    )
    # Where choices of layers are sampled, p compares that sample's score.
    p = float(permutation_p(score(table[None])[0], score(table[orders])))
    spread = OVER[how.over](tables, score) if tables.any() else UNKNOWN
    least = 1 / (1 + len(orders))
    what = "subjects" if how.over == "subjects" else f"{rows}s with all their units"
    which = f"all {len(orders) + 1} orders" if exact else f"{len(orders)} orders, seed {how.seed}"
    interval = f"{how.level:.0%} t-interval over {what}"
    words = f"; {interval}; p of {which} of the {rows}s, at least {least:.2g}"
    return Chance(*ends(value, spread, how.level), p, spread, least, words)


def ends(value: float, spread: Spread, level: float) -> tuple[float, float]:
    """The interval, inside what a correlation can be."""
    half = spread.half(level)
    return float(np.clip(value - half, -1, 1)), float(np.clip(value + half, -1, 1))


def _of_layers(tables: np.ndarray, score: Score) -> Spread:
    return over_layers(tables.sum(0), score)


OVER: Mapping[str, Callable[[np.ndarray, Score], Spread]] = {
    "layers": _of_layers,
    "units": _of_layers,
    "subjects": over_subjects,
}
