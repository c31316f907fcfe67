"""CIFTI in and out: vertices and voxels together (.d*.nii), and parcels of them (.p*.nii)."""

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
from isocortex.errors import InputError
from isocortex.formats.files import flat_mask, open_image, pixels, plain_mask, row_names
from isocortex.formats.flat import Named, masked, save_image, spread
from isocortex.formats.grayordinates import labels_by_place
from isocortex.formats.map_columns import Level, Maps, Shown, as_maps, empty_of
from isocortex.formats.maps import map_names, map_rows
from isocortex.formats.opened_images import WHAT
from isocortex.formats.parcels import column_axis, label_names, parcel_places, parcels
from isocortex.formats.space import Grayordinates, Parcels, space_of, with_space
from isocortex.reading import reader
from isocortex.types import ImageLike, Values


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
    """Read a CIFTI file: of grayordinates (dscalar, dtseries, dlabel), or of parcels.

    Parameters
    ----------
    image : path or nibabel Cifti2Image
        ``.dscalar.nii``, ``.dtseries.nii``, ``.dlabel.nii``; or parcels of these
        (``.pscalar.nii``, ``.ptseries.nii``, ``.plabel.nii``; ``.pconn.nii`` has a row for each
        parcel).
    mask : path, Cifti2Image or array, shape (n_grayordinates,) or (n_parcels,), optional
        Whole numbers, 0 outside (a dlabel file has them); those of a file meet the image by
        structure and vertex, or by the names of parcels. Default: all grayordinates that differ
        from 0, or all parcels.
    stimuli : Stimuli or sequence of str, length n_stimuli, optional
        Default: the names of the maps, where the file has different ones.
    labels : mapping, optional
        What is true of all of it, such as ``{"subject": 3}``.
    nan : {"error", "drop"}, default="error"
        What to do about grayordinates or parcels that hold NaN: refuse, or leave them out.

    Returns
    -------
    Responses, shape (n_stimuli, n_grayordinates or n_parcels of the mask)
        Units have ``grayordinate``, ``structure`` (such as CORTEX_LEFT), ``vertex`` (-1 for
        voxels), ``i, j, k`` (-1 for vertices), ``mask`` and, of a dlabel, ``region``. Parcels
        have ``parcel`` (the name), ``structure``, ``n_vertices``, ``n_voxels`` and ``mask``.

    Raises
    ------
    InputError
        If the mask does not fit or is empty, or a unit holds NaN.
    FormatError
        If the file is no CIFTI file of grayordinates or parcels, or a parcel has no name of its
        own.

    See Also
    --------
    write_cifti : A map on the same grayordinates or parcels.
    read_volumes : Time series, in which a stimulus comes many times.
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
    values, units = cifti_units(opened, mask, nan, "read_cifti")
    if stimuli is None:
        own = [str(each) for each in getattr(opened.header.get_axis(0), "name", [])]
        stimuli = own if len(set(own)) == len(values) and all(own) else None
    return Responses(values, row_names(stimuli, len(values), "read_cifti"), units, labels)


@renamed(scores_or_array="maps")
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
    """Write maps over the grayordinates of a recording (dscalar), or over its parcels (pscalar).

    Parameters
    ----------
    maps : Scores, Clusters, Responses or array
        As in :func:`isocortex.write_nifti`; a map is named after its layer.
    path : path
        Ends in .dscalar.nii, or, of parcels, in .pscalar.nii.
    like : Responses, optional
        What :func:`read_cifti` returned; its brain model or its parcels are written again.
        Default what the units of the maps know of them.
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
    of_parcels = Path(path).name.endswith(".pscalar.nii")
    kind, key = (Parcels, "parcel") if of_parcels else (Grayordinates, "grayordinate")
    space, units = space_of(place, kind, "read_cifti", "write_cifti")
    rows, own = map_rows(shown, units, (key,), "write_cifti")
    where = parcel_places(own[key], space.axis, "write_cifti") if of_parcels else own[key]
    full = spread(rows, where, len(space.axis), outside)
    names = ScalarAxis(map_names(shown, len(full)))
    image = Cifti2Image(full, header=(names, space.axis))
    image.update_headers()
    image.nifti_header.set_data_dtype(np.float32)
    return save_image(image, path, ".pscalar.nii" if of_parcels else ".dscalar.nii", "write_cifti")


def cifti_units(image: Any, mask: Any, nan: str, who: str) -> tuple[np.ndarray, pd.DataFrame]:
    """The rows of an opened CIFTI image inside a mask, and the units, which know their space."""
    axis = column_axis(image, who)
    data = pixels(image, who)
    if type(axis).__name__ == "ParcelsAxis":
        return parcels(data, axis, mask, nan, who)
    inside = None if mask is None else _mask(mask, axis, data.shape[1], who)
    values, units = masked(data, inside, nan, "grayordinate", who)
    where = units["grayordinate"].to_numpy()
    codes, found = pd.factorize(axis.name[where].astype(object))
    names = [str(each).removeprefix("CIFTI_STRUCTURE_") for each in found]
    units.insert(1, "structure", pd.Series(names).array.take(codes))
    units.insert(2, "vertex", axis.vertex[where])
    for place, column in enumerate("ijk"):
        units.insert(3 + place, column, axis.voxel[where, place])
    return values, with_space(units, Grayordinates(axis))


def _mask(mask: Any, axis: Any, n: int, who: str) -> Named:
    mask = plain_mask(mask)
    if isinstance(mask, np.ndarray):
        return flat_mask(mask, n, "grayordinates", who), {}
    mask = open_image(mask, who)
    own = column_axis(mask, who)
    if type(own) is not type(axis):
        raise InputError(
            f"{who}: the mask has one label for each parcel, but the image has grayordinates; give "
            "labels of grayordinates (.dlabel.nii)."
        )
    labels = flat_mask(pixels(mask, who), len(own), "units", who)
    if own != axis:
        labels = labels_by_place(labels, own, axis, who)
    return labels, label_names(mask)
