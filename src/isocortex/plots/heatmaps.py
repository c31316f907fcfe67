"""Scores of everything with everything, and what is taken for what, as coloured cells."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from isocortex.data.needs import door
from isocortex.data.scores import Scores
from isocortex.errors import InputError
from isocortex.plots._names import metric_name
from isocortex.plots._style import (
    DIVERGING,
    MAP,
    NOTE,
    TINY,
    axes,
    points_for,
    scale_beside,
    titles,
)

MOST_NUMBERS = 12
"""Up to so many rows and columns, cells have their numbers in them."""
MOST_NAMES = 40
"""Beyond, not every row has its name."""
WHOSE = ("network", "subject", "region")
"""Labels that say of whom all rows of an axis are."""
CELL = 0.3
"""Inches."""


@door
def similarity(
    scores: Scores, *, limits: tuple[float, float] | None = None, ax: Axes | None = None
) -> Axes:
    """Scores of each layer with each other one as a matrix of colours.

    Up to twelve rows and columns, cells have their numbers in them.

    Parameters
    ----------
    scores : Scores
        With two axes: those of :func:`isocortex.similarity` (first, second), of
        :func:`isocortex.compare` (model, data), or any other two; average a third with
        ``scores.mean(axis)``.
    limits : (float, float), optional
        Scores at the ends of the colour scale. Default: from 0, or the lowest if that is below, to
        the highest; where scores of both signs are large, 0 is in the middle.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes
        Rows are those of the first axis.

    Raises
    ------
    InputError
        If the scores have not two axes.

    See Also
    --------
    isocortex.similarity : Makes them.
    layers : As curves over layers.
    rdm : Of stimuli with stimuli.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import isocortex as ic
    >>> layers = ["conv1", "conv5", "fc"]
    >>> axes = {"first": {"layer": layers}, "second": {"other_layer": layers}}
    >>> values = [[1.0, 0.6, 0.2], [0.6, 1.0, 0.5], [0.2, 0.5, 1.0]]
    >>> cka = ic.Scores(values, axes, "cka")
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.similarity(cka, ax=ax)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['conv1', 'conv5', 'fc']
    >>> plt.close(figure)
    """
    if scores.values.ndim != 2:
        raise InputError(
            f"plots.similarity draws scores with two axes, and these have "
            f"{', '.join(scores.dims) or 'none'}; choose with select() or average with mean()."
        )
    rows, columns = (_names(scores.tables[dim]) for dim in scores.dims)
    low, high = _ends(scores.values)
    signed = low < -0.1 * high
    ax = _cells(
        axes(ax, _size(len(rows), len(columns))),
        scores.values,
        (rows, columns),
        limits or ((-max(-low, high), max(-low, high)) if signed else (low, high)),
        DIVERGING if signed else MAP,
    )
    scale_beside(ax, ax.images[0], metric_name(scores.metric))
    of_rows, of_columns = (_whose(scores.tables[dim]) for dim in scores.dims)
    if of_rows != of_columns:
        ax.set(ylabel=of_rows, xlabel=of_columns)
    return ax


@door
def confusion(scores: Scores, *, ax: Axes | None = None) -> Axes:
    """Which class is taken for which: shares of each true class, with their numbers.

    Parameters
    ----------
    scores : Scores
        From :func:`isocortex.probe` of classes, or its ``scores.confusion``. One layer: choose
        with ``scores.confusion.select(layer=...)``; folds are added up.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes
        Rows are true classes, columns predicted ones; colours are shares of the row.

    Raises
    ------
    InputError
        If the scores have no confusions, or those of several layers.

    See Also
    --------
    isocortex.probe : Makes them.
    accuracy : How many are right.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import isocortex as ic
    >>> names = ["face", "house"]
    >>> classes = {"label": {"label": names}, "predicted": {"predicted": names}}
    >>> counts = ic.Scores([[8, 2], [1, 9]], classes, "count")
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.confusion(counts, ax=ax)
    >>> [text.get_text() for text in ax.texts]
    ['8', '2', '1', '9']
    >>> plt.close(figure)
    """
    counts = scores.kept.get("confusion", scores)
    if not {"label", "predicted"} <= set(counts.dims):
        raise InputError(
            "plots.confusion needs what ic.probe returned for classes, and these scores have "
            f"{', '.join(counts.dims)}."
        )
    values, names = _added_up(counts)
    totals = values.sum(1, keepdims=True)
    shares = np.divide(values, totals, out=np.full(values.shape, np.nan), where=totals > 0)
    numbers = [f"{each:.0f}" for each in values.flat]
    ax = axes(ax, _size(len(names), len(names)))
    ax = _cells(ax, shares, (names, names), (0.0, 1.0), MAP, numbers)
    ax.set(xlabel="predicted", ylabel="true")
    scale_beside(ax, ax.images[0], f"share of the true class (n = {int(values.sum())})")
    return ax


def _added_up(counts: Scores) -> tuple[np.ndarray, list[str]]:
    """(n_classes, n_classes), true by predicted, over folds; and the names of classes."""
    other = [d for d in counts.dims if d not in ("label", "predicted", "fold")]
    several = [d for d in other if counts.values.shape[counts.axis(d)] > 1]
    if several:
        raise InputError(
            f"plots.confusion draws one {several[0]}, and these scores have several; choose with "
            f"scores.confusion.select({several[0]}=...)."
        )
    over = tuple(i for i, d in enumerate(counts.dims) if d not in ("label", "predicted"))
    values = counts.values.sum(axis=over)
    if counts.axis("label") > counts.axis("predicted"):
        values = values.T
    return values, [str(each) for each in counts.tables["label"]["label"]]


def _names(table: pd.DataFrame) -> list[str]:
    """What tells the rows of an axis apart."""
    frame = table.rename(columns=lambda name: str(name).removeprefix("other_"))
    varying = frame.loc[:, frame.nunique(dropna=False).to_numpy() > 1]
    return titles(varying if varying.shape[1] else frame.iloc[:, :1])


def _whose(table: pd.DataFrame) -> str:
    """Which network, subject or region a whole axis is of; empty if it is of several or unnamed."""
    frame = table.rename(columns=lambda name: str(name).removeprefix("other_"))
    known = [name for name in WHOSE if name in frame and len(set(frame[name].astype(str))) == 1]
    return ", ".join(str(frame[name].iloc[0]) for name in known)


def _ends(values: np.ndarray) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return float(finite.min(initial=0.0)), float(finite.max(initial=0.0)) or 1.0


def _size(n_rows: int, n_columns: int) -> tuple[float, float]:
    height, width = (min(max(2.2, CELL * n), 7.0) for n in (n_rows, n_columns))
    return width + 2.2, height + 1.0


def _cells(
    ax: Axes,
    values: np.ndarray,
    names: tuple[list[str], list[str]],
    limits: tuple[float, float],
    colours: str,
    numbers: Sequence[str] | None = None,
) -> Axes:
    ax.imshow(values, cmap=colours, vmin=limits[0], vmax=limits[1], interpolation="nearest")
    rows, columns = names
    for axis, labels in ((ax.yaxis, rows), (ax.xaxis, columns)):
        step = int(np.ceil(len(labels) / MOST_NAMES))
        axis.set_ticks(np.arange(0, len(labels), step), labels[::step], fontsize=NOTE)
    ax.tick_params(length=0)
    # Cells are square, so that the smaller side of the axes says how wide one is.
    inches = min(ax.get_window_extent().size) / ax.figure.dpi / max(values.shape)
    if max(map(len, columns)) * 0.6 * points_for(ax, 1) > 72 * inches:
        ax.tick_params(axis="x", labelrotation=45)
        for label in ax.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    ax.spines[:].set_visible(False)
    if max(values.shape) <= MOST_NUMBERS:
        _numbers(
            ax,
            [f"{round(each, 2) + 0.0:.2f}" for each in values.flat] if numbers is None else numbers,
        )
    return ax


def _numbers(ax: Axes, numbers: Sequence[str]) -> None:
    """In each cell its number, light on dark colours and dark on light ones."""
    image = ax.images[0]
    shown = np.ma.filled(np.ma.asarray(image.get_array()), np.nan)
    for text, ((i, j), value) in zip(numbers, np.ndenumerate(shown), strict=True):
        if np.isfinite(value):
            red, green, blue, _ = image.cmap(image.norm(value))
            shade = "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else "black"
            ax.text(j, i, text, ha="center", va="center", fontsize=TINY, color=shade)
