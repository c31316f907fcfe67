"""From the clusters of each series to one noun: tables joined, points at their places."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from isocortex.numerics.chance.map_statistics import Rule
from isocortex.stats.arranged import Arranged
from isocortex.stats.cluster_table import Found, peaks, spans
from isocortex.stats.clusters_found import Clusters


def put_together(
    founds: Sequence[Found],
    nulls: Sequence[np.ndarray],
    tested: np.ndarray,
    blocks: Arranged,
    rule: Rule,
    notes: Mapping[str, Any],
) -> Clusters:
    """Tables and maps of all series, with p over each and over all.

    Parameters
    ----------
    founds : sequence of Found, length n_series
    nulls : sequence of array, shape (n_exchanges - 1,)
        The largest value of each exchanged map.
    tested : boolean array, shape (n_series, n_units)
    blocks : Arranged
    rule : Rule
    notes : mapping
    """
    largest = np.max(nulls, axis=0)
    tables, maps, above = [], [], 0
    for i, (found, null, keep) in enumerate(zip(founds, nulls, tested, strict=True)):
        p, p_points = found.p(null, rule)
        p_max, p_max_points = found.p(largest, rule)
        shape = (-1, *blocks.lengths)
        which, own = _described(found, keep, blocks, rule, p, p_max)
        labels = blocks.series.iloc[[i] * len(own)].reset_index(drop=True)
        tables.append(pd.concat([labels, own], axis=1))
        whole = [
            _spread(each.reshape(shape), keep, empty)
            for each, empty in (
                (found.t, np.nan),
                (np.where(which >= 0, which + above, -1), -1),
                (p_points, np.nan),
                (p_max_points, np.nan),
            )
        ]
        maps.append([each[0] if blocks.units is None else each for each in whole])
        above += len(own)
    filled = [each for each in tables if len(each)] or tables[:1]
    t, which, p, p_max = (np.stack(each) for each in zip(*maps, strict=True))
    table = pd.concat(filled, ignore_index=True)
    return Clusters(table, blocks.series, t, which, blocks.times, notes, p, p_max, blocks.units)


def _described(
    found: Found, keep: np.ndarray, blocks: Arranged, rule: Rule, p: np.ndarray, p_max: np.ndarray
) -> tuple[np.ndarray, pd.DataFrame]:
    """The rows of one series, in space the largest first, and the row of each point."""
    n = len(found.table)
    shape = (-1, *blocks.lengths)
    which = found.which
    order = np.arange(n)
    if blocks.units is not None and n:
        column = rule.statistic if rule.statistic in found.table else "mass"
        order = np.argsort(-np.abs(found.table[column].to_numpy()), kind="stable")
        place = np.argsort(order)
        which = np.where(which >= 0, np.append(place, -1)[which], -1)
    table = found.table.iloc[order].reset_index(drop=True)
    parts = []
    if blocks.times is not None:
        parts.append(spans(which.reshape(shape), n, blocks.times))
    if blocks.units is None:
        parts.append(table.rename(columns={"size": "n_points"}))
    else:
        units = blocks.units.loc[keep]
        units.attrs.update(blocks.units.attrs)
        parts.append(table)
        parts.append(peaks(found.t.reshape(shape), which.reshape(shape), n, units, blocks.times))
    parts.append(pd.DataFrame({"p": p[order], "p_max": p_max[order]}))
    return which, pd.concat(parts, axis=1)


def _spread(values: np.ndarray, keep: np.ndarray, empty: float) -> np.ndarray:
    """Values of the tested units at their places among all."""
    whole = np.full((len(keep), *values.shape[1:]), empty, dtype=values.dtype)
    whole[keep] = values
    return whole
