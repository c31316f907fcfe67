"""Axial slices side by side, each below its height in mm."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.font_manager import FontProperties
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from scipy.ndimage import affine_transform

from isocortex.errors import InputError
from isocortex.formats.files import open_image, pixels
from isocortex.formats.space import Volume
from isocortex.plots._style import NOTE, say_if_empty

OUTSIDE = "#DADADA"
"""Where there is no unit: unlike the colour of a score of zero."""
UNCOLOURED = "#A8A8A8"
"""A unit that is not beyond the threshold."""


@dataclass(frozen=True, eq=False)
class Grid:
    """A grid of which the axes run to the right, to the front and upwards."""

    shape: tuple[int, int, int]
    affine: np.ndarray

    @property
    def aspect(self) -> float:
        """Height over width of a voxel."""
        sizes = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(sizes[1] / sizes[0])

    @property
    def heights(self) -> np.ndarray:
        """Of the middle of each slice, in mm."""
        middle = [(n - 1) / 2 for n in self.shape[:2]]
        places = [[*middle, k, 1] for k in range(self.shape[2])]
        return (np.array(places) @ self.affine.T)[:, 2]


def upright(volume: np.ndarray, space: Volume) -> tuple[np.ndarray, Grid]:
    """A volume with its axes to the right, to the front and upwards."""
    from nibabel.funcs import as_closest_canonical
    from nibabel.nifti1 import Nifti1Image

    image = as_closest_canonical(Nifti1Image(np.asarray(volume, np.float32), space.affine))
    shape = (int(image.shape[0]), int(image.shape[1]), int(image.shape[2]))
    return np.asarray(image.dataobj), Grid(shape, np.asarray(image.affine))


def anatomy(background: Any, grid: Grid) -> np.ndarray | None:
    """A background on the slices of a grid, as fine in the plane as it is itself.

    Raises
    ------
    InputError
        If it is no volume, or lies elsewhere.
    """
    if background is None:
        return None
    image = open_image(background, "plots.brain")
    values = pixels(image, "plots.brain")
    if values.ndim < 3 or not hasattr(image, "affine"):
        raise InputError(f"plots.brain: the background has shape {values.shape}, no volume.")
    values = values.reshape(*values.shape[:3], -1).mean(-1).astype(np.float32)
    own = np.linalg.norm(image.affine[:3, :3], axis=0).min()
    finer = int(np.clip(np.linalg.norm(grid.affine[:3, 0]) // own, 1, 4))
    affine = grid.affine @ np.diag([1 / finer, 1 / finer, 1, 1])
    # The first of the finer voxels begins where the first of the grid does.
    affine[:3, 3] = (grid.affine @ [*[0.5 / finer - 0.5] * 2, 0, 1])[:3]
    to_own = np.linalg.inv(image.affine) @ affine
    shape = (grid.shape[0] * finer, grid.shape[1] * finer, grid.shape[2])
    below = affine_transform(
        values, to_own[:3, :3], to_own[:3, 3], shape, order=1, cval=np.nan, mode="constant"
    )
    if not np.isfinite(below).any():
        raise InputError(
            "plots.brain: the background and the map do not overlap: the affine of the one is "
            f"{np.round(image.affine, 2).tolist()}, of the other "
            f"{np.round(grid.affine, 2).tolist()}."
        )
    return below


def chosen_slices(filled: np.ndarray, counts: np.ndarray, most: int) -> np.ndarray:
    """At most so many slices, evenly spread; where these miss a unit, first those that hold one.

    Parameters
    ----------
    filled : array
        The slices that have units.
    counts : array, shape (n_slices,)
        How many units of each slice are beyond the threshold.
    most : int
    """
    even = _evenly(filled, min(most, len(filled)))
    holding = np.nonzero(counts)[0]
    if np.isin(holding, even).all():
        return even
    if len(holding) >= most:
        return _evenly(holding, most)
    others = np.setdiff1d(filled, holding)
    return np.sort(np.append(holding, _evenly(others, min(most - len(holding), len(others)))))


def _evenly(places: np.ndarray, n: int) -> np.ndarray:
    # The middles of equal parts: the lowest and the highest slice hold next to nothing.
    return places[((np.arange(n) + 0.5) * len(places) / max(n, 1)).astype(int)]


class Mosaic:
    """Where slices go on a page."""

    def __init__(
        self,
        inside: np.ndarray,
        grid: Grid,
        most: int,
        below: np.ndarray | None,
        beyond: np.ndarray | None = None,
    ):
        filled = np.nonzero(inside.any((0, 1)))[0]
        if not len(filled):
            raise InputError("plots.brain: every score is NaN; there is nothing to draw.")
        counts = np.zeros(inside.shape[2], dtype=int) if beyond is None else beyond.sum((0, 1))
        self.shown = chosen_slices(filled, counts, most)
        rest = np.setdiff1d(np.nonzero(counts)[0], self.shown)
        self.hidden = (int(counts[rest].sum()), len(rest))
        self.columns = min(len(self.shown), int(np.ceil(np.sqrt(len(self.shown) * 1.4))))
        self.rows = -(-len(self.shown) // self.columns)
        self.inside, self.grid, self.below = inside, grid, below
        self.box = _box(inside if below is None else inside | _there(below, inside.shape))

    def size(self, width: float) -> tuple[float, float]:
        """Inches of a figure that they fill, with a colour scale at its side."""
        across, along = self.inside[self.box].shape[:2]
        slice_width = (width - 1.2) / self.columns
        return width, self.rows * (slice_width * along / across * self.grid.aspect + 0.2) + 0.2

    def draw(self, ax: Axes, image: np.ndarray, colours: dict[str, Any]) -> AxesImage:
        """The slices into an axes, and what they stand on."""
        width, height = image[self.box].shape[:2]
        points, form, strip = self._label(ax, width, height)
        extent = (-0.5, self.columns * width - 0.5, -0.5, self.rows * (height + strip) - 0.5)
        look = {"origin": "lower", "aspect": self.grid.aspect, "extent": extent}
        part = ~np.isfinite(image) & self.inside
        if self.below is not None:
            finer = self.below.shape[0] // self.inside.shape[0]
            page = self._page(self.below[_finer(self.box, finer)], strip * finer)
            ax.imshow(page, cmap="gray", **look)
        elif part.any():
            page = self._page(np.where(self.inside, 1.0, np.nan)[self.box], strip)
            flat = ListedColormap([UNCOLOURED]).with_extremes(bad=OUTSIDE)
            ax.imshow(page, cmap=flat, **look)
        bare = self.below is None and not part.any()
        scale = colormaps[colours["cmap"]].with_extremes(bad=OUTSIDE if bare else (0, 0, 0, 0))
        page = self._page(image[self.box], strip)
        drawn = ax.imshow(page, **look, **{**colours, "cmap": scale})
        self._name(ax, (width, height, strip), (points, form))
        say_if_empty(ax, image)
        return drawn

    def draw_colours(self, ax: Axes, images: Sequence[np.ndarray]) -> AxesImage:
        """Two or three images from 0 to 1 as red, (green and) blue; what is below is black."""
        width, height = images[0][self.box].shape[:2]
        points, form, strip = self._label(ax, width, height)
        pages = [self._page(image[self.box], strip) for image in images]
        # (n_rows, n_columns, 3)
        green = pages[1] if len(pages) > 2 else np.zeros_like(pages[0])
        page = np.stack([pages[0], green, pages[-1]], 2)
        outside = ~np.isfinite(page).all(2)
        page = np.clip(page, 0, 1)
        page[outside] = to_rgb(OUTSIDE)
        extent = (-0.5, page.shape[1] - 0.5, -0.5, page.shape[0] - 0.5)
        drawn = ax.imshow(page, origin="lower", aspect=self.grid.aspect, extent=extent)
        self._name(ax, (width, height, strip), (points, form))
        return drawn

    def _label(self, ax: Axes, width: int, height: int) -> tuple[float, str, int]:
        """Points of the letters, their form, and rows of voxels that they need above a slice."""
        inches = ax.get_window_extent().width / ax.figure.dpi
        tall = ax.get_window_extent().height / ax.figure.dpi
        across = min(inches / self.columns, tall / self.rows / (height * self.grid.aspect) * width)
        usual = FontProperties(size=NOTE).get_size_in_points()
        narrow = across * 72 / 8.5 < usual
        points = float(np.clip(across * 72 / 5.5, 3.5, usual))
        voxel = across * 72 / width * self.grid.aspect
        return (
            points,
            "{:.0f} mm" if narrow else "z = {:.0f} mm",
            max(1, int(np.ceil(1.6 * points / voxel))),
        )

    def _page(self, volume: np.ndarray, strip: int) -> np.ndarray:
        """Slices side by side, the lowest at the top left, as rows from below."""
        width, height = volume.shape[:2]
        tall = height + strip
        page = np.full((self.rows * tall, self.columns * width), np.nan)
        for at, k in enumerate(self.shown):
            row, column = self.rows - 1 - at // self.columns, at % self.columns
            rows = slice(row * tall, row * tall + height)
            page[rows, column * width : (column + 1) * width] = volume[:, :, k].T
        return page

    def _name(self, ax: Axes, sizes: tuple[int, int, int], letters: tuple[float, str]) -> None:
        """Heights above the slices; what holds no slice has the colour of the figure."""
        (width, height, strip), (points, form) = sizes, letters
        ground = ax.figure.get_facecolor()
        for at in range(self.rows * self.columns):
            x = at % self.columns * width - 0.5
            y = (self.rows - 1 - at // self.columns) * (height + strip) - 0.5
            empty = at >= len(self.shown)
            start, tall = (y, height + strip) if empty else (y + height, strip)
            ax.add_patch(Rectangle((x, start), width, tall, color=ground, linewidth=0))
            if not empty:
                z = self.grid.heights[self.shown[at]]
                ax.text(
                    x + width / 2, start + 0.15 * strip, form.format(z), ha="center",
                    va="bottom", fontsize=points,
                )  # fmt: skip
        middle = (self.rows - 1) * (height + strip) + height / 2
        for x, side, away in ((-0.5, "L", -4), (self.columns * width - 0.5, "R", 4)):
            ax.annotate(
                side, (x, middle), (away, 0), textcoords="offset points",
                ha="right" if side == "L" else "left", va="center", fontsize=NOTE,
            )  # fmt: skip


def _finer(box: tuple[slice, ...], times: int) -> tuple[slice, ...]:
    across = [slice(each.start * times, each.stop * times) for each in box[:2]]
    return across[0], across[1], slice(None)


def _there(below: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Voxels of the map below which anatomy is not black."""
    finer = below.shape[0] // shape[0]
    seen = np.nan_to_num(below) > 0.05 * np.nanmax(below)
    return seen.reshape(shape[0], finer, shape[1], finer, shape[2]).any((1, 3))


def _box(there: np.ndarray) -> tuple[slice, ...]:
    """The part of the slices that holds anything, with a border of one voxel."""
    ends = []
    for axis in (0, 1):
        other = tuple(a for a in range(3) if a != axis)
        places = np.nonzero(there.any(other))[0]
        low, high = int(places[0]), int(places[-1])
        ends.append(slice(max(0, low - 1), min(there.shape[axis], high + 2)))
    return ends[0], ends[1], slice(None)
