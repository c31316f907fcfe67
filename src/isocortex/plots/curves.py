"""Scores along the layers of networks."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from isocortex.choice import listed
from isocortex.data.layer_names import distinct
from isocortex.data.needs import door
from isocortex.data.scores import Scores
from isocortex.errors import InputError
from isocortex.plots._names import metric_name
from isocortex.plots._style import (
    DARK,
    MARKERS,
    QUIET,
    TINY,
    axes,
    bare,
    beside,
    colour,
    named_ticks,
    several_of,
)

Ceiling = tuple[float, float]
ALPHA = 0.05


@door
def layers(
    scores: Scores,
    *,
    ceiling: Ceiling | Mapping[str, Ceiling] | None = None,
    subjects: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Scores of the layers of a network, with the noise ceiling as a band.

    The mean over subjects is the thick line, each subject a thin one. Several regions (or
    several networks) have a colour each; networks are then drawn over relative depth. Means of
    :func:`isocortex.interval` have their interval as a bar, and an open mark where p (corrected,
    where it is) is not below .05.

    Parameters
    ----------
    scores : Scores
        With the label ``layer``, and any of ``network``, ``region`` and ``subject``. At most
        one of network and region may have several values: choose with ``scores.select(...)``.
    ceiling : (float, float) or mapping from region to (float, float), optional
        The lower and upper noise ceiling.
    subjects : bool, default=True
        Whether single subjects are drawn.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If the scores have no layers, or several networks as well as several regions.

    See Also
    --------
    isocortex.noise_ceiling : Makes the band.
    layer_bars, accuracy : As bars.
    timecourse : Over time.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import isocortex as ic
    >>> layers = {"layer": ["conv1", "conv5"]}
    >>> subjects = {"subject": [1, 2, 3]}
    >>> values = [[0.1, 0.2, 0.15], [0.3, 0.35, 0.25]]
    >>> scores = ic.Scores(values, {"layer": layers, "subject": subjects}, "spearman")
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.layers(scores, ceiling=(0.4, 0.5), ax=ax)
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['conv1', 'conv5']
    >>> plt.close(figure)
    """
    table = scores.table()
    series = _series(table)
    ax = bare(axes(ax, (6.2, 3.8)))
    groups = (
        [(None, table)]
        if series is None
        else list(table.groupby(series, sort=False, observed=True))
    )
    level = scores.notes.get("level")
    said, untold = f" (bars: {level:.0%} interval)" if level else "", False
    for i, (name, part) in enumerate(groups):
        means, thin = _by_layer(part)
        x = np.arange(len(means)) / (max(1, len(means) - 1) if series == "network" else 1)
        if subjects and thin.shape[1] > 1:
            ax.plot(x, thin, color=colour(i), alpha=0.25, linewidth=0.8)
        label = None if name is None else str(name)
        style = {"color": colour(i), "marker": MARKERS[i % len(MARKERS)], "markersize": 4.5}
        ax.plot(x, means, linewidth=2.2, label=label, zorder=2.5, **style)
        by_chance = _tested(ax, x, part, colour(i))
        own = isinstance(ceiling, Mapping)
        _band(ax, _ceiling_of(ceiling, name), colour(i) if own else DARK, name if own else None)
        said = f" (mean of {several_of(part, thin.shape[1])})" if thin.shape[1] > 1 else said
        untold |= by_chance
    if untold:
        ax.scatter([], [], s=22, color="white", edgecolors="black", label=f"p ≥ {ALPHA:g}")
    if series == "network":
        ax.set_xlabel(f"depth, first to last layer{said}")
    else:
        named_ticks(ax, [str(layer) for layer in distinct(table, "layer")])
        ax.set_xlabel(f"layer{said}")
    ax.set_ylabel(metric_name(scores.metric))
    ax.axhline(0, color=QUIET, linewidth=0.8, zorder=0)
    if ax.get_legend_handles_labels()[1]:
        beside(ax)
    return ax


def _series(table: pd.DataFrame) -> str | None:
    """The label whose values get a line each."""
    if "layer" not in table:
        raise InputError(
            f"plots.layers needs scores with the label 'layer'; these have {listed(table.columns)}."
        )
    several = [c for c in ("network", "region") if c in table and len(table[c].unique()) > 1]
    if len(several) > 1:
        raise InputError(
            "plots.layers draws several networks or several regions, not both; choose one, "
            f"such as scores.select(region={table['region'].iloc[0]!r})."
        )
    return several[0] if several else None


def _by_layer(part: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Means (n_layers,) and single scores (n_layers, n_of_the_rest), layers in their order."""
    groups = part.groupby("layer", observed=True)["score"]
    columns = [scores.to_numpy() for _, scores in groups]
    if len({len(column) for column in columns}) != 1:
        raise InputError("plots.layers needs the same number of scores for each layer.")
    single = np.stack(columns)
    return single.mean(1), single


def _tested(ax: Axes, x: np.ndarray, part: pd.DataFrame, tint: str) -> bool:
    """Intervals as bars, and open marks where there is a p that is not below .05: any of them?"""
    part = part.sort_values("layer", kind="stable")
    if len(part) != len(x):
        return False
    if {"low", "high"} <= set(part.columns):
        ax.vlines(x, part["low"], part["high"], color=tint, linewidth=1.2, zorder=2.4)
    tests = sorted((name for name in part.columns if name.startswith("p_")), reverse=True)
    tests += ["p"] if "p" in part.columns else []
    if not tests:
        return False
    by_chance = ~(part[tests[0]].to_numpy(dtype=float) < ALPHA)
    marks = part["score"].to_numpy()[by_chance]
    ax.scatter(x[by_chance], marks, s=22, color="white", edgecolors=tint, zorder=3)
    return bool(by_chance.any())


def _ceiling_of(ceiling: Ceiling | Mapping[str, Ceiling] | None, name: object) -> Ceiling | None:
    if isinstance(ceiling, Mapping):
        return ceiling.get(str(name)) if name is not None else next(iter(ceiling.values()), None)
    return ceiling


def _band(ax: Axes, ceiling: Ceiling | None, tint: str, name: object) -> None:
    if ceiling is None or any(patch.get_gid() == str(ceiling) for patch in ax.patches):
        return
    ax.axhspan(*ceiling, color=tint, alpha=0.16, linewidth=0, zorder=0, gid=str(ceiling))
    place = {"transform": ax.get_yaxis_transform(), "va": "top", "fontsize": TINY}
    # By turns at the left and at the right, since the bands may overlap.
    x, side = (0.99, "right") if len(ax.texts) % 2 else (0.01, "left")
    text = "noise ceiling" if name is None else f"noise ceiling, {name}"
    ax.text(x, ceiling[1], text, color=tint, ha=side, **place)
