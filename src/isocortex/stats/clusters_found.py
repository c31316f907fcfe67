"""The noun ``Clusters``: where scores differ from chance, in time, in space, or in both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import counted
from isocortex.data.frozen import frozen, held, held_tables, stays_frozen
from isocortex.data.needs import door
from isocortex.data.scores import Scores
from isocortex.display.shown import shown
from isocortex.errors import InputError
from isocortex.stats.cards import of_clusters


@door
@shown(of_clusters)
@held_tables("table", "series", "units")
@stays_frozen
@dataclass(frozen=True, eq=False, repr=False)
class Clusters:
    """Where scores differ from chance, with a p-value for each cluster and each point.

    Parameters
    ----------
    table : DataFrame
        One row for each cluster: the labels of its series; with times ``start`` and ``stop`` in
        seconds (for time by time: of training and test); ``n_points``, or in space ``size``;
        ``mass`` (the sum of t); in space ``peak`` (the t furthest from 0) and its unit: ``i, j,
        k``, ``x, y, z`` in mm, ``vertex`` or ``channel``, and ``peak_time``; ``p`` within its
        series, and ``p_max`` over all series of the call, by which plots and ``significant`` go.
        Of ``"excess"`` and ``"tfce"`` the column of that name holds the statistic. Of ``"max"``
        and ``"tfce"``, which test points, a cluster is neighbouring points with p <= .05, and
        its p the least of these.
    series : DataFrame
        The labels of each series that was tested.
    t : array, shape (n_series[, n_units][, n_times[, n_times]])
        t values over subjects; NaN where a unit was not tested.
    which : integer array of the same shape
        The row of ``table`` that a point belongs to, or -1.
    times : array, or None
        In seconds.
    notes : mapping
        Statistic, threshold, tail, chance, number of subjects and permutations, the least p that
        these allow, seed.
    p : array of the shape of ``t``, optional
        Of each point, over its series: of a cluster statistic that of its cluster, 1 outside.
    p_max : array of the shape of ``t``, optional
        The same over all series of the call.
    units : DataFrame, optional
        The units of the axis of space.

    See Also
    --------
    clusters : Returns it.
    plots.timecourse, plots.generalization : Draw it with the scores.
    plots.brain, plots.surface, plots.topography : Draw its map.
    write_nifti : Writes its map.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> subjects = {"subject": range(1, 13)}
    >>> times = {"time": np.arange(10) / 100}
    >>> values = rng.normal(0, 0.1, (12, 10)) + 0.2 * (times["time"] >= 0.05)
    >>> scores = ic.Scores(values, {"subject": subjects, "time": times}, "spearman")
    >>> found = ic.clusters(scores, n_permutations=500)
    >>> found.significant(0.05)[["start", "stop"]]
       start  stop
    0   0.05  0.09
    """

    table: pd.DataFrame
    series: pd.DataFrame
    t: np.ndarray
    which: np.ndarray
    times: np.ndarray | None
    notes: Mapping[str, Any]
    p: np.ndarray | None = None
    p_max: np.ndarray | None = None
    units: pd.DataFrame | None = field(default=None)

    def __post_init__(self) -> None:
        for name in ("t", "which", "times", "p", "p_max"):
            object.__setattr__(self, name, held(getattr(self, name)))
        object.__setattr__(self, "notes", frozen(self.notes))

    def significant(self, alpha: float = 0.05) -> pd.DataFrame:
        """The clusters with ``p_max`` at or below ``alpha``.

        So the chance of any false one is ``alpha`` for all series of the call together. Within
        each series by itself: ``found.table[found.table["p"] <= alpha]``, which may be more.
        """
        return self.table.loc[(self.table["p_max"] <= alpha).to_numpy()].reset_index(drop=True)

    def maps(self) -> Scores:
        """Maps of t over the units, with the columns ``p``, ``p_max`` and ``cluster``.

        ``cluster`` is 1 for the first row of ``table``, and 0 outside of clusters.

        Raises
        ------
        InputError
            If these are clusters in time alone.
        """
        if self.units is None:
            raise InputError("Clusters.maps: these clusters are of time courses, not of units.")
        tables: dict[str, Any] = {"series": self.series} if len(self.series) > 1 else {}
        tables["unit"] = self.units
        if self.times is not None:
            names = ("time",) if self.t.ndim == 3 else ("train_time", "test_time")
            tables |= {name: pd.DataFrame({name: self.times}) for name in names}
        shape = tuple(len(table) for table in tables.values())
        columns = {"p": self.p, "p_max": self.p_max, "cluster": self.which + 1.0}
        made = {name: np.reshape(x, shape) for name, x in columns.items() if x is not None}
        return Scores(self.t.reshape(shape), tables, "t", made, self.notes)

    def __repr__(self) -> str:
        least = float(self.notes["least_p"])
        limit = f"; of so few subjects no p is below {least:.3g}" if least > 0.05 else ""
        where = counted(len(self.series), "time course" if self.units is None else "map")
        if self.units is not None:
            where += f" of {counted(len(self.units), 'unit')}"
        counts = ", ".join(f"{n} with {what}" for what, n in self.counts.items())
        return f"Clusters({len(self.table)} in {where}, {counts}{limit})"

    @property
    def counts(self) -> dict[str, int]:
        """How many clusters are below .05: over all series, and within their own where it differs.

        Of one series there is one p.
        """
        over_all = len(self.significant())
        if len(self.series) == 1:
            return {"p <= .05": over_all}
        within = int(np.sum(self.table["p"].to_numpy() <= 0.05))
        counts = {f"p_max <= .05 over all {len(self.series)} series": over_all}
        return counts if within == over_all else {**counts, "p <= .05 within their series": within}
