"""Several pictures in the room of one axes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties

from isocortex.plots._style import NOTE, axes


def panels(
    ax: Axes | None, n: int, size: tuple[float, float], columns: int | None = None
) -> tuple[Axes, list[Axes]]:
    """The axes that hold the panels, and ``n`` panels of ``size`` inches, row by row."""
    n_columns = min(columns or n, n)
    n_rows = int(np.ceil(n / n_columns))
    ax = axes(ax, (size[0] * n_columns + 0.4, size[1] * n_rows + 0.3), images=True)
    ax.set_axis_off()
    width, height = 1 / n_columns, 1 / n_rows
    boxes = []
    for i in range(n):
        row, column = divmod(i, n_columns)
        boxes.append((column * width, 1 - (row + 1) * height, 0.86 * width, 0.8 * height))
    return ax, [ax.inset_axes(box) for box in boxes]


def picture(ax: Axes, pixels: np.ndarray, title: str = "") -> Any:
    """An image without ticks; grey where there is one channel."""
    image = ax.imshow(pixels, cmap="gray", vmin=0, vmax=255 if pixels.dtype == np.uint8 else 1)
    ax.set(xticks=[], yticks=[])
    ax.set_title(title)
    return image


def even_titles(boxes: Sequence[Axes]) -> None:
    """Titles of one size, so that the longest is hardly wider than its panel."""
    widest = max(len(line) for box in boxes for line in box.get_title().split("\n"))
    usual = FontProperties(size=NOTE).get_size_in_points()
    room = boxes[0].get_window_extent().width * 72 / boxes[0].figure.dpi / max(1, widest) / 0.5
    for box in boxes:
        box.title.set_fontsize(max(3.0, min(usual, room)))


def shown(pixels: np.ndarray) -> np.ndarray:
    """Pixels as imshow takes them: (rows, columns[, 3]), floats from 0 to 1."""
    pixels = np.asarray(pixels)
    if pixels.ndim == 3 and pixels.shape[0] in (1, 3) and pixels.shape[-1] not in (3, 4):
        pixels = pixels.transpose(1, 2, 0)
    if pixels.ndim == 3 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    return pixels if pixels.dtype == np.uint8 else np.clip(pixels, 0, 1)
