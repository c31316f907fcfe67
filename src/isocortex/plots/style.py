"""Figures for paper: as wide as a column, letters of one scale, text as text."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from cycler import cycler

from isocortex.choice import is_number
from isocortex.errors import InputError
from isocortex.plots._style import COLOURS, VECTOR

INCH = 25.4
"""In mm."""
SIZE = 8.0
"""Points of names and titles; notes have 83 %, the smallest 69 %."""


@contextmanager
def paper(width: float = 85.0) -> Iterator[None]:
    """Figures that are made inside are as wide as a column of a paper.

    Letters have 8, 6.7 and 5.6 points at their printed size, colours differ with every kind of
    colour vision, text in SVG and PDF stays text, and pictures have 300 dots per inch.
    Everything is of matplotlib's ``rcParams``, and as it was when the block is left, so draw and
    save in the block.

    Parameters
    ----------
    width : float, default=85
        Of a figure, in mm: often 85 for one column and 174 for two.

    Yields
    ------
    None

    Raises
    ------
    InputError
        If the width is no number from 20 to 1000.

    See Also
    --------
    layers, rdm, brain : Plots, which take the width from here.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import isocortex as ic
    >>> axis = {"layer": {"layer": ["conv1", "conv3", "conv5"]}}
    >>> scores = ic.Scores([0.2, 0.3, 0.25], axis, "spearman")
    >>> with ic.plots.paper(85):
    ...     ax = ic.plots.layers(scores)
    >>> round(25.4 * ax.figure.get_figwidth())
    85
    >>> plt.close(ax.figure)
    """
    if not (is_number(width) and 20 <= width <= 1000):
        raise InputError(
            f"plots.paper: width={width!r} must be a number of mm from 20 to 1000, such as 85 for "
            "one column and 174 for two."
        )
    with mpl.rc_context({**_LOOK, "figure.figsize": (width / INCH, 0.7 * width / INCH)}):
        yield


_LOOK: dict[Any, Any] = {
    **VECTOR,
    "font.size": SIZE,
    "axes.titlesize": "medium",
    "axes.labelsize": "medium",
    "xtick.labelsize": "small",
    "ytick.labelsize": "small",
    "legend.fontsize": "small",
    "figure.titlesize": "medium",
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "axes.prop_cycle": cycler(color=COLOURS),
    "figure.constrained_layout.use": True,
    "savefig.dpi": 300,
}
