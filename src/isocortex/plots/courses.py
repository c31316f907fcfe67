"""Scores in time."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from isocortex.choice import listed
from isocortex.data.needs import door
from isocortex.data.pair_means import as_scores
from isocortex.data.rdms import RDMs
from isocortex.data.scores import Scores
from isocortex.data.tables import HOW
from isocortex.errors import InputError
from isocortex.plots._names import metric_name
from isocortex.plots._style import (
    DIVERGING,
    LINES,
    QUIET,
    axes,
    bare,
    beside,
    colour,
    scale_beside,
    several_of,
)
from isocortex.stats.clusters_found import Clusters

Bounds = tuple[Any, Any]


@door
def timecourse(
    scores: Scores | RDMs,
    *,
    series: str | None = None,
    ceiling: Bounds | None = None,
    clusters: Clusters | None = None,
    chance: float = 0.0,
    ax: Axes | None = None,
) -> Axes:
    """Scores over time: one line for each model, region or layer, with clusters beneath.

    The line is the mean over subjects, the band around it one standard error of that mean.

    Parameters
    ----------
    scores : Scores or RDMs
        With the label ``time`` in seconds, and perhaps ``subject``. Of RDMs, as of
        :func:`isocortex.decoding_rdms`, the mean over their pairs.
    series : str, optional
        The label whose values get a line each; default the only one that varies besides.
    ceiling : (low, high), optional
        The noise ceiling: two numbers, or two arrays over times.
    clusters : Clusters, optional
        Of :func:`isocortex.clusters` on the same scores; those with ``p_max`` <= .05, over all
        its series, are drawn as bars.
    chance : float, default=0
        Where the dotted line is.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If there is no label ``time``, or several labels vary.

    See Also
    --------
    isocortex.clusters : When scores differ from chance.
    generalization : Time by time.
    layers : Over layers.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> import isocortex as ic
    >>> subjects = {"subject": range(1, 7)}
    >>> times = {"time": np.arange(10) / 100}
    >>> values = np.random.default_rng(0).normal(0.5, 0.05, (6, 10))
    >>> scores = ic.Scores(values, {"subject": subjects, "time": times}, "accuracy")
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.timecourse(scores, chance=0.5, ax=ax)
    >>> len(ax.lines[-1].get_xdata())
    10
    >>> plt.close(figure)
    """
    scores = as_scores(scores, "plots.timecourse")
    table = scores.table()
    key = _series(table, series)
    ax = bare(axes(ax, (6.4, 3.6)))
    ax.axhline(chance, color=QUIET, linewidth=0.9, linestyle=":", zorder=0)
    times = np.unique(table["time"].to_numpy())
    if times[0] < 0 < times[-1]:
        ax.axvline(0, color=QUIET, linewidth=0.9, zorder=0)
    names = [None] if key is None else list(dict.fromkeys(table[key]))
    said = ""
    for i, name in enumerate(names):
        part = table if key is None else table.loc[(table[key] == name).to_numpy()]
        mean, error = _means(part, times)
        if error is not None:
            ax.fill_between(times, mean - error, mean + error, color=colour(i), alpha=0.2, lw=0)
            said = f"\nmean ± s.e.m. of {several_of(part, len(part) // len(times))}"
        ax.plot(
            times,
            mean,
            color=colour(i),
            linewidth=1.8,
            linestyle=LINES[i % 4],
            label=None if key is None else name,
        )
    if ceiling is not None:
        low, high = (np.broadcast_to(np.asarray(each, float), times.shape) for each in ceiling)
        ax.fill_between(times, low, high, color=QUIET, alpha=0.25, lw=0, label="noise ceiling")
    if clusters is not None:
        _in_time(clusters, "timecourse")
        _bars(ax, clusters, key, names, times)
    ax.set_xlim(times[0], times[-1])
    ax.set_xlabel(f"time (s){said}")
    ax.set_ylabel(metric_name(scores.metric))
    handles = ax.get_legend_handles_labels()[0]
    if clusters is not None and len(clusters.significant()):
        hue = colour(0) if key is None else QUIET
        handles.append(Line2D([], [], color=hue, linewidth=3, label=_bar_name(clusters)))
    if handles:
        beside(ax, handles=handles)
    return ax


@door
def generalization(
    scores: Scores,
    *,
    clusters: Clusters | None = None,
    chance: float = 0.5,
    ax: Axes | None = None,
) -> Axes:
    """Time by time: training from bottom to top, test from left to right.

    Parameters
    ----------
    scores : Scores
        Of :func:`isocortex.generalization`; everything but the two times is averaged.
    clusters : Clusters, optional
        A single series; a line runs around those with p <= .05.
    chance : float, default=0.5
        The middle of the colour scale.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If the scores lack the labels of the two times, or there are clusters of several series.

    See Also
    --------
    isocortex.generalization : Makes the scores.
    timecourse : Trained and tested at the same time.
    isocortex.clusters : What a line runs around.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> import isocortex as ic
    >>> epochs = np.random.default_rng(0).normal(size=(20, 4, 3))  # trial, channel, time
    >>> trials = ic.Trials(epochs, ["face", "house"] * 10, times=[0.0, 0.1, 0.2])
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.generalization(ic.generalization(trials), ax=ax)
    >>> ax.images[0].get_array().shape
    (3, 3)
    >>> plt.close(figure)
    """
    others = [dim for dim in scores.dims if dim not in ("train", "test")]
    if not {"train", "test"} <= set(scores.dims):
        raise InputError(f"plots.generalization needs the axes train and test, not {scores.dims}.")
    mean = scores.mean(*others)
    image = mean.values if mean.dims == ("train", "test") else mean.values.T
    times = scores.tables["train"]["train_time"].to_numpy(dtype=float)
    ax = axes(ax, (4.8, 4.0))
    most = float(np.abs(image - chance).max())
    half = (times[1] - times[0]) / 2 if len(times) > 1 else 0.5
    ends = (times[0] - half, times[-1] + half)
    shown = ax.imshow(
        image,
        origin="lower",
        extent=(*ends, *ends),
        cmap=DIVERGING,
        vmin=chance - most,
        vmax=chance + most,
    )
    if clusters is not None:
        _in_time(clusters, "generalization")
        inside = np.isin(
            clusters.which[0], np.nonzero((clusters.table["p_max"] <= 0.05).to_numpy())[0]
        )
        if inside.any():
            ax.contour(times, times, inside, levels=[0.5], colors="black", linewidths=1.0)
    for line in (ax.axhline, ax.axvline):
        line(0, color=QUIET, linewidth=0.8)
    scale_beside(ax, shown, metric_name(scores.metric) + _mean_of(scores, others))
    ax.set_xlabel("tested at (s)")
    ax.set_ylabel("trained at (s)")
    return ax


def _mean_of(scores: Scores, dims: list[str]) -> str:
    """What was averaged, in brackets: ``(mean of 8 subjects)``."""
    many = [dim for dim in dims if len(scores.tables[dim]) > 1]
    if len(many) != 1:
        return ""
    table = pd.DataFrame(scores.tables[many[0]])
    return f" (mean of {several_of(table, len(table))})"


def _means(part: pd.DataFrame, times: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Mean over subjects at each time, and its standard error where there are several."""
    score, when = part["score"].to_numpy(), part["time"].to_numpy()
    at = [score[when == time] for time in times]
    mean = np.array([each.mean() if len(each) else np.nan for each in at])
    if min(map(len, at)) < 2:
        return mean, None
    return mean, np.array([each.std(ddof=1) / np.sqrt(len(each)) for each in at])


