"""Scores on the inflated cortex: one hemisphere, or both from two sides."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from isocortex.choice import one_of
from isocortex.data.needs import door
from isocortex.deprecated import renamed
from isocortex.errors import InputError
from isocortex.formats.map_columns import Level, Maps, Shown, as_maps
from isocortex.formats.maps import map_rows, one_map
from isocortex.formats.nifti import map_volume, nifti_image
from isocortex.formats.space import Hemispheres, Surface, Volume
from isocortex.plots._style import NOTE, any_threshold, axes, say_if_empty, scale_beside
from isocortex.plots.brains import colours, scale_name, shades

HEMISPHERES = ("left", "right")
FSAVERAGE5 = 10242


@renamed(scores="maps")
@door
def surface(  # noqa: PLR0913
    maps: Maps | Mapping[str, Any],
    like: Any = None,
    *,
    column: str = "score",
    threshold: float | None = None,
    p: Level | None = None,
    hemisphere: str = "left",
    view: str = "lateral",
    limit: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Scores on the inflated cortex of fsaverage5, which nilearn has with it.

    Parameters
    ----------
    maps : Scores, Clusters, Responses or array, shape (n_units,)
        One map; folds are averaged. Of both hemispheres of a surface
        ``{"left": ..., "right": ...}``.
    like : Responses or Trials, optional
        What :func:`isocortex.read_nifti` returned, in MNI space (voxels are projected onto
        the surface), or :func:`isocortex.read_surface` or :func:`isocortex.read_gifti`, on
        fsaverage5 (10 242 vertices); default what the units of the maps know of their space. Of
        both hemispheres as ``maps``, or one recording of both.
    column : str, default="score"
        What is drawn, as in :func:`brain`.
    threshold : float, optional
        Units of which the score is nearer to 0 are left out, as in :func:`brain`.
    p : float or mapping from column to level, optional
        So are units with a larger ``p``, as in :func:`brain`.
    hemisphere : {"left", "right", "both"}, default="left"
        Both are shown from outside and from between them.
    view : str, default="lateral"
        ``"lateral"``, ``"medial"``, ``"ventral"``, ``"dorsal"``, ``"anterior"``, ``"posterior"``;
        of one hemisphere.
    limit : float, optional
        The score at the end of the colour scale; default the largest magnitude.
    ax : matplotlib Axes, optional
        With ``projection="3d"``, if one hemisphere is drawn.

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
    isocortex.view : To turn it in a browser.
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

    sides = HEMISPHERES if hemisphere == "both" else (_one(hemisphere, maps),)
    mesh = fetch_surf_fsaverage("fsaverage5")
    drawn = Shown(column, threshold, p)
    values, name = {}, ""
    for side in sides:
        own = _side(maps, side)
        of = own if like is None else _side(like, side)
        kept = drawn.of(one_map(own, "plots.surface"), np.nan, "plots.surface")
        values[side] = on_vertices(kept, of, mesh[f"pial_{side}"], "plots.surface", side)
        name = scale_name(kept, drawn)
    all_values = np.concatenate(list(values.values()))
    scale = colours(all_values, limit, column)
    if len(sides) == 2:
        ax = _both(values, mesh, scale, axes(ax, (7.0, 5.0), images=True))
    else:
        ax = axes(ax, (4.6, 3.2), images=True, projection="3d")
        _drawn(values[sides[0]], mesh, (sides[0], view), scale, ax)
    scale_beside(ax, shades(scale), name, shrink=0.7)
    say_if_empty(ax, all_values)
    return ax


def _one(hemisphere: str, maps: Any) -> str:
    side = one_of(hemisphere, (*HEMISPHERES, "both"), "hemisphere")
    if isinstance(maps, Mapping) and side not in maps:
        raise InputError(f"plots.surface: the maps have no hemisphere {side!r}, only {list(maps)}.")
    return side


def _side(given: Any, side: str) -> Any:
    """What is given for one hemisphere, or for the whole brain."""
    if isinstance(given, Mapping):
        if side not in given:
            raise InputError(f"plots.surface: there is no map of the {side} hemisphere.")
        given = given[side]
    return as_maps(given)


def _both(values: Mapping[str, np.ndarray], mesh: Any, scale: dict[str, Any], ax: Axes) -> Axes:
    """Left and right beside each other, from outside above, from between them below."""
    ax.set_axis_off()
    for column, side in enumerate(values):
        for row, view in enumerate(("lateral", "medial")):
            box = (0.5 * column - 0.06, 0.44 - 0.5 * row, 0.62, 0.62)
            part = ax.inset_axes(box, projection="3d")
            part.patch.set_alpha(0)
            _drawn(values[side], mesh, (side, view), scale, part)
        ax.text(0.5 * column + 0.25, 1.0, side, ha="center", va="bottom", fontsize=NOTE)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    return ax


def _drawn(
    values: np.ndarray, mesh: Any, where: tuple[str, str], look: dict[str, Any], ax: Axes
) -> None:
    from nilearn.plotting import plot_surf_stat_map

    side, view = where
    with any_threshold():
        plot_surf_stat_map(
            mesh[f"infl_{side}"],
            values,
            bg_map=mesh[f"sulc_{side}"],
            hemi=side,
            view=view,
            engine="matplotlib",
            axes=ax,
            colorbar=False,
            **look,
        )


def on_vertices(scores: Any, like: Any, mesh: Any, who: str, side: str) -> np.ndarray:
    """A map on the vertices of a hemisphere of fsaverage5, NaN where there is none.

    Raises
    ------
    InputError
        If the recording lies on another mesh, or its place is not known.
    """
    units = like.tables.get("unit") if hasattr(like, "tables") else getattr(like, "units", None)
    space = None if units is None else units.attrs.get("space")
    if units is not None and isinstance(space, Surface | Hemispheres):
        key = ("vertex",) if isinstance(space, Surface) else ("hemisphere", "vertex")
        space = space if isinstance(space, Surface) else space.meshes[side]
        if space.n_vertices != FSAVERAGE5:
            raise InputError(
                f"{who} draws on fsaverage5, which has {FSAVERAGE5} vertices; the "
                f"recording has {space.n_vertices}. Resample it, or write it with write_gifti "
                "and draw it on its own mesh with nilearn.plotting.plot_surf_stat_map."
            )
        rows, own = map_rows(scores, units, key, who)
        here = np.full(len(own), True) if len(key) == 1 else (own["hemisphere"] == side).to_numpy()
        values = np.full(FSAVERAGE5, np.nan)
        values[own["vertex"].to_numpy()[here]] = rows[0][here]
        return values
    from nilearn.surface import vol_to_surf

    volume, space = map_volume(scores, like, np.nan, who)
    # Linear interpolation between voxels and their empty neighbours would fade the border.
    image = _around(volume, space, mesh, who)
    return np.asarray(vol_to_surf(image, mesh, interpolation="nearest_most_frequent"))


def _around(volume: np.ndarray, space: Volume, mesh: Any, who: str) -> Any:
    """An image as large as the cortex, NaN beyond the volume: nilearn needs voxels everywhere."""
    from nilearn.surface import load_surf_mesh

    points = np.asarray(load_surf_mesh(mesh).coordinates)
    to_voxels = np.linalg.inv(space.affine)
    voxels = points @ to_voxels[:3, :3].T + to_voxels[:3, 3]
    margin = 5 / np.linalg.norm(space.affine[:3, :3], axis=0)
    low = np.floor(voxels.min(0) - margin).astype(int)
    high = np.ceil(voxels.max(0) + margin).astype(int)
    shape = np.array(space.shape)
    if (low >= shape).any() or (high < 0).any():
        raise InputError(
            f"{who}: the image and the cortex of fsaverage5 do not overlap, so the recording is "
            "not in MNI space. Draw it with plots.brain."
        )
    before, after = np.maximum(-low, 0), np.maximum(high + 1 - shape, 0)
    affine = space.affine.copy()
    affine[:3, 3] -= affine[:3, :3] @ before
    whole = np.pad(volume, np.column_stack([before, after]), constant_values=np.nan)
    return nifti_image(whole, Volume(whole.shape, affine))
