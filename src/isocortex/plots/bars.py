"""Prediction accuracies of layers as bars, with what they are an average of."""

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes

from isocortex.choice import counted, one_of
from isocortex.data.needs import door
from isocortex.data.scores import Scores
from isocortex.errors import InputError
from isocortex.plots._names import metric_name
from isocortex.plots._style import QUIET, axes, bare, beside, colour, named_ticks, wrapped

MANY = 40
POINTS: Mapping[str, tuple[str, ...]] = {"fold": ("fold",), "unit": ("unit",), "none": ()}


@door
def accuracy(
    scores: Scores,
    *,
    points: str = "fold",
    chance: float | None = None,
    ceiling: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A bar for each layer: the mean over folds and units, with single folds or units.

    Forty units and more are drawn as their distribution, with a line from the first to the third
    quartile.

    Parameters
    ----------
    scores : Scores
        What :func:`isocortex.encode`, ``decode`` or ``probe`` returned. Undefined (NaN) scores
        are left out of the means, and their number is said below the axis.
    points : {"fold", "unit", "none"}, default="fold"
        What single points stand for: the folds (means over units) or the units (means over
        folds).
    chance : float, optional
        A dashed line where guessing would be.
    ceiling : float, optional
        The noise ceiling, as a line over each bar; default the mean of the scores' own column
        ``ceiling``, where they have one.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If there is neither layer nor other name for the bars.

    See Also
    --------
    isocortex.probe, isocortex.encode : Make the scores.
    layers : As a curve over layers.
    layer_bars : With subjects as points.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> import isocortex as ic
    >>> layers = {"layer": ["conv1", "conv5"]}
    >>> folds = {"fold": [0, 1, 2]}
    >>> values = np.array([[0.6, 0.7, 0.65], [0.9, 0.85, 0.8]])
    >>> scores = ic.Scores(values, {"layer": layers, "fold": folds}, "accuracy")
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.accuracy(scores, chance=0.5, ax=ax)
    >>> [round(float(bar.get_height()), 2) for bar in ax.patches]
    [0.65, 0.85]
    >>> plt.close(figure)
    """
    points = one_of(points, POINTS, "points")
    names, values = _bars(scores)
    own = scores.columns.get("ceiling")
    ceilings = (
        None
        if own is None
        else _bars(scores.replace(values=np.broadcast_to(own, scores.values.shape)))[1]
    )
    ax = bare(axes(ax, (max(3.2, 0.75 * len(names) + 1.4), 3.6)))
    x = [float(at) for at in range(len(names))]
    ax.bar(x, [_mean(each) for each in values], width=0.7, color=colour(0), alpha=0.75, zorder=2)
    if points != "none":
        for at, each in zip(x, values, strict=True):
            _spread(ax, at, _along(each, points, scores))
    for i, at in enumerate(x):
        height = (
            ceiling if ceiling is not None else None if ceilings is None else _mean(ceilings[i])
        )
        if height is not None:
            ax.hlines(height, at - 0.4, at + 0.4, color="black", linewidth=1.6, zorder=4)
    if chance is not None:
        ax.axhline(chance, color=QUIET, linestyle="--", linewidth=1, zorder=1)
    ax.axhline(0, color=QUIET, linewidth=0.8, zorder=1)
    named_ticks(ax, names)
    ax.set_ylabel(metric_name(scores.metric))
    ax.set_xlabel(wrapped(ax, "\n".join(_said(scores, points))))
    _named(ax, chance is not None, ceiling is not None or ceilings is not None)
    return ax


def _said(scores: Scores, points: str) -> list[str]:
    """What bars are means of, and how many scores are none."""
    many = [dim for dim in ("fold", "unit") if dim in scores.dims and len(scores.tables[dim]) > 1]
    counts = [counted(len(scores.tables[dim]), dim) for dim in many]
    lines = [f"mean of {' and '.join(counts)}"] if counts else []
    if points in many:
        kind = "line: quartiles" if len(scores.tables[points]) >= MANY else f"dots: {points}s"
        lines.append(kind)
    undefined = int(np.isnan(scores.values).sum())
    if undefined:
        lines.append(f"{undefined} of {scores.values.size} scores are undefined")
    return lines


def _named(ax: Axes, chance: bool, ceiling: bool) -> None:
    """Chance and the ceiling by their names."""
    from matplotlib.lines import Line2D

    lines = []
    if ceiling:
        lines.append(Line2D([], [], color="black", linewidth=1.6, label="noise ceiling"))
    if chance:
        lines.append(Line2D([], [], color=QUIET, linestyle="--", linewidth=1, label="chance"))
    if lines:
        beside(ax, handles=lines)


def _bars(scores: Scores) -> tuple[list[str], list[np.ndarray]]:
    """Names, and for each bar its scores with the axes fold and unit (either may be absent)."""
    others = [dim for dim in scores.dims if dim not in ("fold", "unit")]
    if len(others) > 1:
        raise InputError(
            f"plots.accuracy draws one axis of bars beside folds and units, but the scores have "
            f"{', '.join(others)}; choose with select() or average with mean()."
        )
    if not others:
        return [metric_name(scores.metric)], [scores.values]
    table = scores.tables[others[0]]
    shown = [c for c in table.columns if c == "layer" or len(set(table[c])) > 1]
    shown = shown or list(table.columns)[:1]
    keep = [c for c in ("network", "region", "layer") if c in shown] or shown[:1]
    names = [" ".join(str(value) for value in row) for row in table[keep].itertuples(index=False)]
    return names, list(np.moveaxis(scores.values, scores.axis(others[0]), 0))


def _along(values: np.ndarray, points: str, scores: Scores) -> np.ndarray:
    """The mean of each fold or each unit."""
    dims = [dim for dim in scores.dims if dim in ("fold", "unit")]
    if points not in dims:
        return np.empty(0)
    place = dims.index(points)
    rows = np.moveaxis(values, place, 0).reshape(values.shape[place], -1)
    return np.array([_mean(row) for row in rows])


def _mean(values: Any) -> float:
    finite = np.asarray(values)[np.isfinite(values)]
    return float(finite.mean()) if finite.size else float("nan")


def _spread(ax: Axes, at: float, values: np.ndarray) -> None:
    """Points, or the distribution of many."""
    finite = values[np.isfinite(values)]
    if len(finite) < MANY or np.ptp(finite) == 0:
        spread = np.linspace(-0.22, 0.22, len(values)) if len(values) > 1 else np.zeros(len(values))
        ax.scatter(at + spread, values, s=9, color="black", alpha=0.5, linewidth=0, zorder=3)
        return
    shape = ax.violinplot(finite, [at], widths=0.6, showextrema=False, points=200)
    cast(Any, shape["bodies"])[0].set(facecolor="black", alpha=0.35, linewidth=0, zorder=3)
    ax.vlines(at, *np.quantile(finite, [0.25, 0.75]), color="black", linewidth=2.5, zorder=4)