def _series(table: pd.DataFrame, series: str | None) -> str | None:
    if "time" not in table:
        raise InputError(
            "plots.timecourse needs scores with the label 'time'; these have "
            f"{listed(table.columns, 12)}."
        )
    if series is not None:
        if series not in table:
            raise InputError(f"plots.timecourse: there is no label {series!r}.")
        return series
    known = ("time", "subject", "score", *HOW)
    varying = [c for c in table if c not in known and len(table[c].unique()) > 1]
    varying = [c for c in varying if not pd.api.types.is_float_dtype(table[c])]
    if len(varying) > 1:
        raise InputError(
            f"plots.timecourse: {listed(varying)} all vary; say which gets the lines "
            "(series=…), and choose one of the others with scores.select(...)."
        )
    return str(varying[0]) if varying else None


def _in_time(clusters: Clusters, who: str) -> None:
    if clusters.units is not None:
        raise InputError(
            f"plots.{who}: these clusters are of maps, of {len(clusters.units)} units. Draw them "
            "by plots.brain, plots.surface or plots.topography."
        )


def _bar_name(clusters: Clusters) -> str:
    n = len(clusters.series)
    return "cluster, p ≤ .05" if n == 1 else f"cluster, p ≤ .05\nover {n} series"


def _bars(
    ax: Axes, clusters: Clusters, key: str | None, names: list[Any], times: np.ndarray
) -> None:
    """Significant clusters as bars below the lines, one level for each series."""
    low, high = ax.get_ylim()
    step = 0.035 * (high - low)
    half = np.diff(times).min() / 2 if len(times) > 1 else 0.0
    found = clusters.significant()
    for i, name in enumerate(names):
        mine = found if key is None or key not in found else found[found[key] == name]
        for start, stop in zip(mine["start"], mine["stop"], strict=True):
            span = [start - half, stop + half]
            ax.plot(span, [low - i * step] * 2, color=colour(i), linewidth=3, solid_capstyle="butt")
    ax.set_ylim(low - len(names) * step, high)
