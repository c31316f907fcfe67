"""Surfaces in and out: GIFTI (.gii), one mesh, and CIFTI (.d*.nii), vertices and voxels."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.data.trials import Trials
from isocortex.errors import FormatError, InputError
from isocortex.formats.files import (
    flat_mask,
    mask_labels,
    open_image,
    pixels,
    reader_of,
    row_names,
    without_nan,
)
from isocortex.formats.grayordinates import labels_by_place
from isocortex.formats.map_columns import Level, Maps, Shown, as_maps, empty_of
from isocortex.formats.maps import map_names, map_rows
from isocortex.formats.opened_images import WHAT
from isocortex.formats.space import Grayordinates, Surface, space_of, with_space
from isocortex.reading import reader
from isocortex.store.atomic import whole
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
    labels : mapping, optional
    nan : {"error", "drop"}, default="error"

    Returns
    -------
    Responses, shape (n_stimuli, n_vertices of the mask)
        Units have ``vertex`` (from 0) and ``mask``.

    Raises
    ------
    InputError
        If the mask has another number of vertices or is empty, or a vertex holds NaN.
    NotFoundError, FormatError
        If the file is not there, or holds a mesh instead of data.

    See Also
    --------
    write_gifti : A map on the same mesh.
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
    column, threshold, p
        As in :func:`isocortex.write_nifti`.
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
    from nibabel.gifti.gifti import GiftiDataArray, GiftiImage, GiftiMetaData

    maps = as_maps(maps)
    outside = empty_of(column, outside)
    shown = Shown(column, threshold, p).of(maps, outside, "write_gifti")
    place: Any = maps if like is None else like
    space, units = space_of(place, Surface, "read_gifti", "write_gifti")
    rows, own = map_rows(shown, units, ("vertex",), "write_gifti")
    full = _spread(rows, own["vertex"], space.n_vertices, outside)
    image = GiftiImage(meta=GiftiMetaData(dict(space.meta)))
    for row, name in zip(full, map_names(shown, len(full)), strict=True):
        meta = GiftiMetaData({**space.meta, "Name": name})
        array = GiftiDataArray(row, "NIFTI_INTENT_SHAPE", "NIFTI_TYPE_FLOAT32", meta=meta)
        image.add_gifti_data_array(array)
    return _save(image, path, ".gii", "write_gifti")


@door
@reader(WHAT)
def read_cifti(
    image: ImageLike,
    mask: ImageLike | Values | None = None,
    stimuli: Stimuli | Iterable[object] | None = None,
    *,
    labels: Mapping[str, Any] | None = None,
    nan: str = "error",
) -> Responses:
    """Read a dense CIFTI file: dscalar, dtseries or dlabel.

    Parameters
    ----------
    image : path or nibabel Cifti2Image
    mask : path, Cifti2Image or array, shape (n_grayordinates,), optional
        Whole numbers, 0 outside (a dlabel file has them). Default: all that differ from 0.
    stimuli : Stimuli or sequence of str, length n_stimuli, optional
        Default: the names of the maps, where the file has different ones.
    labels : mapping, optional
    nan : {"error", "drop"}, default="error"

    Returns
    -------
    Responses, shape (n_stimuli, n_grayordinates of the mask)
        Units have ``grayordinate``, ``structure`` (such as CORTEX_LEFT), ``vertex`` (-1 for
        voxels), ``i, j, k`` (-1 for vertices) and ``mask``.

    Raises
    ------
    InputError
        If the mask does not fit or is empty, or a unit holds NaN.
    FormatError
        If the file is no dense CIFTI.

    See Also
    --------
    write_cifti : A map on the same grayordinates.
    read_gifti, read_nifti : Meshes and volumes.
    regions : The mean of each region of a mask.

    Examples
    --------
    >>> import nibabel
    >>> import numpy as np
    >>> import isocortex as ic
    >>> cortex = nibabel.cifti2.BrainModelAxis.from_mask(np.ones(6), "CortexLeft")
    >>> maps = nibabel.cifti2.ScalarAxis(["face", "house"])
    >>> values = np.random.default_rng(0).normal(size=(2, 6))
    >>> recording = ic.read_cifti(nibabel.Cifti2Image(values, (maps, cortex)))
    >>> recording.stimuli, recording.units["structure"].unique().tolist()
    (('face', 'house'), ['CORTEX_LEFT'])
    """
    opened = open_image(image, "read_cifti")
    values, units = grayordinates(opened, mask, nan, "read_cifti")
    if stimuli is None:
        own = [str(each) for each in getattr(opened.header.get_axis(0), "name", [])]
        stimuli = own if len(set(own)) == len(values) and all(own) else None
    return Responses(values, row_names(stimuli, len(values), "read_cifti"), units, labels)


@door
def write_cifti(  # noqa: PLR0913
    maps: Maps,
    path: str | Path,
    like: Responses | Trials | ImageLike | None = None,
    *,
    column: str = "score",
    threshold: float | None = None,
    p: Level | None = None,
    outside: float | None = None,
) -> Path:
    """Write maps as a dscalar file over the grayordinates of a recording.

    Parameters
    ----------
    maps : Scores, Clusters, Responses or array
        As in :func:`isocortex.write_nifti`; a map is named after its layer.
    path : path
        Ends in .dscalar.nii.
    like : Responses, optional
        What :func:`read_cifti` returned; its brain model is written again. Default what the
        units of the maps know of it.
    column, threshold, p
        As in :func:`isocortex.write_nifti`.
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
    read_cifti : Reads the recording.
    write_gifti, write_nifti : Meshes and volumes.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import nibabel
    >>> import numpy as np
    >>> import isocortex as ic
    >>> cortex = nibabel.cifti2.BrainModelAxis.from_mask(np.ones(6), "CortexLeft")
    >>> maps = nibabel.cifti2.ScalarAxis(["face", "house"])
    >>> values = np.random.default_rng(0).normal(size=(2, 6))
    >>> recording = ic.read_cifti(nibabel.Cifti2Image(values, (maps, cortex)))
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.write_cifti(values[0] - values[1], f"{folder}/d.dscalar.nii", recording)
    ...     print(nibabel.load(path).shape)
    (1, 6)
    """
    from nibabel.cifti2.cifti2 import Cifti2Image
    from nibabel.cifti2.cifti2_axes import ScalarAxis

    maps = as_maps(maps)
    outside = empty_of(column, outside)
    shown = Shown(column, threshold, p).of(maps, outside, "write_cifti")
    place: Any = maps if like is None else like
    space, units = space_of(place, Grayordinates, "read_cifti", "write_cifti")
    rows, own = map_rows(shown, units, ("grayordinate",), "write_cifti")
    full = _spread(rows, own["grayordinate"], len(space.axis), outside)
    names = ScalarAxis(map_names(shown, len(full)))
    image = Cifti2Image(full, header=(names, space.axis))
    image.update_headers()
    image.nifti_header.set_data_dtype(np.float32)
    return _save(image, path, ".dscalar.nii", "write_cifti")


def vertices(image: Any, mask: Any, nan: str, who: str) -> tuple[np.ndarray, pd.DataFrame]:
    """The rows of an opened GIFTI image inside a mask, and the vertices, which know their mesh."""
    data = gifti_rows(image, who)
    inside = None if mask is None else _gifti_mask(mask, data.shape[1], who)
    values, units = _masked(data, inside, nan, "vertex", who)
    meta = {} if not image.darrays else dict(image.darrays[0].meta)
    return values, with_space(units, Surface(data.shape[1], {**meta, **dict(image.meta)}))


def grayordinates(image: Any, mask: Any, nan: str, who: str) -> tuple[np.ndarray, pd.DataFrame]:
    """The rows of an opened CIFTI image inside a mask, and the units, which know their space."""
    axis = _brain_axis(image, who)
    data = pixels(image, who)
    inside = None if mask is None else _cifti_mask(mask, axis, data.shape[1], who)
    values, units = _masked(data, inside, nan, "grayordinate", who)
    where = units["grayordinate"].to_numpy()
    names = [str(each).removeprefix("CIFTI_STRUCTURE_") for each in axis.name[where]]
    units.insert(1, "structure", names)
    units.insert(2, "vertex", axis.vertex[where])
    for place, column in enumerate("ijk"):
        units.insert(3 + place, column, axis.voxel[where, place])
    return values, with_space(units, Grayordinates(axis))


def _spread(rows: np.ndarray, where: Any, n: int, outside: float) -> np.ndarray:
    full = np.full((len(rows), n), outside, dtype=np.float32)
    full[:, np.asarray(where)] = rows
    return full


def _save(image: Any, path: str | Path, suffix: str, who: str) -> Path:
    path = Path(path)
    if not path.name.endswith(suffix):
        raise InputError(f"{who}: {path.name!r} must end in {suffix}.")
    with whole(path) as draft:
        image.to_filename(draft)
    return path


def _masked(
    data: np.ndarray, labels: np.ndarray | None, nan: str, column: str, who: str
) -> tuple[np.ndarray, pd.DataFrame]:
    if labels is None:
        labels = mask_labels((np.nan_to_num(data) != 0).any(0), who)
    where = np.nonzero(labels)[0]
    values, finite = without_nan(np.ascontiguousarray(data[:, where]), nan, who)
    return values, pd.DataFrame({column: where[finite], "mask": labels[where][finite]})


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


def _gifti_mask(mask: Any, n_vertices: int, who: str) -> np.ndarray:
    if not isinstance(mask, np.ndarray):
        mask = gifti_rows(open_image(mask, who), who)
    return flat_mask(mask, n_vertices, "vertices", who)


def _cifti_mask(mask: Any, axis: Any, n: int, who: str) -> np.ndarray:
    if not isinstance(mask, np.ndarray):
        mask = open_image(mask, who)
        own = _brain_axis(mask, who)
        if own != axis:
            return labels_by_place(
                flat_mask(pixels(mask, who), len(own), "units", who), own, axis, who
            )
        mask = pixels(mask, who)
    return flat_mask(mask, n, "grayordinates", who)


def _brain_axis(image: Any, who: str) -> Any:
    from nibabel.cifti2.cifti2 import Cifti2Image
    from nibabel.cifti2.cifti2_axes import BrainModelAxis

    axis = image.header.get_axis(1) if isinstance(image, Cifti2Image) else None
    if not isinstance(axis, BrainModelAxis):
        other = "" if isinstance(image, Cifti2Image) else f" {reader_of(image)} reads it."
        raise FormatError(
            f"{who}: this is not a dense CIFTI file (.dscalar, .dtseries, .dlabel).{other}"
        )
    return axis
