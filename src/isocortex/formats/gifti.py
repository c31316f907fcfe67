"""One mesh in and out: GIFTI (.gii)."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.data.trials import Trials
from isocortex.deprecated import renamed
from isocortex.errors import FormatError
from isocortex.formats.files import flat_mask, open_image, plain_mask, reader_of, row_names
from isocortex.formats.flat import Named, masked, save_image, spread
from isocortex.formats.map_columns import Level, Maps, Shown, as_maps, empty_of
from isocortex.formats.maps import map_names, map_rows
from isocortex.formats.opened_images import WHAT
from isocortex.formats.space import Surface, space_of, with_space
from isocortex.reading import reader
from isocortex.types import ImageLike, Values


@door
@reader(WHAT)
def read_gifti(
    image: ImageLike,
    mask: ImageLike | Values | None = None,
    stimuli: Stimuli | Iterable[object] | None = None,
    *,
    labels: Mapping[str, Any] | None = None,
    nan: str = "error",
) -> Responses:
    """Read the vertices of one mesh, one row for each data array of a GIFTI file.

    Parameters
    ----------
    image : path or nibabel GiftiImage
        Functional data: ``.func.gii``, ``.shape.gii``, ``.time.gii``.
    mask : path, GiftiImage or array, shape (n_vertices,), optional
        Whole numbers, 0 outside. Default: vertices that differ from 0 in some row.
    stimuli : Stimuli or sequence of str, length n_stimuli, optional
        The stimulus of each data array, each once. Default: ``stimulus 0``, ``stimulus 1`` …
    labels : mapping, optional
        What is true of all of it, such as ``{"subject": 3, "region": "V1"}``.
    nan : {"error", "drop"}, default="error"
        What to do about vertices that hold NaN: refuse, or leave them out.

    Returns
    -------
    Responses, shape (n_stimuli, n_vertices of the mask)
        Units have ``vertex`` (from 0), ``mask`` and, of a mask whose labels have names
        (``.label.gii``), ``region``.

    Raises
    ------
    InputError
        If the mask has another number of vertices or is empty, or a vertex holds NaN.
    NotFoundError, FormatError
        If the file is not there, or holds a mesh instead of data.

    See Also
    --------
    write_gifti : A map on the same mesh.
    read_surface : Both hemispheres together, and files of FreeSurfer.
    read_cifti, read_nifti : Grayordinates and volumes.
    plots.surface : Draws scores on fsaverage5.

    Examples
    --------
    >>> import nibabel
    >>> import numpy as np
    >>> import isocortex as ic
    >>> values = np.random.default_rng(0).normal(size=(2, 10)).astype(np.float32)
    >>> arrays = [nibabel.gifti.GiftiDataArray(row) for row in values]
    >>> image = nibabel.gifti.GiftiImage(darrays=arrays)
    >>> mask = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    >>> ic.read_gifti(image, mask, ["face", "house"], labels={"region": "V1"})
    Responses(2 stimuli x 4 units, float32, region='V1')
    """
    values, units = vertices(open_image(image, "read_gifti"), mask, nan, "read_gifti")
    return Responses(values, row_names(stimuli, len(values), "read_gifti"), units, labels)


@renamed(scores_or_array="maps")
@door
def write_gifti(  # noqa: PLR0913
    maps: Maps,
    path: str | Path,
    like: Responses | Trials | ImageLike | None = None,
    *,
    column: str = "score",
    threshold: float | None = None,
    p: Level | None = None,
    outside: float | None = None,
) -> Path:
    """Write maps on the mesh of a recording: one float32 data array for each.

    Parameters
    ----------
    maps : Scores, Clusters, Responses or array
        As in :func:`isocortex.write_nifti`.
    path : path
        Ends in .gii.
    like : Responses, optional
        What :func:`read_gifti` returned; what its file said of itself is written again.
        Default what the units of the maps know of their mesh.
    column : str, default="score"
        What is written, as in :func:`isocortex.write_nifti`.
    threshold : float, optional
        Units of which the score is nearer to 0 are written as ``outside``.
    p : float or mapping from column to level, optional
        So are units with a larger ``p``, as in :func:`isocortex.write_nifti`.
    outside : float, optional
        As in :func:`isocortex.write_nifti`.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If units and ``like`` do not fit.

    See Also
    --------
    read_gifti : Reads the recording.
    write_surface : Both hemispheres, and files of FreeSurfer.
    write_cifti, write_nifti : Grayordinates and volumes.
    plots.surface : Draws a map without a file.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import nibabel
    >>> import numpy as np
    >>> import isocortex as ic
    >>> values = np.random.default_rng(0).normal(size=(2, 10)).astype(np.float32)
    >>> arrays = [nibabel.gifti.GiftiDataArray(row) for row in values]
    >>> recording = ic.read_gifti(nibabel.gifti.GiftiImage(darrays=arrays))
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.write_gifti(values[0] - values[1], f"{folder}/contrast.func.gii", recording)
    ...     print(nibabel.load(path).darrays[0].data.shape)
    (10,)
    """
    maps = as_maps(maps)
    outside = empty_of(column, outside)
    shown = Shown(column, threshold, p).of(maps, outside, "write_gifti")
    place: Any = maps if like is None else like
    space, units = space_of(place, Surface, "read_gifti", "write_gifti")
    rows, own = map_rows(shown, units, ("vertex",), "write_gifti")
    full = spread(rows, own["vertex"], space.n_vertices, outside)
    image = mesh_image(full, map_names(shown, len(full)), space.meta)
    return save_image(image, path, ".gii", "write_gifti")


def mesh_image(full: np.ndarray, names: Iterable[str], meta: Mapping[str, str]) -> Any:
    """Maps (n_maps, n_vertices), float32, as a GIFTI image."""
    from nibabel.gifti.gifti import GiftiDataArray, GiftiImage, GiftiMetaData

    image = GiftiImage(meta=GiftiMetaData(dict(meta)))
    for row, name in zip(full, names, strict=True):
        own = GiftiMetaData({**meta, "Name": name})
        array = GiftiDataArray(row, "NIFTI_INTENT_SHAPE", "NIFTI_TYPE_FLOAT32", meta=own)
        image.add_gifti_data_array(array)
    return image


def vertices(image: Any, mask: Any, nan: str, who: str) -> tuple[np.ndarray, pd.DataFrame]:
    """The rows of an opened GIFTI image inside a mask, and the vertices, which know their mesh."""
    data = gifti_rows(image, who)
    inside = None if mask is None else _gifti_mask(mask, data.shape[1], who)
    values, units = masked(data, inside, nan, "vertex", who)
    meta = {} if not image.darrays else dict(image.darrays[0].meta)
    return values, with_space(units, Surface(data.shape[1], {**meta, **dict(image.meta)}))


def gifti_rows(image: Any, who: str) -> np.ndarray:
    """The data arrays of a GIFTI image, shape (n_rows, n_vertices).

    Raises
    ------
    FormatError
        If there are none, or they are a mesh.
    """
    if not hasattr(image, "darrays"):
        raise FormatError(f"{who}: this is no GIFTI file (.gii); {reader_of(image)} reads it.")
    arrays = [each.data for each in getattr(image, "darrays", [])]
    mesh = any(each.intent in (1008, 1009) for each in getattr(image, "darrays", []))
    if not arrays or mesh:
        what = "a mesh (points and triangles)" if mesh else "no data arrays"
        raise FormatError(
            f"{who}: the file holds {what}; responses are in .func.gii or .shape.gii files."
        )
    if len({each.shape[0] for each in arrays}) > 1:
        raise FormatError(f"{who}: the data arrays have different numbers of vertices.")
    return np.concatenate([each.reshape(each.shape[0], -1).T for each in arrays])


def _gifti_mask(mask: Any, n_vertices: int, who: str) -> Named:
    mask, names = plain_mask(mask), {}
    if not isinstance(mask, np.ndarray):
        opened = open_image(mask, who)
        mask, names = gifti_rows(opened, who), label_names(opened)
    return flat_mask(mask, n_vertices, "vertices", who), names


def label_names(image: Any) -> dict[int, str]:
    """What the labels of a ``.label.gii`` are called; empty of other files."""
    table = getattr(image, "labeltable", None)
    found = {} if table is None else table.get_labels_as_dict()
    return {int(key): str(name) for key, name in found.items() if name}
