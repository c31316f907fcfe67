"""Clusters as rows of a table: how large, from when to when, and where their peak is."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from isocortex.numerics.chance.graph import SUMMED, Graph, clusters_of, sides
from isocortex.numerics.chance.map_statistics import Rule, point_values
from isocortex.numerics.chance.multiple import max_p
from isocortex.stats.arranged import PLACES

ALPHA = 0.05
"""Points of ``"max"`` and ``"tfce"`` with p at or below it make the clusters of the table."""


@dataclass(frozen=True, eq=False)
class Found:
    """The clusters of one series, from the data alone."""

    t: np.ndarray
    which: np.ndarray
    """Row of each point, or -1."""
    observed: np.ndarray
    """The statistic of each cluster, or for ``"max"`` and ``"tfce"`` of each point."""
    table: pd.DataFrame

    def p(self, null: np.ndarray, rule: Rule) -> tuple[np.ndarray, np.ndarray]:
        """P-values of the rows of the table and of the points, by a null of largest values."""
        p = max_p(self.observed, null)
        if rule.statistic in SUMMED:
            return p, np.append(p, 1.0)[self.which]
        rows = np.ones(len(self.table))
        inside = self.which >= 0
        np.minimum.at(rows, self.which[inside], p[inside])
        return rows, p


def found_in(t: np.ndarray, null: np.ndarray, graph: Graph, rule: Rule) -> Found:
    """Clusters of one map, the points above chance first, and in the order of their points.

    Parameters
    ----------
    t : array, shape (n_points,)
    null : array, shape (n_exchanges - 1,)
        The largest values of the series; of ``"max"`` and ``"tfce"`` they say which points make
        clusters.
    graph : Graph
    rule : Rule
    """
    if rule.statistic in SUMMED:
        side = sides(t, rule.threshold, rule.tail)
        points = None
    else:
        points = point_values(t, graph, rule)
        side = np.where(max_p(points, null) <= ALPHA, np.sign(t), 0).astype(np.int8)
    labels, n = clusters_of(side[None], graph)
    inside = np.flatnonzero(side)
    # Numbered along the points, those below chance after those above.
    below = np.zeros(n, dtype=bool)
    below[labels] = side[inside] < 0
    number = np.empty(n, dtype=np.intp)
    number[np.argsort(below, kind="stable")] = np.arange(n)
    which = np.full(len(t), -1)
    which[inside] = number[labels]
    table = pd.DataFrame(
        {
            "size": np.bincount(number[labels], minlength=n),
            "mass": np.bincount(number[labels], weights=t[inside], minlength=n),
        }
    )
    if points is None:
        values = SUMMED[rule.statistic](np.abs(t[inside]), rule.threshold)
        points = np.bincount(number[labels], weights=values, minlength=n)
        if rule.statistic == "excess":
            table["excess"] = points * np.where(table["mass"] < 0, -1, 1)
    elif rule.statistic == "tfce":
        table["tfce"] = _greatest(which, points, n)
    return Found(t, which, points, table)


def _greatest(which: np.ndarray, values: np.ndarray, n: int) -> np.ndarray:
    most = np.zeros(n)
    inside = which >= 0
    np.maximum.at(most, which[inside], values[inside])
    return most


def spans(which: np.ndarray, n: int, times: np.ndarray) -> pd.DataFrame:
    """First and last time of each cluster.

    Parameters
    ----------
    which : integer array, shape (n_units, n_times[, n_times])
    n : int
        Clusters.
    times : array, shape (n_times,)
    """
    names = [("start", "stop")]
    if which.ndim == 3:
        names = [("train_start", "train_stop"), ("test_start", "test_stop")]
    inside = which >= 0
    places = np.nonzero(inside)[1:]
    columns = {}
    for (start, stop), place in zip(names, places, strict=True):
        first, last = np.full(n, len(times) - 1), np.zeros(n, dtype=np.intp)
        np.minimum.at(first, which[inside], place)
        np.maximum.at(last, which[inside], place)
        columns[start], columns[stop] = times[first], times[last]
    return pd.DataFrame(columns)


def peaks(
    t: np.ndarray, which: np.ndarray, n: int, units: pd.DataFrame, times: np.ndarray | None
) -> pd.DataFrame:
    """The t furthest from 0 of each cluster, and its unit and time.

    Parameters
    ----------
    t, which : array, shape (n_units[, n_times[, n_times]])
    n : int
    units : DataFrame
    times : array, optional
    """
    inside = np.flatnonzero(which.ravel() >= 0)
    size = np.abs(t.ravel()[inside])
    cluster = which.ravel()[inside]
    # The last of each cluster in the order of size is its largest.
    order = np.lexsort((-inside, size, cluster))
    last = np.searchsorted(cluster[order], np.arange(n), side="right") - 1
    at = inside[order][last] if n else inside[:0]
    places = np.unravel_index(at, t.shape)
    table = pd.DataFrame({"peak": t.ravel()[at]})
    where = positions(units).iloc[places[0]].reset_index(drop=True)
    table = pd.concat([table, where], axis=1)
    if times is not None:
        names = ["peak_time"] if t.ndim == 2 else ["peak_train_time", "peak_test_time"]
        for name, place in zip(names, places[1:], strict=True):
            table[name] = times[place]
    return table


def positions(units: pd.DataFrame) -> pd.DataFrame:
    """The columns that name a unit, and its place in mm where that is known."""
    named = [name for columns in PLACES for name in columns if set(columns) <= set(units.columns)]
    named = list(dict.fromkeys(["structure"] * ("structure" in units.columns) + named))
    xyz = [name for name in ("x", "y", "z") if name in units.columns and name not in named]
    if not named + xyz:
        named = [str(name) for name in units.columns]
    table = pd.DataFrame(units[named + xyz])
    affine = getattr(units.attrs.get("space"), "affine", None)
    if affine is not None and not xyz and {"i", "j", "k"} <= set(units.columns):
        places = units[["i", "j", "k"]].to_numpy() @ affine[:3, :3].T + affine[:3, 3]
        table[["x", "y", "z"]] = np.round(places, 3)
    return table
