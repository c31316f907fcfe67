"""What a notebook shows of clusters."""

from typing import TYPE_CHECKING, Any

import numpy as np

from isocortex.choice import counted
from isocortex.data.slices import of_units
from isocortex.display.card import Card, Picture, facts_of, table_rows
from isocortex.display.pictures import LINES, POINTS, lines, matrix, picked

if TYPE_CHECKING:
    from isocortex.stats.clusters_found import Clusters


def of_clusters(noun: "Clusters") -> Card:
    """How many, the first with their p, what was tested, and t in time or space."""
    facts: dict[str, Any] = {**noun.counts, **facts_of(noun.notes)}
    rows = [table_rows("cluster", noun.table)]
    if noun.series.shape[1]:
        rows.append(table_rows("series", noun.series))
    if noun.units is not None:
        rows.append(table_rows("unit", noun.units))
    what = f"{counted(len(noun.table), 'cluster')} in {len(noun.series)} series"
    return Card("Clusters", what, facts, tuple(rows), _picture(noun))


def _picture(noun: "Clusters") -> Picture | None:
    """t over time, of time by time, or in a slice; of maps in time at the time of the largest."""
    if not np.isfinite(noun.t).any():
        return None
    if noun.units is not None:
        first = noun.t[0].reshape(len(noun.units), -1)
        peak = int(np.nanmax(np.where(np.isfinite(first), np.abs(first), -1), 0).argmax())
        return of_units(first[:, peak], noun.units, "t", "" if len(noun.t) == 1 else "first series")
    if noun.times is None:
        return None
    if noun.t.ndim == 3:
        some = picked(len(noun.times))
        part = noun.t[0][np.ix_(some, some)]
        return matrix(
            part, "t", "t of training by test time.", both=True, caption="training by test time"
        )
    some = picked(len(noun.times), POINTS)
    found = {f"series {i + 1}": t[some] for i, t in enumerate(noun.t[:LINES])}
    return lines(found, noun.times[some], ("time (s)", "t"), "t values over time.")
