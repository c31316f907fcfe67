"""Scores where they lie in the brain: slices, and a glass brain."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.font_manager import FontProperties

from isocortex.choice import counted, is_number, is_whole
from isocortex.data.needs import door
from isocortex.deprecated import renamed
from isocortex.errors import InputError
from isocortex.formats.map_columns import Level, Maps, Shown, as_maps
from isocortex.formats.maps import map_names, one_map
from isocortex.formats.nifti import map_volume, nifti_image
from isocortex.plots._mosaic import Mosaic, anatomy, upright
from isocortex.plots._names import metric_name
from isocortex.plots._style import (
    DIVERGING,
    MAP,
    NEAR_ZERO,
    NOTE,
    any_threshold,
    axes,
    say_if_empty,
    scale_beside,
)

CHANCES = ("p", "p_fdr", "p_max")
"""Columns of which the least is the most."""


@renamed(scores="maps")
@door
def brain(  # noqa: PLR0913
    maps: Maps,
    like: Any = None,
    *,
    column: str = "score",
    threshold: float | None = None,
    p: Level | None = None,
    background: Any = None,
    slices: int = 12,
    limit: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Scores on axial slices of the recording's own images, left side left.

    Parameters
    ----------
    maps : Scores, Clusters, Responses or array, shape (n_units,)
        One map; folds are averaged. Choose a layer with ``scores.select(layer=...)``.
    like : Responses or Trials, optional
        What :func:`isocortex.read_nifti` returned; default what the units of the map know of
        their grid.
    column : str, default="score"
        What is drawn, as in :func:`isocortex.write_nifti`.
    threshold : float, optional
        Units of which the score is nearer to 0 are left uncoloured.
    p : float or mapping from column to level, optional
        So are units with a larger ``p``; ``{"p_fdr": 0.05}`` takes another column.
    background : path or nibabel image, optional
        Anatomy in grey below the map; it is resampled to the slices.
    slices : int, default=12
        At most so many, evenly spread over those that have units; where a threshold leaves some,
        those that hold them first. How many are in slices that do not fit is said below.
    limit : float, optional
        The score at the end of the colour scale; default the largest magnitude.
    ax : matplotlib Axes, optional
        Where to draw; panels share its room. Default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If there are several maps, no grid of voxels is known, the background lies elsewhere, or
        a number is out of range.

    See Also
    --------
    glass : Through a glass brain, in MNI space.
    surface : On the inflated cortex.
    isocortex.view : To look through in a browser.
    isocortex.write_nifti : The map as a file.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import nibabel
    >>> import numpy as np
    >>> import isocortex as ic
    >>> betas = np.random.default_rng(0).normal(size=(6, 7, 4, 2))
    >>> voxels = ic.read_nifti(nibabel.Nifti1Image(betas, 3 * np.eye(4)))
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.brain(betas[..., 0].ravel(), voxels, ax=ax)
    >>> len(ax.images)
    1
    >>> plt.close(figure)
    """
    if not is_whole(slices) or slices < 1:
        raise InputError(f"plots.brain: slices={slices!r} must be a whole number from 1.")
    maps = as_maps(maps)
    like = maps if like is None else like
    whole, space = map_volume(one_map(maps, "plots.brain"), like, np.nan, "plots.brain")
    drawn_are = Shown(column, threshold, p)
    kept = drawn_are.of(maps, np.nan, "plots.brain")
    image, grid = upright(map_volume(kept, like, np.nan, "plots.brain")[0], space)
    inside = np.isfinite(upright(whole, space)[0])
    beyond = np.isfinite(image)
    thresholded = (beyond != inside).any()
    below = anatomy(background, grid)
    mosaic = Mosaic(inside, grid, slices, below, beyond if thresholded else None)
    ax = axes(ax, mosaic.size(6.4), images=True)
    shown = image if np.isfinite(image).any() or column in CHANCES else whole
    drawn = mosaic.draw(ax, image, colours(shown, limit, column))
    bar = scale_beside(ax, drawn, scale_name(kept, drawn_are), shrink=0.7)
    if threshold and column == "score":
        for level in (threshold, -threshold):
            bar.ax.axhline(level, color="black", linewidth=0.8)
    _say_hidden(ax, *mosaic.hidden)
    ax.set_axis_off()
    return ax


