"""Dissimilarity matrices as images."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.errors import InputError
from isocortex.plots._names import metric_name
from isocortex.plots._panels import even_titles
from isocortex.plots._style import (
    DARK,
    MAP,
    axes,
    codes,
    points_for,
    scale_beside,
    titled,
    titles,
)

BRACKET = "bracket"
LEAST = 4.5
"""Points of letters that can be read."""


@door
def rdm(
    rdms: RDMs,
    *,
    groups: Sequence[Any] | None = None,
    limits: tuple[float, float] | None = None,
    columns: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Dissimilarity matrices as images; several stand side by side with one colour scale.

    Parameters
    ----------
    rdms : RDMs
        One, or up to 64 that are drawn as panels, each with its labels as the title.
    groups : sequence of length n_stimuli, optional
        The group of each stimulus, such as ``stimuli.table["category"]``: stimuli of one group
        are put together, and lines and names mark the groups.
    limits : (float, float), optional
        Dissimilarities at the ends of the colour scale; default zero and the highest.
    columns : int, optional
        How many panels stand in a row.
    ax : matplotlib Axes, optional
        Where to draw; panels share its room.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If there are more than 64 RDMs, or not one group for each stimulus.

    See Also
    --------
    isocortex.rdms : Makes them.
    mds : As a map.
    rdm_panels, rdm_movie : Several, side by side or over time.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> import isocortex as ic
    >>> it = ic.Responses(np.random.default_rng(0).normal(size=(6, 50)))
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.rdm(ic.rdms(it), groups=["animate"] * 3 + ["inanimate"] * 3, ax=ax)
    >>> ax.images[0].get_array().shape
    (6, 6)
    >>> plt.close(figure)
    """
    if rdms.n_rdms > 64:
        raise InputError(
            f"plots.rdm draws at most 64 RDMs, not {rdms.n_rdms}; choose with "
            "rdms.select(...), or draw their mean with rdms.mean()."
        )
    squares, marks = _grouped(rdms, groups)
    low, high = limits or (min(0.0, float(squares.min())), float(squares.max()))
    panels: list[Axes] = []
    if rdms.n_rdms == 1:
        ax = axes(ax, (5.6, 3.8))
        titled(ax, titles(rdms.labels)[0])
        image = _matrix(ax, squares[0], marks, (low, high))
    else:
        n_columns = min(columns or int(np.ceil(np.sqrt(1.6 * rdms.n_rdms))), rdms.n_rdms)
        shape = (int(np.ceil(rdms.n_rdms / n_columns)), n_columns)
        ax = axes(ax, (1.9 * shape[1] + 1.0, 2.0 * shape[0]), images=True)
        ax.set_axis_off()
        panels = [_panel(ax, i, shape) for i in range(rdms.n_rdms)]
        for panel, title in zip(panels, titles(_varying(rdms.labels)), strict=True):
            panel.set_title(title)
        image = _matrix(panels[0], squares[0], marks, (low, high))
        for panel, square in zip(panels[1:], squares[1:], strict=True):
            _matrix(panel, square, (marks[0], []), (low, high))
    _scale(ax, image, rdms)
    if panels:
        _small(ax, panels, len(marks[1]))
    return ax


def _small(ax: Axes, panels: Sequence[Axes], n: int) -> None:
    """Letters as small as panels became; groups without names where nobody could read them."""
    figure = ax.get_figure(root=True)
    if figure is not None and n:
        figure.draw_without_rendering()
        size = points_for(panels[0], n)
        panels[0].tick_params(axis="y", labelsize=size, labelleft=size >= LEAST)
        for line in panels[0].lines:
            line.set_visible(size >= LEAST or line.get_gid() != BRACKET)
    even_titles(panels)


def _varying(labels: pd.DataFrame) -> pd.DataFrame:
    """The labels that tell the RDMs apart."""
    return labels.loc[:, labels.nunique(dropna=False).to_numpy() > 1]


def _grouped(rdms: RDMs, groups: Sequence[Any] | None):
    """Matrices in the order of groups; where groups begin, and (middle, name) of each."""
    if groups is None:
        return rdms.square(), ([], [])
    if len(groups) != rdms.n_stimuli:
        raise InputError(
            f"plots.rdm needs one group for each of {rdms.n_stimuli} stimuli, not {len(groups)}."
        )
    names, which = codes(groups)
    order = np.argsort(which, kind="stable")
    ends = np.cumsum(np.bincount(which))
    starts = np.concatenate([[0], ends[:-1]])
    ticks = [((a + b - 1) / 2, name) for a, b, name in zip(starts, ends, names, strict=True)]
    return rdms.take(order).square(), (list(starts[1:]), ticks)


def _matrix(ax: Axes, square: np.ndarray, marks, limits: tuple[float, float]):
    starts, ticks = marks
    image = ax.imshow(
        square, cmap=MAP, vmin=limits[0], vmax=limits[1], aspect="auto", interpolation="nearest"
    )
    ax.set_box_aspect(1)
    for start in starts:
        ax.axhline(start - 0.5, color="white", linewidth=0.5)
        ax.axvline(start - 0.5, color="white", linewidth=0.5)
    ax.set_xticks([])
    ax.set_yticks([])
    if ticks:
        _brackets(ax, ticks, [*(start - 0.5 for start in starts), len(square) - 0.5])
    ax.tick_params(length=0)
    return image


def _brackets(ax: Axes, ticks: Sequence[tuple[float, str]], ends: Sequence[float]) -> None:
    """The name of each group at the left, beside a line that is as long as the group."""
    places = [place for place, _ in ticks]
    ax.set_yticks(places, [name for _, name in ticks], fontsize=points_for(ax, len(ticks)))
    ax.tick_params(axis="y", pad=7)
    gap = 0.12 * min(np.diff([-0.5, *ends]))
    figure = ax.get_figure(root=True)
    assert figure is not None
    beside = ax.get_yaxis_transform() + ScaledTranslation(-4 / 72, 0, figure.dpi_scale_trans)
    for low, high in pairwise([-0.5, *ends]):
        line = Line2D(
            [0, 0], [low + gap, high - gap], color=DARK, linewidth=1.2, clip_on=False, gid=BRACKET
        )
        ax.add_artist(line)
        line.set_transform(beside)


def _panel(ax: Axes, i: int, shape: tuple[int, int]) -> Axes:
    row, column = divmod(i, shape[1])
    height, width = 1 / shape[0], 1 / shape[1]
    box = (column * width, 1 - (row + 1) * height, 0.94 * width, 0.82 * height)
    return ax.inset_axes(box)


def _scale(ax: Axes, image: Any, rdms: RDMs) -> None:
    scale_beside(ax, image, name_of(rdms))


def name_of(rdms: RDMs) -> str:
    """What the numbers are, as it stands on a colour scale."""
    kind = rdms.dissimilarity
    if kind.endswith("accuracy"):
        return metric_name(kind)
    kind = kind.replace("_", " ") or "dissimilarity"
    return kind if kind.endswith(("distance", "dissimilarity")) else f"{kind} distance"
