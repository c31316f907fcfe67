"""What all plots share: where axes come from, colours, and small ornaments."""

import textwrap
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6E6E6E", "#332288")
"""Distinct with every kind of colour vision (Okabe & Ito, grey and an indigo of Tol's)."""

MAP = "viridis"
"""For dissimilarities and other numbers from low to high."""

DIVERGING = "RdBu_r"
"""For numbers on both sides of zero."""

QUIET = "#9A9A9A"
"""For what stands in the background: single subjects, guide lines."""

DARK = "#595959"
"""For letters on what is quiet."""

MARKERS = "osD^vPX*"
"""What tells groups apart where there is no colour."""

TITLE, NOTE, TINY = "medium", "small", "x-small"
"""The sizes of all letters, of which names of axes have the first; ``rcParams`` scale them."""

LINES = ("-", "--", "-.", ":")
"""So do lines without markers."""

VECTOR: dict[Any, Any] = {"svg.fonttype": "none", "pdf.fonttype": 42, "ps.fonttype": 42}
"""Text stays text in files of vectors: it can be searched, and edited by a journal."""


class VectorFigure(Figure):
    """A figure of which saved files have their text as text."""

    def savefig(self, *args: Any, **options: Any) -> None:
        """The figure to a file, as matplotlib's own method writes it."""
        with mpl.rc_context(VECTOR):
            super().savefig(*args, **options)


def axes(
    ax: Axes | None, size: tuple[float, float] = (5.0, 3.6), *, images: bool = False, **of: Any
) -> Axes:
    """The axes that were given, or new ones in a figure of ``size`` inches.

    Where images fill it, it gets smaller as a whole. More options are those of the axes.
    """
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    # Compressed, it knows of images of fixed aspect; panels inside axes need some room at the side.
    room = ConstrainedLayoutEngine(compress=True, w_pad=0.12, h_pad=0.08)
    size = _fitted(size, images)
    return plt.subplots(figsize=size, layout=room, FigureClass=VectorFigure, subplot_kw=of)[1]


def _fitted(size: tuple[float, float], images: bool) -> tuple[float, float]:
    """A size as wide as figures were asked to be, and as high as images or letters need."""
    width = mpl.rcParams["figure.figsize"][0]
    if width == mpl.rcParamsDefault["figure.figsize"][0]:
        return size
    letters = mpl.rcParams["font.size"] / mpl.rcParamsDefault["font.size"]
    share = width / size[0]
    if images:
        return width, size[1] * share + 0.25 * letters
    return width, size[1] * min(max(share, letters), 1.0)


def colour(i: int) -> str:
    """The colour of the ``i``-th series; they repeat after eight."""
    return COLOURS[i % len(COLOURS)]


def bare(ax: Axes) -> Axes:
    """Without the upper and the right side of the frame."""
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def codes(labels: Iterable[Any]) -> tuple[list[str], np.ndarray]:
    """Distinct labels in the order of their first appearance, and the number of each entry."""
    codes, names = pd.factorize(np.array([str(label) for label in labels], dtype=object))
    return list(names), codes


def titles(labels: pd.DataFrame) -> list[str]:
    """A title for each row of a table of labels: ``alexnet, conv3`` or ``IT, subject 3``."""
    return [
        ", ".join(
            str(value) if isinstance(value, str) else f"{key} {value}"
            for key, value in row.items()
            if value == value  # A label that only others have is NaN here, and is left out.
        )
        for row in labels.to_dict("records")
    ]


def points_for(ax: Axes, n: int, most: str = NOTE) -> float:
    """Points that letters may be high, so that ``n`` names stand one above the other."""
    height = ax.get_window_extent().height * 72 / ax.figure.dpi
    usual = FontProperties(size=most).get_size_in_points()
    return float(np.clip(0.85 * height / max(n, 1), 3, usual))


def several_of(table: pd.DataFrame, n: int) -> str:
    """What ``n`` scores are of: ``12 subjects`` where there is that label, else ``12 scores``."""
    names = ("subject", "fold", "pair", "run", "region", "unit")
    found = [name for name in names if name in table and len(set(table[name])) == n]
    return f"{n} {found[0] if found else 'score'}s"


def beside(ax: Axes, **options: Any) -> Any:
    """The legend to the right of the axes, where it hides nothing."""
    look = {"frameon": False, "fontsize": NOTE, "loc": "center left", "bbox_to_anchor": (1.0, 0.5)}
    return ax.legend(**{**look, **options})


def wrapped(ax: Axes, text: str, share: float | None = None) -> str:
    """A text in as many lines as it needs to be no longer than the axes are wide.

    With a ``share``: than that share of their height.
    """
    letters = FontProperties(size=TITLE).get_size_in_points()
    box = ax.get_window_extent()
    room = box.width if share is None else share * box.height
    # A letter is about half as wide as it is high.
    most = max(8, int(room * 72 / ax.figure.dpi / letters / 0.52))
    lines = [textwrap.wrap(part, most, break_long_words=False) for part in text.split("\n")]
    return "\n".join(line for part in lines for line in part)


def titled(ax: Axes, text: str) -> None:
    """A title that stays within the axes."""
    ax.set_title(wrapped(ax, text), fontsize=TITLE)


def named_ticks(ax: Axes, names: Sequence[str]) -> None:
    """Names below the x axis at 0, 1, 2 …, slanted where they would not fit level."""
    ax.set_xticks(np.arange(len(names)), names)
    inches = ax.get_window_extent().width / ax.figure.dpi
    # Letters of ten points: about twelve to the inch, with a gap after each name.
    room = 120 * inches / mpl.rcParams["font.size"]
    if max(map(len, names), default=0) + 1 > room / len(names):
        ax.tick_params(axis="x", labelrotation=45)
        for label in ax.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")


def scale_beside(ax: Axes, drawn: Any, name: str, **options: Any) -> Any:
    """A colour scale at the right, with its name in as many lines as its height needs."""
    bar = ax.figure.colorbar(drawn, ax=ax, **{"fraction": 0.046, "pad": 0.04, **options})
    bar.outline.set_visible(False)
    bar.set_label(wrapped(ax, name, options.get("shrink", 1.0)))
    return bar


def say_below(ax: Axes, text: str) -> None:
    """A note below the axes."""
    ax.annotate(
        text, (0.5, 0), (0, -4), "axes fraction", "offset points", ha="center", va="top",
        fontsize=NOTE,
    )  # fmt: skip


def say_if_empty(ax: Axes, values: np.ndarray) -> None:
    """Below the axes, that there is nothing to see where every value is NaN."""
    if not np.isfinite(values).any():
        say_below(ax, "no unit is beyond the threshold")


NEAR_ZERO = 1e-12
"""Nearer to 0 a value has no colour in the figures of nilearn, which have no NaN."""


@contextmanager
def any_threshold() -> Iterator[None]:
    """Where nilearn need not tell that all values, or none, lie beyond a threshold."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Threshold given was|empty mask", UserWarning)
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        yield
