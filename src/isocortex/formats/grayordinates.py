"""Labels of some grayordinates on others: by structure, vertex and voxel, never by position."""

from typing import Any

import numpy as np

from isocortex.errors import InputError, warn


def labels_by_place(labels: np.ndarray, own: Any, other: Any, who: str) -> np.ndarray:
    """Labels over the brain models ``own``, for those of ``other``; 0 where it has no label.

    Labels of the cortex alone (59 412 or 64 984 vertices) so meet data of 91 282 grayordinates.

    Parameters
    ----------
    labels : array of int, shape (len(own),)
    own, other : BrainModelAxis
        Of the labels, and of the data.
    who : str

    Raises
    ------
    InputError
        If meshes or grids differ, or no labelled place has data.

    Warns
    -----
    IsocortexWarning
        If some labelled places have no data.
    """
    for name in set(own.nvertices) & set(other.nvertices):
        if own.nvertices[name] != other.nvertices[name]:
            raise InputError(
                f"{who}: the mask has {own.nvertices[name]} vertices in {_short(name)}, the image "
                f"{other.nvertices[name]}: they lie on different meshes. Resample one of them."
            )
    if own.volume_shape is not None and other.volume_shape is not None:
        same = own.volume_shape == other.volume_shape
        if not same or not np.allclose(own.affine, other.affine, atol=1e-3):
            raise InputError(
                f"{who}: the voxels of mask and image have different brain models: they lie on "
                "different grids. Resample one of them."
            )
    places = {place: i for i, place in enumerate(_places(own))}
    found = np.array([places.get(place, -1) for place in _places(other)])
    out = np.where(found >= 0, labels[found], 0)
    if not out.any():
        raise InputError(
            f"{who}: mask and image have different brain models, and none of the mask's "
            f"{int((labels != 0).sum())} labelled grayordinates lies in the image."
        )
    lost = int((labels != 0).sum() - (out != 0).sum())
    if lost:
        warn(f"{who}: {lost} labelled grayordinates of the mask have no data in the image.")
    return out


def _places(axis: Any) -> list[tuple[str, int, tuple[int, ...]]]:
    voxels = map(tuple, axis.voxel.tolist())
    return list(zip(axis.name.tolist(), axis.vertex.tolist(), voxels, strict=True))


def _short(name: str) -> str:
    return str(name).removeprefix("CIFTI_STRUCTURE_")
