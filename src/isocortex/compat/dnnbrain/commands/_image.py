"""Responses of the brain from any file that the commands take, and maps back into images."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.compat.dnnbrain.brain.io import CIFTI, VOLUMES
from isocortex.compat.dnnbrain.brain.roi import ROI
from isocortex.data.responses import Responses
from isocortex.errors import InputError
from isocortex.formats.cifti import read_cifti, write_cifti
from isocortex.formats.gifti import read_gifti, write_gifti
from isocortex.formats.nifti import read_nifti, write_nifti
from isocortex.formats.space import Grayordinates, Surface, Volume


@dataclass(frozen=True, eq=False)
class Target:
    """What the brain did, and where it goes back to."""

    values: np.ndarray
    """Shape (n_volumes, n_measurements)."""
    regions: tuple[str, ...] = ()
    """Names, of a .roi.h5 file."""
    recording: Responses | None = None
    """Of an image: it knows its space."""


def read_image(path: Any, mask: Any = None) -> Responses:
    """A NIfTI, mgh, GIFTI or CIFTI file with its mask."""
    name = Path(path).name
    if name.endswith(CIFTI):
        return read_cifti(path, mask)
    if name.endswith(".gii"):
        return read_gifti(path, mask)
    return read_nifti(path, mask)


def read_target(path: Any, mask: Any, regions: list[str] | None) -> Target:
    """``-resp`` with ``-bmask`` (of an image) or ``-roi`` (of a .roi.h5 file)."""
    name = Path(path).name
    if name.endswith(".roi.h5"):
        if mask is not None:
            raise InputError("-bmask is for images; choose regions of a .roi.h5 file by -roi.")
        roi = ROI()
        roi.load(path, regions)
        return Target(roi.data, tuple(roi.rois))
    if not name.endswith((*CIFTI, *VOLUMES, ".gii")):
        raise InputError(f"-resp {name!r} must be an image or a .roi.h5 file.")
    if regions is not None:
        raise InputError("-roi is for .roi.h5 files; restrict an image by -bmask.")
    recording = read_image(path, mask)
    return Target(recording.numpy(), (), recording)


def on_grid(values: np.ndarray, recording: Responses) -> np.ndarray:
    """``values`` (n_iterations, n_units, ...) as (x, y, z, n_iterations, ...); 0 outside."""
    space, units = recording.units.attrs["space"], recording.units
    if isinstance(space, Volume):
        shape, columns = space.shape, ("i", "j", "k")
    elif isinstance(space, Surface):
        shape, columns = (space.n_vertices, 1, 1), ("vertex",)
    else:
        shape, columns = (len(space.axis), 1, 1), ("grayordinate",)
    place = tuple(units[column].to_numpy() for column in columns)
    place += (np.zeros(len(units), dtype=int),) * (3 - len(place))
    grid = np.zeros((*shape, len(values), *values.shape[2:]), dtype=values.dtype)
    grid[place] = np.moveaxis(values, 1, 0)
    return grid


def write_map(rows: np.ndarray, folder: Path, key: str, source: Any, like: Responses) -> None:
    """An image beside the arrays, of the kind that ``source`` is."""
    space, name = like.units.attrs["space"], Path(source).name
    if isinstance(space, Surface):
        write_gifti(rows, folder / f"{key}.func.gii", like)
    elif isinstance(space, Grayordinates):
        write_cifti(rows, folder / f"{key}.dscalar.nii", like)
    else:
        suffix = next(each for each in VOLUMES if name.endswith(each))
        write_nifti(rows, folder / f"{key}{suffix}", like)
