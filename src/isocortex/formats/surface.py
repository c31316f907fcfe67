"""Recordings on the cortex: one hemisphere or both, of GIFTI, FreeSurfer or nilearn."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import listed
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.formats.files import row_names
from isocortex.formats.flat import masked, spread
from isocortex.formats.map_columns import Level, Maps, Shown, as_maps, empty_of
from isocortex.formats.maps import map_names, map_rows
from isocortex.formats.mesh_files import MeshRows, mask_of_mesh, mesh_rows, write_mesh
from isocortex.formats.opened_images import WHAT
from isocortex.formats.sides import SIDES, side_of_word, structure_of
from isocortex.formats.space import Hemispheres, Surface, space_of, with_space
from isocortex.reading import reader
from isocortex.types import ImageLike, Values

OneSide = ImageLike | Sequence[ImageLike]


@door
@reader(WHAT)
def read_surface(
    image: OneSide | Mapping[str, OneSide],
    mask: ImageLike | Values | Mapping[str, ImageLike | Values] | None = None,
    stimuli: Stimuli | Iterable[object] | None = None,
    *,
    labels: Mapping[str, Any] | None = None,
    nan: str = "error",
) -> Responses:
    """Read numbers on the cortex, of one hemisphere or of both.

    Parameters
    ----------
    image : path, nibabel image, list of these, mapping of these, or SurfaceImage of nilearn
        GIFTI (``.func.gii``), mgh and mgz of shape (n_vertices, 1, 1) or (n_vertices, 1, 1,
        n_stimuli), and FreeSurfer's overlays (``lh.thickness``, ``lh.curv``, ``lh.sulc``). A
        list, such as one overlay for each subject, is read in its order. Of both hemispheres
        ``{"left": ..., "right": ...}``.
    mask : path, nibabel image, array of shape (n_vertices,), or mapping of these, optional
        Whole numbers, 0 outside, or an annotation (``lh.aparc.annot``), whose medial wall and
        unknown vertices are outside. Of both hemispheres as ``image``. Default: vertices that
        differ from 0 in some row.
    stimuli : Stimuli or sequence of str, length n_stimuli, optional
        The stimulus of each map, each once. Default: ``stimulus 0``, ``stimulus 1`` …
    labels : mapping, optional
        What is true of all of it, such as ``{"subject": 3, "measure": "thickness"}``.
    nan : {"error", "drop"}, default="error"
        What to do about vertices that hold NaN: refuse, or leave them out.

    Returns
    -------
    Responses, shape (n_stimuli, n_vertices of the mask)
        Units have ``hemisphere`` (``left``, ``right``; where it is known by the key, the name of
        the file or what it says of itself), ``vertex`` (from 0 in each hemisphere), ``mask``
        and, of annotations and label files, ``region``.

    Raises
    ------
    InputError
        If a mask does not fit or is empty, the hemispheres have different numbers of rows, a
        file is of another hemisphere than its key says, or a vertex holds NaN.
    NotFoundError, FormatError
        If a file is not there, is damaged, or holds a mesh.

    See Also
    --------
    write_surface : A map on the same vertices.
    read_volumes : Time series, in which a stimulus comes many times.
    regions : The mean of each region, ``regions(recording, by="region")``; of both hemispheres
        together where their names are the same.
    neighbours, searchlight : Analyses along the cortex.
    read_gifti, read_cifti : One mesh, and grayordinates.

    Notes
    -----
    An annotation as ``image`` has one row, the place of each region in its table. The column
    ``mask`` of an annotation has the same numbers.

    Examples
    --------
    >>> import nibabel
    >>> import numpy as np
    >>> import isocortex as ic
    >>> thick = np.random.default_rng(0).normal(2.5, 0.3, size=(10, 1, 1)).astype(np.float32)
    >>> both = {side: nibabel.MGHImage(thick, np.eye(4)) for side in ("left", "right")}
    >>> recording = ic.read_surface(both, stimuli=["sub-01"], labels={"measure": "thickness"})
    >>> recording
    Responses(1 stimulus x 20 units, float32, measure='thickness')
    >>> recording.units["hemisphere"].value_counts().to_dict()
    {'left': 10, 'right': 10}
    """
    values, units = cortex(image, mask, nan, "read_surface")
    return Responses(values, row_names(stimuli, len(values), "read_surface"), units, labels)


@door
def write_surface(  # noqa: PLR0913
    maps: Maps,
    path: str | Path | Mapping[str, str | Path],
    like: Responses | Trials | None = None,
    *,
    column: str = "score",
    threshold: float | None = None,
    p: Level | None = None,
    outside: float | None = None,
) -> Path | dict[str, Path]:
    """Write maps on the vertices of a recording, one file for each hemisphere.

    Parameters
    ----------
    maps : Scores, Clusters, Responses or array
        As in :func:`isocortex.write_nifti`.
    path : path, or mapping of paths
        Ends in .gii, .mgh or .mgz; or begins with lh. or rh. and has none of these endings
        (``lh.score``), which is an overlay of FreeSurfer with one map. Of both hemispheres
        ``{"left": ..., "right": ...}``.
    like : Responses or Trials, optional
        What :func:`read_surface` or :func:`read_gifti` returned. Default what the units of the
        maps know of their mesh.
    column : str, default="score"
        What is written, as in :func:`isocortex.write_nifti`.
    threshold : float, optional
        Units of which the score is nearer to 0 are written as ``outside``.
    p : float or mapping from column to level, optional
        So are units with a larger ``p``, as in :func:`isocortex.write_nifti`.
    outside : float, optional
        The value of vertices that are not kept, as in :func:`isocortex.write_nifti`.

    Returns
    -------
    Path, or dict of Path
        As ``path``. Each file is written under another name and then renamed.

    Raises
    ------
    InputError
        If units and ``like`` do not fit, paths and hemispheres differ, or the file cannot hold
        several maps.

    See Also
    --------
    read_surface : Reads the recording.
    write_gifti, write_cifti, write_nifti : One mesh, grayordinates, volumes.
    plots.surface : Draws a map without a file.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import nibabel
    >>> import numpy as np
    >>> import isocortex as ic
    >>> betas = np.random.default_rng(0).normal(size=(10, 1, 1, 2)).astype(np.float32)
    >>> recording = ic.read_surface(nibabel.MGHImage(betas, np.eye(4)), stimuli=["face", "house"])
    >>> contrast = recording.numpy()[0] - recording.numpy()[1]
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.write_surface(contrast, f"{folder}/lh.contrast.mgh", recording)
    ...     ic.read_surface(path)
    Responses(1 stimulus x 10 units, float32)
    """
    who = "write_surface"
    maps = as_maps(maps)
    outside = empty_of(column, outside)
    shown = Shown(column, threshold, p).of(maps, outside, who)
    place: Any = maps if like is None else like
    meshes, key, units = _meshes(place, who)
    paths = _paths(path, meshes, who)
    rows, own = map_rows(shown, units, key, who)
    names = map_names(shown, len(rows))
    written = {}
    for side, mesh in meshes.items():
        here = np.ones(len(own), bool) if len(key) == 1 else (own["hemisphere"] == side).to_numpy()
        full = spread(rows[:, here], own["vertex"].to_numpy()[here], mesh.n_vertices, outside)
        written[side] = write_mesh(paths[side], full, names, mesh.meta, who)
    return written if isinstance(path, Mapping) else next(iter(written.values()))


def cortex(image: Any, mask: Any, nan: str, who: str) -> tuple[np.ndarray, pd.DataFrame]:
    """Rows (n_rows, n_vertices) of one hemisphere or both, and units that know their space."""
    given, masks = _by_side(image, who), _by_side(mask, who)
    if mask is not None and set(given) != set(masks):
        raise InputError(
            f"{who}: the image has {_sides(given)}, but the mask {_sides(masks)}; give a mask of "
            "each hemisphere."
        )
    found = {side: mesh_rows(each, side, who) for side, each in given.items()}
    counts = {side: len(each.rows) for side, each in found.items()}
    if len(set(counts.values())) > 1:
        raise InputError(f"{who}: the hemispheres have different numbers of rows: {counts}.")
    parts = [_inside(each, masks.get(side), nan, who) for side, each in found.items()]
    values = np.concatenate([part for part, _ in parts], axis=1)
    units = pd.concat([table for _, table in parts], ignore_index=True)
    spaces = {
        side: Surface(each.rows.shape[1], {**each.meta, **structure_of(each.side)})
        for side, each in found.items()
    }
    space = next(iter(spaces.values())) if len(spaces) == 1 else Hemispheres(spaces)
    return values, with_space(units, space)


def is_of_sides(image: Any) -> bool:
    """Whether something has hemispheres: a mapping of them, or a SurfaceImage of nilearn."""
    return isinstance(image, Mapping) or _parts(image) is not None


def _parts(image: Any) -> Any:
    """The data of both sides of a SurfaceImage; None of anything else."""
    # Arrays have a buffer of this name, which those of dates refuse to give.
    data = None if isinstance(image, np.ndarray) else getattr(image, "data", None)
    return getattr(data, "parts", None)


def _by_side(given: Any, who: str) -> dict[str, Any]:
    """What is given, by hemisphere; nothing stands for the only one."""
    found = _parts(given)
    parts = given if found is None else found
    if not isinstance(parts, Mapping):
        return {"": given}
    named = {side_of_word(key): each for key, each in parts.items()}
    if "" in named or not named or len(named) < len(parts):
        raise InputError(
            f"{who}: hemispheres are called 'left' and 'right', not {listed(parts) or 'nothing'}."
        )
    return {side: named[side] for side in SIDES if side in named}


def _sides(given: Mapping[str, Any]) -> str:
    return " and ".join(side or "one hemisphere" for side in given)


def _inside(found: MeshRows, mask: Any, nan: str, who: str) -> tuple[np.ndarray, pd.DataFrame]:
    """One hemisphere inside its mask."""
    n = found.rows.shape[1]
    own = found.regions if mask is None else mask_of_mesh(mask, n, found.side, who)
    values, units = masked(
        found.rows, None if own is None else (own.inside, {}), nan, "vertex", who
    )
    where = units["vertex"].to_numpy()
    if own is not None:
        units["mask"] = own.labels[where]
        if own.names is not None:
            units["region"] = [own.names[i] for i in where]
    if found.side:
        units.insert(0, "hemisphere", found.side)
    return values, units


def _meshes(place: Any, who: str) -> tuple[Mapping[str, Surface], tuple[str, ...], pd.DataFrame]:
    """The meshes of a recording by hemisphere, and the columns that name its vertices."""
    table = place.tables.get("unit") if hasattr(place, "tables") else getattr(place, "units", None)
    space = table.attrs.get("space") if isinstance(table, pd.DataFrame) else None
    if isinstance(space, Hemispheres):
        return space.meshes, ("hemisphere", "vertex"), space_of(place, Hemispheres, "", who)[1]
    one, units = space_of(place, Surface, "read_surface", who)
    return {"": one}, ("vertex",), units


def _paths(path: Any, meshes: Mapping[str, Surface], who: str) -> dict[str, Path]:
    if not isinstance(path, Mapping):
        if len(meshes) > 1:
            raise InputError(
                f"{who}: the recording has both hemispheres; give a file for each: "
                "{'left': 'lh.map.mgh', 'right': 'rh.map.mgh'}."
            )
        return {next(iter(meshes)): Path(path)}
    named = {side_of_word(key): Path(each) for key, each in path.items()}
    if len(meshes) == 1 and len(named) == 1:
        own = side_of_word(next(iter(meshes.values())).meta.get("AnatomicalStructurePrimary", ""))
        if own in ("", *named):
            return {next(iter(meshes)): next(iter(named.values()))}
    if set(named) != set(meshes):
        raise InputError(f"{who}: path has {listed(path)}, but the recording has {_sides(meshes)}.")
    return named
