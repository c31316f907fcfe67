"""Scores where they lie in the brain: slices, a glass brain, a surface."""

from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes

from isocortex.choice import one_of
from isocortex.errors import InputError
from isocortex.formats.maps import map_names, map_rows, one_map
from isocortex.formats.nifti import map_image, map_volume
from isocortex.formats.space import Surface, Volume
from isocortex.plots._style import DIVERGING, MAP, axes

HEMISPHERES = ("left", "right")
FSAVERAGE5 = 10242
OUTSIDE = "#DADADA"
"""Where there is no unit: unlike the colour of a score of zero."""


def brain(
    scores: Any,
    like: Any,
    *,
    background: Any = None,
    slices: int = 12,
    limit: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Scores on axial slices of the recording's own images, left side left.

    Parameters
    ----------
    scores : Scores, Responses or array, shape (n_units,)
        One map; folds are averaged. Choose a layer with ``scores.select(layer=...)``.
    like : Responses or Trials
        What :func:`isocortex.read_nifti` returned.
    background : path or nibabel image, optional
        In grey below the map; on the grid of the recording.
    slices : int, default=12
        At most so many, evenly spread over those that have units.
    limit : float, optional
        The score at the end of the colour scale; default the largest magnitude.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If there are several maps, or ``like`` has no grid of voxels.

    See Also
    --------
    glass : Through a glass brain, in MNI space.
    surface : On the inflated cortex.
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
    volume, space = map_volume(one_map(scores, "plots.brain"), like, np.nan, "plots.brain")
    image, sizes, heights = _upright(volume, space)
    filled = np.nonzero(np.isfinite(image).any((0, 1)))[0]
    if not len(filled):
        raise InputError("plots.brain: every score is NaN; there is nothing to draw.")
    shown = filled[np.unique(np.linspace(0, len(filled) - 1, slices).round().astype(int))]
    below = None if background is None else _upright(_grid(background, space), space)[0]
    box = _box(np.isfinite(image) if below is None else np.ones(image.shape, bool))
    columns = min(len(shown), int(np.ceil(np.sqrt(len(shown) * 1.4))))
    ax = axes(ax, (6.4, 4.6))
    if below is not None:
        ax.imshow(_montage(below[box], shown, columns), origin="lower", cmap="gray", aspect=sizes)
    colours = _colours(image, limit)
    outside = OUTSIDE if below is None else (0, 0, 0, 0)
    colours["cmap"] = colormaps[colours["cmap"]].with_extremes(bad=outside)
    drawn = ax.imshow(_montage(image[box], shown, columns), origin="lower", aspect=sizes, **colours)
    _name_slices(ax, image[box].shape, heights[shown], columns)
    ax.figure.colorbar(drawn, ax=ax, shrink=0.7, label=_metric(scores))
    ax.set_axis_off()
    return ax


def glass(scores: Any, like: Any, *, limit: float | None = None, ax: Axes | None = None) -> Axes:
    """Scores seen through a glass brain from three sides; for recordings in MNI space.

    Parameters
    ----------
    scores : Scores, Responses or array, shape (n_units,)
        One map; folds are averaged.
    like : Responses or Trials
        What :func:`isocortex.read_nifti` returned. The outline is that of MNI space; a
        recording in its subject's own space does not fit it (use :func:`brain`).
    limit : float, optional
        The score at the end of the colour scale; default the largest magnitude.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If there are several maps, or ``like`` has no grid of voxels.

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

    image = map_image(one_map(scores, "plots.glass"), like)
    colours = _colours(np.asarray(image.dataobj), limit)
    ax = axes(ax, (7.5, 2.8))
    plot_glass_brain(
        image,
        axes=ax,
        plot_abs=False,
        colorbar=True,
        threshold=None,
        cmap=colours["cmap"],
        vmin=colours["vmin"],
        vmax=colours["vmax"],
    )
    return ax


def surface(
    scores: Any,
    like: Any,
    *,
    hemisphere: str = "left",
    view: str = "lateral",
    limit: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Scores on the inflated cortex of fsaverage5, which nilearn has with it.

    Parameters
    ----------
    scores : Scores, Responses or array, shape (n_units,)
        One map; folds are averaged.
    like : Responses or Trials
        What :func:`isocortex.read_nifti` returned, in MNI space (voxels are projected onto
        the surface), or :func:`isocortex.read_gifti`, on fsaverage5 (10 242 vertices).
    hemisphere : {"left", "right"}, default="left"
    view : str, default="lateral"
        ``"lateral"``, ``"medial"``, ``"ventral"``, ``"dorsal"``, ``"anterior"``, ``"posterior"``.
    limit : float, optional
        The score at the end of the colour scale; default the largest magnitude.
    ax : matplotlib Axes with projection="3d", optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If there are several maps, or the recording lies on another mesh.

    See Also
    --------
    brain, glass : Voxels.
    isocortex.read_gifti : Reads a recording on the mesh.
    isocortex.write_gifti : The map as a file.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import nibabel
    >>> import numpy as np
    >>> import isocortex as ic
    >>> values = np.random.default_rng(0).normal(size=(2, 10242)).astype(np.float32)
    >>> arrays = [nibabel.gifti.GiftiDataArray(row) for row in values]
    >>> recording = ic.read_gifti(nibabel.gifti.GiftiImage(darrays=arrays))
    >>> figure, ax = plt.subplots(subplot_kw={"projection": "3d"})
    >>> ax = ic.plots.surface(values[0] - values[1], recording, ax=ax)
    >>> len(ax.collections)
    1
    >>> plt.close(figure)
    """
    from nilearn.datasets import fetch_surf_fsaverage
    from nilearn.plotting import plot_surf_stat_map

    hemisphere = one_of(hemisphere, HEMISPHERES, "hemisphere")
    mesh = fetch_surf_fsaverage("fsaverage5")
    values = _on_vertices(one_map(scores, "plots.surface"), like, mesh[f"pial_{hemisphere}"])
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.subplots(figsize=(5, 4), subplot_kw={"projection": "3d"})[1]
    colours = _colours(values, limit)
    plot_surf_stat_map(
        mesh[f"infl_{hemisphere}"],
        values,
        bg_map=mesh[f"sulc_{hemisphere}"],
        hemi=hemisphere,
        view=view,
        engine="matplotlib",
        cmap=colours["cmap"],
        vmin=colours["vmin"],
        vmax=colours["vmax"],
        colorbar=True,
        axes=ax,
    )
    return ax


def _on_vertices(scores: Any, like: Any, mesh: Any) -> np.ndarray:
    """A map on the vertices of fsaverage5, NaN where there is none."""
    space = getattr(like, "units", None)
    space = None if space is None else space.attrs.get("space")
    if isinstance(space, Surface):
        if space.n_vertices != FSAVERAGE5:
            raise InputError(
                f"plots.surface draws on fsaverage5, which has {FSAVERAGE5} vertices; the "
                f"recording has {space.n_vertices}. Resample it, or write it with write_gifti "
                "and draw it on its own mesh with nilearn.plotting.plot_surf_stat_map."
            )
        rows, units = map_rows(scores, like.units, ("vertex",), "plots.surface")
        values = np.full(FSAVERAGE5, np.nan)
        values[units["vertex"].to_numpy()] = rows[0]
        return values
    from nilearn.surface import vol_to_surf

    map_volume(scores, like, np.nan, "plots.surface")
    # Linear interpolation between voxels and their empty neighbours would fade the border.
    image = map_image(scores, like, outside=np.nan)
    return np.asarray(vol_to_surf(image, mesh, interpolation="nearest_most_frequent"))


def _upright(volume: np.ndarray, space: Volume) -> tuple[np.ndarray, float, np.ndarray]:
    """Axes to the right, to the front and upwards; height over width of a voxel; z in mm."""
    from nibabel.funcs import as_closest_canonical
    from nibabel.nifti1 import Nifti1Image

    image = as_closest_canonical(Nifti1Image(np.asarray(volume, np.float32), space.affine))
    zooms = image.header.get_zooms()
    middle = [(n - 1) / 2 for n in image.shape[:2]]
    heights = [(image.affine @ [*middle, k, 1])[2] for k in range(image.shape[2])]
    return np.asarray(image.dataobj), float(zooms[1] / zooms[0]), np.array(heights)


def _grid(background: Any, space: Volume) -> np.ndarray:
    from isocortex.formats.files import open_image, pixels

    values = pixels(open_image(background, "plots.brain"), "plots.brain")
    values = values.reshape(*values.shape[:3], -1).mean(-1)
    if values.shape != space.shape:
        raise InputError(
            f"plots.brain: the background has shape {values.shape}, the recording {space.shape}; "
            "resample it first: nilearn.image.resample_to_img."
        )
    return values


def _box(there: np.ndarray) -> tuple[slice, slice, slice]:
    """The part of the slices that holds anything, with a border of one voxel."""
    ends = []
    for axis in (0, 1):
        other = tuple(a for a in range(3) if a != axis)
        places = np.nonzero(there.any(other))[0]
        low, high = int(places[0]), int(places[-1])
        ends.append(slice(max(0, low - 1), min(there.shape[axis], high + 2)))
    return ends[0], ends[1], slice(None)


def _montage(volume: np.ndarray, shown: np.ndarray, columns: int) -> np.ndarray:
    """Slices side by side, the lowest at the top left, as rows from below."""
    rows = -(-len(shown) // columns)
    width, height = volume.shape[:2]
    page = np.full((rows * height, columns * width), np.nan)
    for at, k in enumerate(shown):
        row, column = rows - 1 - at // columns, at % columns
        page[row * height : (row + 1) * height, column * width : (column + 1) * width] = volume[
            :, :, k
        ].T
    return page


def _name_slices(ax: Axes, shape: tuple[int, ...], heights: np.ndarray, columns: int) -> None:
    rows = -(-len(heights) // columns)
    for at, z in enumerate(heights):
        x = (at % columns + 0.5) * shape[0] - 0.5
        y = (rows - at // columns) * shape[1] - 0.6
        ax.text(x, y, f"z = {z:.0f} mm", ha="center", va="bottom", fontsize=7)
    for x, name in ((-0.5, "L"), (columns * shape[0] - 0.5, "R")):
        ax.annotate(
            name, (x, 0), (-6 if name == "L" else 6, 0), textcoords="offset points",
            ha="right" if name == "L" else "left", fontsize=8,
        )  # fmt: skip


def _colours(values: np.ndarray, limit: float | None) -> dict[str, Any]:
    """Around zero where there are negative scores, else from zero."""
    finite = values[np.isfinite(values)]
    high = limit or float(np.abs(finite).max(initial=0.0)) or 1.0
    negative = bool((finite < 0).any())
    return {
        "cmap": DIVERGING if negative else MAP,
        "vmin": -high if negative else 0.0,
        "vmax": high,
    }


def _metric(scores: Any) -> str:
    metric = getattr(scores, "metric", "")
    names = map_names(scores, 1)
    return f"{metric}, {names[0]}" if metric and names[0] != "map 1" else metric
