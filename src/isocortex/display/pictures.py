"""Small pictures as PNG. Matplotlib is imported when one is drawn; its settings stay."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import numpy as np

from isocortex.display.card import Picture

CELLS = 40
"""Rows and columns of a matrix that are drawn."""
POINTS = 200
"""Of a line."""
LINES = 6
_WIDEST = 160
_SIZE = (2.6, 1.9)
_DPI = 110
_COLOURS, _MOST_BYTES = (128, 32, 12), 9000
_BLUE, _GREY = "#0072B2", "#9A9A9A"


def picked(n: int, most: int = CELLS) -> np.ndarray:
    """At most so many places of ``n``, evenly spread."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.intp))


def matrix(
    values: np.ndarray,
    label: str,
    alt: str,
    *,
    both: bool = False,
    caption: str = "",
    sides: str = "",
) -> Picture:
    """Numbers as colours, shape (n_rows, n_columns); ``both`` for those on both sides of zero.

    ``sides`` are the letters at the left and the right.
    """

    def draw(axes: Any) -> None:
        limit = np.nanmax(np.abs(values), initial=0.0) if np.isfinite(values).any() else 1.0
        scale = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit} if both else {"cmap": "viridis"}
        drawn = axes.imshow(values, interpolation="nearest", **scale)
        axes.set(xticks=[], yticks=[])
        if sides:
            for side, x, ha in ((sides[0], 0.02, "left"), (sides[1], 0.98, "right")):
                axes.text(x, 1.02, side, transform=axes.transAxes, ha=ha, va="bottom")
        bar = axes.figure.colorbar(drawn, ax=axes, fraction=0.06, pad=0.04)
        bar.locator.set_params(nbins=3)
        bar.update_ticks()
        bar.set_label(label)

    return Picture(lambda: _png(draw), alt, caption)


def lines(
    found: Mapping[str, np.ndarray],
    x: Sequence[Any] | np.ndarray,
    labels: tuple[str, str],
    alt: str,
    *,
    caption: str = "",
) -> Picture:
    """Lines over the same x: numbers, or names of which some are written."""

    def draw(axes: Any) -> None:
        named = any(isinstance(each, str) for each in x)
        places = np.arange(len(x)) if named else np.asarray(x, dtype=np.float64)
        mark = {"marker": "o", "markersize": 3} if len(x) <= 25 else {}
        colours = {"color": _BLUE} if len(found) == 1 else {}
        for name, y in found.items():
            axes.plot(places, y, label=_short(name), linewidth=1.3, **mark, **colours)
        if named:
            few = picked(len(x), 5 if len(x) > 8 else 8)
            axes.set_xticks(few, [_short(str(x[i]), 10) for i in few], rotation=30, ha="right")
        else:
            axes.locator_params(nbins=4)
        axes.set(xlabel=labels[0], ylabel=labels[1])
        axes.spines[["top", "right"]].set_visible(False)
        if len(found) > 1:
            axes.legend(fontsize=6, frameon=False)

    return Picture(lambda: _png(draw), alt, caption)


def points(
    found: Mapping[str, tuple[float, float, float]],
    label: str,
    alt: str,
    band: tuple[float, float] = (np.nan, np.nan),
) -> Picture:
    """A value with its interval for each name, the first on top, and a band of a ceiling."""

    def draw(axes: Any) -> None:
        if np.isfinite(band).all():
            axes.axvspan(*band, color=_GREY, alpha=0.35, linewidth=0)
        axes.axvline(0, color=_GREY, linewidth=0.8)
        for place, (value, low, high) in enumerate(found.values()):
            if np.isfinite([low, high]).all():
                axes.plot([low, high], [place, place], color=_BLUE, linewidth=1.3)
            axes.plot(value, place, "o", color=_BLUE, markersize=4)
        axes.set_yticks(range(len(found)), [_short(name) for name in found])
        axes.set_ylim(len(found) - 0.5, -0.5)
        axes.locator_params(axis="x", nbins=4)
        axes.set_xlabel(label)
        axes.spines[["top", "right"]].set_visible(False)

    return Picture(lambda: _png(draw), alt)


def image(pixels: np.ndarray, alt: str, caption: str = "") -> Picture:
    """One picture, shape (height, width, 3) or (height, width), uint8, as it is but smaller."""

    def png() -> bytes:
        from PIL import Image

        with Image.fromarray(pixels) as whole:
            whole.thumbnail((_WIDEST, _WIDEST))
            times = max(1, 128 // max(whole.size))
            return _packed(whole.resize((whole.width * times, whole.height * times), 0))

    return Picture(png, alt, caption)


def _png(draw: Callable[[Any], None]) -> bytes:
    from matplotlib.figure import Figure
    from PIL import Image

    with _plain():
        figure = Figure(figsize=_SIZE, dpi=_DPI, layout="constrained")
        draw(figure.add_subplot())
        held = BytesIO()
        figure.savefig(held, format="png")
    with Image.open(held) as whole:
        return _packed(whole.convert("RGB"))


def _packed(whole: Any) -> bytes:
    """In so few colours that a notebook stays small."""
    found = b""
    for colours in _COLOURS:
        packed = BytesIO()
        whole.convert("P", palette=1, colors=colours).save(packed, "PNG", optimize=True)
        found = packed.getvalue()
        if len(found) <= _MOST_BYTES:
            break
    return found


@contextmanager
def _plain() -> Iterator[None]:
    """Matplotlib's own style in small letters, whatever the notebook has chosen for its figures."""
    from matplotlib import style

    # Letters that the font lacks are boxes, which a notebook need not be warned of.
    with (
        warnings.catch_warnings(action="ignore"),
        style.context(["default", {"font.size": 7, "axes.linewidth": 0.6}]),
    ):
        yield


def _short(name: str, most: int = 16) -> str:
    cut = name if len(name) <= most else f"{name[: most - 1]}…"
    # A dollar sign would begin a formula.
    return cut.replace("$", r"\$")
