"""Maps to look through in a browser: one file that holds all it needs."""

import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import binary_erosion

from isocortex.choice import one_of
from isocortex.data.needs import door
from isocortex.errors import InputError
from isocortex.formats.files import open_image
from isocortex.formats.map_columns import Level, Maps, Shown, as_maps
from isocortex.formats.maps import one_map
from isocortex.formats.nifti import map_volume, nifti_image
from isocortex.formats.space import Hemispheres, Surface, Volume
from isocortex.plots._style import NEAR_ZERO, any_threshold
from isocortex.plots._turned import turned
from isocortex.plots.brains import colours, metric_of
from isocortex.plots.cortex import HEMISPHERES, on_vertices
from isocortex.store.atomic import whole

FETCHED = re.compile(
    r"""(?:src|href)\s*=\s*["'](?:https?:)?//[^"']+["']|@import|url\(\s*['"]?https?:"""
)
"""What a browser would ask a network for."""
ICON = re.compile(r"<link[^>]*icon[^>]*>")
"""nilearn's pages have theirs from its repository."""


@door
@dataclass(frozen=True, eq=False)
class View:
    """An interactive page of one map.

    Shown by notebooks; :meth:`save` writes it. It asks nothing of any network.

    Parameters
    ----------
    html : str
        The whole page.
    title : str, default=""
        What the map is; the title of the frame in which a notebook shows it.

    See Also
    --------
    view : Makes it.

    Examples
    --------
    >>> import isocortex as ic
    >>> ic.View("<!DOCTYPE html><title>a map</title>", "a map")
    View('a map', 0.035 kB)
    """

    html: str = field(repr=False)
    title: str = ""

    def save(self, path: str | Path) -> Path:
        """Write the page; it has another name until it is whole.

        Raises
        ------
        InputError
            If the path does not end in .html.
        """
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise InputError(f"view: {path.name!r} must end in .html.")
        with whole(path) as draft:
            Path(draft).write_text(self.html, encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.html)}" title="{escape(self.title)}" width="100%" '
            'height="420" style="border:0"></iframe>'
        )

    def __repr__(self) -> str:
        return f"View({self.title!r}, {len(self.html) / 1000:.3g} kB)"


@door
def view(  # noqa: PLR0913
    maps: Maps,
    path: str | Path | None = None,
    like: Any = None,
    *,
    column: str = "score",
    threshold: float | None = None,
    p: Level | None = None,
    background: Any = None,
    hemisphere: str = "left",
    limit: float | None = None,
    title: str = "",
) -> View:
    """Look through a map in a browser: slices to click through, or a cortex to turn.

    Parameters
    ----------
    maps : Scores, Clusters, Responses or array, shape (n_units,)
        One map, of voxels or of the vertices of fsaverage5; folds are averaged.
    path : path, optional
        Ends in .html: where the page is written.
    like : Responses or Trials, optional
        The recording; default what the units of the map know of their space.
    column : str, default="score"
        What is drawn, as in :func:`isocortex.plots.brain`.
    threshold : float, optional
        Units of which the score is nearer to 0 are left out, as in :func:`isocortex.plots.brain`.
    p : float or mapping from column to level, optional
        So are units with a larger ``p``, as in :func:`isocortex.plots.brain`.
    background : path, nibabel image or "mni", optional
        Anatomy below voxels; ``"mni"`` is the MNI template that nilearn has with it. Default
        units in one grey.
    hemisphere : {"left", "right"}, default="left"
        Of the cortex on which vertices are shown.
    limit : float, optional
        The score at the end of the colour scale; default the largest magnitude.
    title : str, default=""
        Of the page; default the name of what is drawn.

    Returns
    -------
    View

    Raises
    ------
    InputError
        If there are several maps, none of the units is left, or it is not known where they lie.

    See Also
    --------
    plots.brain, plots.surface, plots.topography : Figures.
    write_nifti : For other viewers.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import nibabel
    >>> import numpy as np
    >>> import isocortex as ic
    >>> betas = np.random.default_rng(0).normal(size=(8, 9, 6, 2))
    >>> voxels = ic.read_nifti(nibabel.Nifti1Image(betas, 3 * np.eye(4)))
    >>> scores = ic.Scores(voxels.numpy()[0], {"unit": voxels.units}, "spearman")
    >>> with TemporaryDirectory() as folder:
    ...     page = ic.view(scores, f"{folder}/map.html", threshold=1.0)
    ...     print("<html" in page.html, "http://" in page.html[:200])
    True False
    """
    if path is not None and Path(path).suffix.lower() not in (".html", ".htm"):
        raise InputError(f"view: {Path(path).name!r} must end in .html.")
    maps = as_maps(maps)
    like = maps if like is None else like
    kept = Shown(column, threshold, p).of(one_map(maps, "view"), np.nan, "view")
    title = title or metric_of(kept)
    space = _space(like)
    if isinstance(space, Surface | Hemispheres):
        html = _turned(kept, like, hemisphere, limit, title)
    elif isinstance(space, Volume):
        html = _sliced(kept, like, _below(background, maps, like), limit, title)
    else:
        raise InputError(
            "view: it is not known where the units lie: they have no space of a volume or of a "
            "surface. Give like=recording, what read_nifti or read_gifti returned; sensors are "
            "drawn by plots.topography."
        )
    asked = FETCHED.search(html)
    if asked:
        raise InputError(f"view: the page would ask a network for {asked.group()[:80]!r}.")
    page = View(html, title)
    if path is not None:
        page.save(path)
    return page


