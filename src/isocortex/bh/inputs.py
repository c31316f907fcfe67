"""The features that jobs read, by layer, joined with recordings by the names of images."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from isocortex.arrays import Array, as_numpy
from isocortex.bh.scales import Scale
from isocortex.bh.settings import Folders
from isocortex.choice import listed
from isocortex.data.names import positions
from isocortex.data.responses import Responses
from isocortex.errors import MisalignedError
from isocortex.formats.mat.features import read_features


class Scaled:
    """Rows of a layer, standardized when they are read; a large layer is never in memory."""

    def __init__(self, values: Array, rows: np.ndarray, scale: Scale):
        self.values, self.rows, self.scale = values, rows, scale
        self.shape = (len(rows), int(values.shape[1]))
        self.dtype = np.dtype(np.float32)
        self.chunk_columns = getattr(values, "chunk_columns", None)

    def __getitem__(self, where: tuple[slice, slice]) -> np.ndarray:
        rows, columns = where
        block = as_numpy(self.values[:, columns])[self.rows[rows]]
        return self.scale.apply(block.astype(np.float64), columns)


def layer(folders: Folders, images: str, network: str, name: str) -> Responses:
    """The features of one layer for one set of images.

    Raises
    ------
    NotFoundError
        If the layer is not there.
    FormatError
        If a file is damaged.
    """
    return _layer(*_version(folders, images, network, name))


def layer_scale(folders: Folders, images: str, network: str, name: str) -> Scale:
    """Mean and deviation of each unit of a layer, which is read once for all regions and subjects.

    Raises
    ------
    NotFoundError, FormatError
    """
    return _scale(*_version(folders, images, network, name))


def matched(names: tuple[str, ...], features: Responses, who: str) -> np.ndarray:
    """Which row of the features belongs to each image, by name.

    Raises
    ------
    MisalignedError
        If an image has no features.
    """
    there = set(features.stimuli)
    missing = [name for name in names if name not in there]
    if len(missing) == len(names):
        raise MisalignedError(
            f"{who}: no image of the recording has features; the recording names them "
            f"{listed(names, 3)}, the features {listed(features.stimuli, 3)}. They are joined by "
            "name, never by rank: rename one side."
        )
    return positions(features.stimuli, names, f"{who}: the layer {features.labels['layer']!r}")


def _version(folders: Folders, images: str, network: str, name: str) -> tuple[Path, int, str]:
    path = folders.features(images, network)
    newest = (path / name).stat().st_mtime_ns if (path / name).is_dir() else 0
    return path, newest, name


@lru_cache(maxsize=4)
def _layer(path: Path, changed: int, name: str) -> Responses:
    del changed
    return read_features(path, [name])[name]


@lru_cache(maxsize=16)
def _scale(path: Path, changed: int, name: str) -> Scale:
    return Scale.of_columns(_layer(path, changed, name).values)
