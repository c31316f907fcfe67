"""What all plots share: where axes come from, colours, and small ornaments."""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.layout_engine import ConstrainedLayoutEngine

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6E6E6E", "#8C6D00")
"""Distinct with every kind of colour vision (Okabe & Ito), and dark enough for lines."""

MAP = "viridis"
"""For dissimilarities and other numbers from low to high."""

DIVERGING = "RdBu_r"
"""For numbers on both sides of zero."""

QUIET = "#9A9A9A"
"""For what stands in the background: single subjects, guide lines."""


def axes(ax: Axes | None, size: tuple[float, float] = (5.0, 3.6)) -> Axes:
    """The axes that were given, or new ones in a figure of ``size`` inches."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    # Compressed, it knows of images of fixed aspect; panels inside axes need some room at the side.
    room = ConstrainedLayoutEngine(compress=True, w_pad=0.12, h_pad=0.08)
    return plt.subplots(figsize=size, layout=room)[1]


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


def named_ticks(ax: Axes, names: Sequence[str]) -> None:
    """Names below the x axis at 0, 1, 2 …, slanted where they would not fit level."""
    ax.set_xticks(np.arange(len(names)), names)
    if sum(len(name) for name in names) > 40:
        ax.tick_params(axis="x", labelrotation=45)
        for label in ax.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")


def say_if_empty(ax: Axes, values: np.ndarray) -> None:
    """Below the axes, that there is nothing to see where every value is NaN."""
    if not np.isfinite(values).any():
        ax.annotate(
            "no unit is beyond the threshold", (0.5, 0), (0, -4), "axes fraction",
            "offset points", ha="center", va="top", fontsize=8,
        )  # fmt: skip


NEAR_ZERO = 1e-12
"""Nearer to 0 a value has no colour in the figures of nilearn, which have no NaN."""


@contextmanager
def any_threshold() -> Iterator[None]:
    """Where nilearn need not tell that all values, or none, lie beyond a threshold."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Threshold given was|empty mask", UserWarning)
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        yield