def _space(like: Any) -> Any:
    units = like.tables.get("unit") if hasattr(like, "tables") else getattr(like, "units", None)
    return None if units is None else units.attrs.get("space")


def _below(background: Any, maps: Any, like: Any) -> Any:
    """Anatomy, or where there are units."""
    if isinstance(background, str) and background == "mni":
        return "MNI152"
    if background is not None:
        return open_image(background, "view")
    volume, space = map_volume(Shown().of(maps, np.nan, "view"), like, np.nan, "view")
    inside = np.isfinite(volume)
    # In two shades, since nilearn scales its greys by those that there are.
    border = inside & np.logical_not(binary_erosion(inside, np.ones((3, 3, 1))))
    return nifti_image(np.where(border, 1.0, 2.0).astype(np.float32) * inside, space)


def _sliced(kept: Any, like: Any, below: Any, limit: float | None, title: str) -> str:
    from nilearn.plotting import view_img

    volume, space = map_volume(kept, like, np.nan, "view")
    _refuse_empty(volume)
    scale = colours(volume, limit)
    both = scale["vmin"] < 0
    with any_threshold():
        page = view_img(
            nifti_image(np.nan_to_num(volume), space),
            bg_img=below,
            cmap=scale["cmap"],
            symmetric_cmap=both,
            vmax=scale["vmax"],
            vmin=None if both else 0,
            threshold=NEAR_ZERO,
            resampling_interpolation="nearest",
            black_bg=True,
        ).get_standalone()
    page = ICON.sub("", re.sub("<title>.*?</title>", "", page, flags=re.DOTALL))
    style = "font: 1.1em sans-serif; margin: 0.5em"
    head = f'<title>{escape(title)}</title><h1 style="{style}">{escape(title)}</h1>'
    return re.sub("<body[^>]*>", lambda found: found.group() + head, page, count=1)


def _refuse_empty(values: np.ndarray) -> None:
    if not np.isfinite(values).any():
        raise InputError("view: no unit is beyond the threshold; there is nothing to look at.")


def _turned(kept: Any, like: Any, hemisphere: str, limit: float | None, title: str) -> str:
    from nilearn.datasets import fetch_surf_fsaverage
    from nilearn.surface import load_surf_data, load_surf_mesh

    side = one_of(hemisphere, HEMISPHERES, "hemisphere")
    files = fetch_surf_fsaverage("fsaverage5")
    values = on_vertices(kept, like, files[f"pial_{side}"], "view", side)
    _refuse_empty(values)
    mesh = load_surf_mesh(files[f"infl_{side}"])
    sulci = np.asarray(load_surf_data(files[f"sulc_{side}"]))
    return turned(
        np.asarray(mesh.coordinates),
        np.asarray(mesh.faces),
        (values, sulci),
        colours(values, limit),
        (title, side),
    )
