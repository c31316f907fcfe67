"""Dissimilarity matrices as images."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.errors import InputError
from isocortex.plots._style import MAP, axes, codes, titles


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
    if rdms.n_rdms == 1:
        ax = axes(ax, (5.6, 3.8))
        ax.set_title(titles(rdms.labels)[0])
        image = _matrix(ax, squares[0], marks, (low, high))
    else:
        n_columns = min(columns or int(np.ceil(np.sqrt(1.6 * rdms.n_rdms))), rdms.n_rdms)
        shape = (int(np.ceil(rdms.n_rdms / n_columns)), n_columns)
        ax = axes(ax, (1.9 * shape[1] + 1.0, 2.0 * shape[0]))
        ax.set_axis_off()
        panels = [_panel(ax, i, shape) for i in range(rdms.n_rdms)]
        for panel, title in zip(panels, titles(_varying(rdms.labels)), strict=True):
            panel.set_title(title, fontsize="small")
        image = _matrix(panels[0], squares[0], marks, (low, high))
        for panel, square in zip(panels[1:], squares[1:], strict=True):
            _matrix(panel, square, (marks[0], []), (low, high))
    _scale(ax, image, rdms)
    return ax


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
        ax.axhline(start - 0.5, color="white", linewidth=0.7)
        ax.axvline(start - 0.5, color="white", linewidth=0.7)
    ax.set_xticks([])
    ax.set_yticks([place for place, _ in ticks], [name for _, name in ticks], fontsize="small")
    ax.tick_params(length=0)
    return image


def _panel(ax: Axes, i: int, shape: tuple[int, int]) -> Axes:
    row, column = divmod(i, shape[1])
    height, width = 1 / shape[0], 1 / shape[1]
    box = (column * width, 1 - (row + 1) * height, 0.94 * width, 0.82 * height)
    return ax.inset_axes(box)


def _scale(ax: Axes, image: Any, rdms: RDMs) -> None:
    bar = ax.figure.colorbar(image, ax=ax, fraction=0.046, pad=0.04)
    bar.outline.set_visible(False)
    kind = rdms.dissimilarity
    kind = kind if kind.endswith("accuracy") else f"{kind} distance"
    bar.set_label(kind.replace("_", " ") if rdms.dissimilarity else "dissimilarity")
