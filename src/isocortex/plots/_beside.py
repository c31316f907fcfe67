"""Names beside points, none of which lies over another one or over a point."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation

STEPS = (4.5, 10.0, 17.0, 25.0, 35.0, 47.0)
"""Points between a dot and its name; the first without a line between them."""
TURNS = 16
"""Directions in which there may be room."""


def names_beside(ax: Axes, names: Sequence[str], points: np.ndarray, sizes: Sequence[str]) -> None:
    """Each name at the nearest free place of its point, with a line to it where that is far.

    Parameters
    ----------
    ax : matplotlib Axes
        As large as it will be, and with its limits.
    names : sequence of str
    points : array, shape (n, 2)
    sizes : sequence of str
        Of the letters of each name.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    scale = figure.dpi / 72
    dots = ax.transData.transform(points) / scale
    taken = np.column_stack([dots - 3, dots + 3])
    low, high = ax.get_window_extent().get_points() / scale
    # Where many are near, there is least choice: these come first.
    crowd = np.exp(-((dots[:, None] - dots[None]) ** 2).sum(-1) / 1000).sum(1)
    texts = [
        ax.annotate(
            name, point, (0, 0), textcoords="offset points", fontsize=size, ha="center", va="center"
        )
        for name, point, size in zip(names, points, sizes, strict=True)
    ]
    for i in np.argsort(-crowd, kind="stable"):
        text = texts[i]
        half = np.array(text.get_window_extent().size) / scale / 2
        offsets = _offsets(half)
        boxes = np.tile(dots[i] + offsets, 2) + np.concatenate([-half, half])
        costs = _hidden(boxes, taken) + _outside(boxes, low, high)
        best = int(np.argmin(costs + 0.02 * np.arange(len(costs))))
        _put(ax, text, offsets[best], half if best >= TURNS else None)
        taken = np.vstack([taken, boxes[best]])


def _offsets(half: np.ndarray) -> np.ndarray:
    """Middles of a name around its point, the nearest first: (n_places, 2)."""
    angles = np.linspace(0, 2 * np.pi, TURNS, endpoint=False) + np.pi / 8
    around = np.column_stack([np.cos(angles), np.sin(angles)])
    edge = np.clip(1.5 * around, -1, 1) * half
    return np.concatenate([edge + step * around for step in STEPS])


def _hidden(boxes: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """The area that each box shares with what is there, and with a seam of a point."""
    low = np.maximum(boxes[:, None, :2] - 1, taken[None, :, :2])
    high = np.minimum(boxes[:, None, 2:] + 1, taken[None, :, 2:])
    return np.clip(high - low, 0, None).prod(-1).sum(1)


def _outside(boxes: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    beyond = np.clip(low - boxes[:, :2], 0, None) + np.clip(boxes[:, 2:] - high, 0, None)
    return 20 * beyond.sum(1)


def _put(ax: Axes, text: Annotation, offset: np.ndarray, half: np.ndarray | None) -> None:
    """The middle of a name there, with a line from its edge where its half size is given."""
    text.set_position((float(offset[0]), float(offset[1])))
    text.set_in_layout(False)
    if half is not None:
        edge = np.clip(0.0, offset - half, offset + half)
        line = {"arrowstyle": "-", "color": "0.6", "linewidth": 0.5, "shrinkA": 0, "shrinkB": 3}
        drawn = ax.annotate(
            "", text.xy, (float(edge[0]), float(edge[1])), textcoords="offset points",
            arrowprops=line,
        )  # fmt: skip
        drawn.set_in_layout(False)