@renamed(scores="maps")
@door
def glass(  # noqa: PLR0913
    maps: Maps,
    like: Any = None,
    *,
    column: str = "score",
    threshold: float | None = None,
    p: Level | None = None,
    limit: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Scores seen through a glass brain from three sides; for recordings in MNI space.

    Parameters
    ----------
    maps : Scores, Clusters, Responses or array, shape (n_units,)
        One map; folds are averaged.
    like : Responses or Trials, optional
        As in :func:`brain`. The outline is that of MNI space; a recording in its subject's own
        space does not fit it (use :func:`brain`).
    column : str, default="score"
        What is drawn, as in :func:`brain`.
    threshold : float, optional
        Units of which the score is nearer to 0 are left out, as in :func:`brain`.
    p : float or mapping from column to level, optional
        So are units with a larger ``p``, as in :func:`brain`.
    limit : float, optional
        The score at the end of the colour scale; default the largest magnitude.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If there are several maps, or no grid of voxels is known.

    See Also
    --------
    brain : On slices of any space.
    surface : On the inflated cortex.
    isocortex.write_nifti : The map as a file.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import nibabel
    >>> import numpy as np
    >>> import isocortex as ic
    >>> affine = np.diag([30.0, 30.0, 30.0, 1.0])
    >>> affine[:3, 3] = -60, -90, -40
    >>> betas = np.random.default_rng(0).normal(size=(5, 6, 4, 2))
    >>> voxels = ic.read_nifti(nibabel.Nifti1Image(betas, affine))
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.glass(betas[..., 0].ravel(), voxels, ax=ax)
    >>> len(figure.axes) > 1  # one for each side
    True
    >>> plt.close(figure)
    """
    from nilearn.plotting import plot_glass_brain

    maps = as_maps(maps)
    drawn = Shown(column, threshold, p)
    kept = drawn.of(one_map(maps, "plots.glass"), np.nan, "plots.glass")
    values, space = map_volume(kept, maps if like is None else like, np.nan, "plots.glass")
    scale = colours(values, limit, column)
    ax = axes(ax, (7.5, 2.6), images=True)
    scale_beside(ax, shades(scale), scale_name(kept, drawn), shrink=0.8)
    with any_threshold():
        seen = plot_glass_brain(
            nifti_image(np.nan_to_num(values), space), axes=ax, plot_abs=False, colorbar=False,
            threshold=NEAR_ZERO, cmap=scale["cmap"], vmin=scale["vmin"], vmax=scale["vmax"],
            annotate=False,
        )  # fmt: skip
    seen.annotate(size=FontProperties(size=NOTE).get_size_in_points())
    _follow(ax, seen)
    say_if_empty(ax, values)
    return ax


def _say_hidden(ax: Axes, n_units: int, n_slices: int) -> None:
    """Below the slices: how much is beyond the threshold in others."""
    if n_units:
        units, where = counted(n_units, "unit"), counted(n_slices, "slice")
        said = f"{units} beyond the threshold in {where} not shown"
        ax.text(0.5, -0.01, said, transform=ax.transAxes, ha="center", va="top", fontsize=NOTE)


def _follow(ax: Axes, seen: Any) -> None:
    """Keep the sides of a glass brain where their axes are, however the figure is laid out."""

    def stays(own: Any) -> Any:
        def locator(part: Axes, renderer: Any) -> Any:
            box = ax.get_position()
            seen.rect = (box.x0, box.y0, box.x1, box.y1)
            return own(part, renderer)

        return locator

    for side in seen.axes.values():
        side.ax.set_axes_locator(stays(side.ax.get_axes_locator()))


def colours(values: np.ndarray, limit: float | None, column: str = "score") -> dict[str, Any]:
    """Around zero where there are negative scores, else from zero; the least p is the brightest.

    Raises
    ------
    InputError
        If the limit is not above 0.
    """
    if limit is not None and not (is_number(limit) and 0 < limit < np.inf):
        raise InputError(f"limit={limit!r} must be a number above 0, the end of the colour scale.")
    finite = values[np.isfinite(values)]
    high = limit or float(np.abs(finite).max(initial=0.0)) or 1.0
    if column in CHANCES:
        return {"cmap": f"{MAP}_r", "vmin": 0.0, "vmax": high}
    negative = bool((finite < 0).any())
    return {
        "cmap": DIVERGING if negative else MAP,
        "vmin": -high if negative else 0.0,
        "vmax": high,
    }


def shades(scale: dict[str, Any]) -> ScalarMappable:
    """Colours and their ends, for a scale beside a picture that others draw."""
    return ScalarMappable(Normalize(scale["vmin"], scale["vmax"]), scale["cmap"])


def scale_name(maps: Any, drawn: Shown) -> str:
    """The name of a colour scale, and which units have colours at all."""
    kept = drawn.in_words().replace(" ≥ ", "\N{NO-BREAK SPACE}≥\N{NO-BREAK SPACE}")
    return f"{metric_of(maps)}\n({kept})" if kept else metric_of(maps)


def metric_of(maps: Any) -> str:
    """The name for a colour scale: what the scores are, and of which layer."""
    metric = metric_name(getattr(maps, "metric", ""))
    names = map_names(maps, 1)
    return f"{metric}, {names[0]}" if metric and names[0] != "map 1" else metric
