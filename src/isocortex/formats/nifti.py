"""Volumes in and out: NIfTI (.nii, .nii.gz) and FreeSurfer (.mgh, .mgz), through nibabel."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.data.trials import Trials
from isocortex.deprecated import renamed
from isocortex.errors import FormatError, InputError
from isocortex.formats.files import (
    mask_labels,
    open_image,
    pixels,
    plain_mask,
    row_names,
    several,
    without_nan,
)
from isocortex.formats.map_columns import Level, Maps, Shown, as_maps, empty_of
from isocortex.formats.maps import map_rows
from isocortex.formats.opened_images import WHAT
from isocortex.formats.space import Volume, space_of, with_space
from isocortex.reading import reader
from isocortex.store.atomic import whole
from isocortex.types import ImageLike, Values

RESAMPLE = (
    "Bring the mask onto the image's grid first: nilearn.image.resample_to_img(mask, image, "
    "interpolation='nearest')."
)


@door
@reader(WHAT)
def read_nifti(
    image: ImageLike | Sequence[ImageLike],
    mask: ImageLike | Values | None = None,
    stimuli: Stimuli | Iterable[object] | None = None,
    *,
    labels: Mapping[str, Any] | None = None,
    nan: str = "error",
) -> Responses:
    """Read the voxels of an image, one row for each volume: betas, contrasts, averages.

    Parameters
    ----------
    image : path or nibabel image, shape (x, y, z, n_stimuli) or (x, y, z), or a list of these
        NIfTI, or FreeSurfer's mgh and mgz. A list, such as one image of betas for each
        stimulus, is read in its order. Shapes (x, y, z, 1, n_stimuli), as AFNI and ANTs write
        them, are the same as without the 1.
    mask : path, nibabel image or array, shape (x, y, z), optional
        Whole numbers, 0 outside; each other number is a region's label. Default: the voxels
        that differ from 0 in some volume, all with label 1.
    stimuli : Stimuli or sequence of str, length n_stimuli, optional
        The stimulus of each volume, each once. For repeats, use :func:`read_volumes`.
    labels : mapping, optional
        What is true of all of it, such as ``{"subject": 3, "region": "VTC"}``.
    nan : {"error", "drop"}, default="error"
        What to do about voxels that hold NaN: refuse, or leave them out.

    Returns
    -------
    Responses, shape (n_stimuli, n_voxels)
        Units have the voxel's ``i, j, k`` (from 0, in C order) and its label in ``mask``; the
        table of units knows the grid, affine and header for :func:`write_nifti`.

    Raises
    ------
    InputError
        If image and mask have different shapes or affines, the mask is empty, a voxel holds
        NaN, or the number of stimuli is wrong.
    NotFoundError, FormatError
        If a file is not there or is no image.

    See Also
    --------
    read_volumes : Where a stimulus comes many times.
    write_nifti : A map on the same grid.
    regions : The mean of each region of a mask.
    read_gifti, read_cifti : Surfaces.

    Examples
    --------
    >>> import nibabel
    >>> import numpy as np
    >>> import isocortex as ic
    >>> betas = np.random.default_rng(0).normal(size=(4, 5, 3, 2))
    >>> mask = np.zeros((4, 5, 3), dtype=int)
    >>> mask[:2], mask[2:3] = 1, 2
    >>> image = nibabel.Nifti1Image(betas, np.eye(4))
    >>> voxels = ic.read_nifti(image, mask, ["face", "house"], labels={"subject": 1})
    >>> voxels
    Responses(2 stimuli x 45 units, float64, subject=1)
    >>> voxels.units["mask"].value_counts().to_dict()
    {1: 30, 2: 15}
    """
    values, units = voxels(image, mask, nan, "read_nifti")
    return Responses(values, row_names(stimuli, len(values), "read_nifti"), units, labels)


@renamed(scores_or_array="maps")
@door
def write_nifti(  # noqa: PLR0913
    maps: Maps,
    path: str | Path,
    like: Responses | Trials | ImageLike | None = None,
    *,
    column: str = "score",
    threshold: float | None = None,
    p: Level | None = None,
    outside: float | None = None,
) -> Path:
    """Write a map where the mask was: float32, the affine and header of the recording kept.

    Parameters
    ----------
    maps : Scores, Clusters, Responses, or array of shape (n_voxels,) or (n_maps, n_voxels)
        Scores are averaged over their folds; each remaining position (a layer) is a volume.
        Their units are found by i, j, k, so scores of some of the voxels are welcome.
    path : path
        Ends in .nii, .nii.gz, .mgh or .mgz.
    like : Responses or Trials, optional
        What :func:`read_nifti` returned; default what the units of the maps know of their grid.
    column : str, default="score"
        Another column of the scores: ``"p"``, ``"p_max"``, ``"ceiling"``; of clusters also
        ``"cluster"``, the number of the row in their table.
    threshold : float, optional
        Units of which the score is nearer to 0 are written as ``outside``.
    p : float or mapping from column to level, optional
        So are units with a larger ``p``; ``{"p_fdr": 0.05}`` takes another column.
    outside : float, optional
        The value where there is no unit, and of units that are not kept. Default 0, and of
        p-values 1, so that nothing looks significant that was not tested. An undefined score
        inside stays NaN.

    Returns
    -------
    Path
        3-D for one map, else 4-D. The file is written under another name and then renamed.

    Raises
    ------
    InputError
        If units and ``like`` do not fit, there is no such column, or the suffix is unknown.

    See Also
    --------
    read_nifti : Reads the recording.
    plots.brain, plots.glass : Draw a map without a file.
    write_gifti, write_cifti : Surfaces.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import nibabel
    >>> import numpy as np
    >>> import isocortex as ic
    >>> betas = np.random.default_rng(0).normal(size=(4, 5, 3, 2))
    >>> voxels = ic.read_nifti(nibabel.Nifti1Image(betas, 2 * np.eye(4)))
    >>> contrast = voxels.numpy()[0] - voxels.numpy()[1]
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.write_nifti(contrast, f"{folder}/contrast.nii.gz", like=voxels)
    ...     print(nibabel.load(path).shape)
    (4, 5, 3)
    """
    path = Path(path)
    kind = next((s for s in _IMAGES if path.name.endswith(s)), None)
    if kind is None:
        raise InputError(f"write_nifti: {path.name!r} must end in {', '.join(_IMAGES)}.")
    maps = as_maps(maps)
    outside = empty_of(column, outside)
    shown = Shown(column, threshold, p).of(maps, outside, "write_nifti")
    place: Any = maps if like is None else like
    image = _IMAGES[kind](*map_volume(shown, place, outside, "write_nifti"))
    with whole(path) as draft:
        image.to_filename(draft)
    return path


def map_image(scores_or_array: Any, like: Any, *, outside: float = 0.0) -> Any:
    """The image that :func:`write_nifti` writes, in memory, as a nibabel ``Nifti1Image``."""
    return nifti_image(*map_volume(scores_or_array, like, outside, "map_image"))


def map_volume(
    scores_or_array: Any, like: Any, outside: float, who: str
) -> tuple[np.ndarray, Volume]:
    """A map on the grid of ``like``, shape (x, y, z) or (x, y, z, n_maps), float32."""
    space, units = space_of(like, Volume, "read_nifti", who)
    rows, own = map_rows(scores_or_array, units, ("i", "j", "k"), who)
    i, j, k = (own[column].to_numpy() for column in ("i", "j", "k"))
    volume = np.full((*space.shape, len(rows)), outside, dtype=np.float32)
    volume[i, j, k] = rows.T
    return (volume[..., 0] if len(rows) == 1 else volume), space


def nifti_image(volume: Any, space: Volume) -> Any:
    """A float32 NIfTI image on a grid; the header is kept where it is of this kind."""
    from nibabel.nifti1 import Nifti1Header, Nifti1Image
    from nibabel.nifti2 import Nifti2Header, Nifti2Image

    header = space.header.copy() if isinstance(space.header, Nifti1Header) else None
    maker = Nifti2Image if isinstance(space.header, Nifti2Header) else Nifti1Image
    image = maker(volume, space.affine, header)
    image.header.set_data_dtype(np.float32)
    image.header.set_slope_inter(1, 0)
    image.header["cal_max"] = image.header["cal_min"] = 0  # the range of the betas, not ours
    return image


def mgh_image(volume: Any, space: Volume) -> Any:
    """A float32 mgh image on a grid; the header is kept where it is of this kind."""
    from nibabel.freesurfer.mghformat import MGHHeader, MGHImage

    header = space.header.copy() if isinstance(space.header, MGHHeader) else None
    image = MGHImage(volume, space.affine, header)
    image.header.set_data_dtype(np.float32)
    return image


_IMAGES = {".nii.gz": nifti_image, ".nii": nifti_image, ".mgz": mgh_image, ".mgh": mgh_image}


def voxels(image: Any, mask: Any, nan: str, who: str) -> tuple[np.ndarray, pd.DataFrame]:
    """Values (n_volumes, n_voxels) and the units, which know their space."""
    given = several(image)
    images = [_volume(each, who) for each in ([image] if given is None else given)]
    if not images:
        raise InputError(f"{who} was given an empty list of images.")
    image, shape = images[0], images[0].shape
    for place, other in enumerate(images[1:], start=1):
        if other.shape[:3] != shape[:3] or not np.allclose(other.affine, image.affine, atol=1e-3):
            raise InputError(
                f"{who}: image {place} of the list (from 0) has shape {other.shape[:3]} and affine "
                f"{other.affine.tolist()}, image 0 has {shape[:3]} and {image.affine.tolist()}; "
                "all must lie on one grid."
            )
    labels = None if mask is None else grid_mask(mask, shape[:3], image.affine, who)
    parts = [pixels(each, who).reshape(*shape[:3], -1) for each in images]
    data = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=3)
    if labels is None:
        labels = mask_labels((np.nan_to_num(data) != 0).any(-1), who)
    inside = np.nonzero(labels)
    values, finite = without_nan(np.ascontiguousarray(data[inside].T), nan, who)
    i, j, k = (place[finite] for place in inside)
    units = pd.DataFrame({"i": i, "j": j, "k": k, "mask": labels[inside][finite]})
    header = image.header.copy()
    return values, with_space(
        units, Volume((shape[0], shape[1], shape[2]), np.array(image.affine), header)
    )


def _volume(image: Any, who: str) -> Any:
    """An opened image that is a volume or a series of volumes."""
    image = open_image(image, who)
    shape = tuple(getattr(image, "shape", ()))
    if type(image).__name__.startswith("Minc") and len(shape) > 3:
        raise FormatError(
            f"{who}: this MINC image of shape {shape} has its volumes along the first axis; make "
            "it NIfTI first (mnc2nii), where they are along the last."
        )
    extra = [n for n in shape[3:] if n != 1]
    if not hasattr(image, "affine") or len(shape) < 3 or len(extra) > 1:
        found = f"has shape {shape}" if shape else f"is a {type(image).__name__}"
        raise InputError(
            f"{who}: the image {found}; it must be (x, y, z) or (x, y, z, n_volumes). "
            "For surfaces there are read_gifti and read_cifti."
        )
    return image


def _of_masker(mask: Any, who: str) -> Any:
    """The mask of a masker of nilearn; all else as it is."""
    if not hasattr(mask, "inverse_transform") or not hasattr(mask, "mask_img"):
        return mask
    if hasattr(mask, "maps_img"):
        raise InputError(
            f"{who}: a {type(mask).__name__} has weights of overlapping maps, which are no mask: "
            "Responses(masker.transform(image), names) takes its signals."
        )
    kind = "labels_img" if hasattr(mask, "labels_img") else "mask_img"
    found = getattr(mask, f"{kind}_", None)
    found = getattr(mask, kind) if found is None else found
    if found is None:
        raise InputError(
            f"{who}: this {type(mask).__name__} has no mask yet; fit it first: masker.fit(image)."
        )
    return found


def grid_mask(mask: Any, shape: tuple[int, ...], affine: np.ndarray, who: str) -> np.ndarray:
    """The labels of a mask (path, image or array) that lies on a grid of voxels.

    Raises
    ------
    InputError
        If it has another shape or affine (both are shown), or is no mask.
    """
    mask = plain_mask(_of_masker(mask, who))
    if isinstance(mask, np.ndarray):
        values = mask
    else:
        mask = open_image(mask, who)
        values = pixels(_volume(mask, who), who)
        if values.ndim > 3 and values[0, 0, 0].size == 1:
            values = values.reshape(values.shape[:3])
    if values.shape != shape:
        raise InputError(
            f"{who}: the mask has shape {values.shape}, but the image has {shape}. {RESAMPLE}"
        )
    if not isinstance(mask, np.ndarray) and not np.allclose(mask.affine, affine, atol=1e-3):
        worst = float(np.abs(mask.affine - affine).max())
        raise InputError(
            f"{who}: mask and image have the same shape but different affines (by up to "
            f"{worst:.3g} mm), so their voxels lie in different places: "
            f"{mask.affine.round(4).tolist()} and {np.round(affine, 4).tolist()}. {RESAMPLE}"
        )
    return mask_labels(values, who)
