"""What the jobs read: recordings by region and features by layer, joined by the names of images."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from isocortex.arrays import Array, as_numpy, column_blocks
from isocortex.bh.settings import Folders, Settings
from isocortex.choice import listed, suggestion
from isocortex.data.names import positions
from isocortex.data.responses import Responses
from isocortex.data.trials import group_means
from isocortex.errors import InputError, IsocortexError, MisalignedError
from isocortex.formats.bdata import BData, read_bdata
from isocortex.formats.mat.features import read_features
from isocortex.numerics.arrays.constant import is_rounding


@dataclass(frozen=True, eq=False)
class Region:
    """The voxels of one region of one subject, trial by trial."""

    values: np.ndarray
    """Shape (n_trials, n_voxels)."""
    images: tuple[str, ...]
    """What was seen in each trial."""

    def averaged(self) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
        """The mean of each image, shape (n_images, n_voxels); their names; how many trials."""
        names, codes = np.unique(np.asarray(self.images, dtype=object), return_inverse=True)
        means, counts = group_means(self.values, codes)
        return means, tuple(names), counts


@dataclass(frozen=True, eq=False)
class Scale:
    """Mean and standard deviation (n - 1) of each column; of a constant or missing one, 1."""

    mean: np.ndarray
    norm: np.ndarray
    varies: np.ndarray
    """Which columns vary and are finite."""

    @classmethod
    def of_columns(cls, x: Array) -> "Scale":
        """From the columns of a matrix, read in blocks, rounded to float32 as the files are."""
        parts = [_moments(as_numpy(block)) for _, block in column_blocks(x)]
        mean, norm, varies = (np.concatenate(part) for part in zip(*parts, strict=True))
        return cls(mean, np.where(varies, norm, 1).astype(np.float32), varies)

    def apply(self, x: np.ndarray, columns: slice = slice(None)) -> np.ndarray:
        """Standardized as float32; constant columns become 0."""
        scaled = (x - self.mean[columns]) / self.norm[columns]
        scaled[:, ~self.varies[columns]] = 0.0
        return scaled.astype(np.float32)

    def undo(self, x: np.ndarray) -> np.ndarray:
        """Back to the unit of measurement."""
        return x * self.norm + self.mean


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


def region(folders: Folders, settings: Settings, subject: str, roi: str, kind: str) -> Region:
    """The trials of a region; ``kind`` is ``"Training"`` or ``"Test"``.

    Raises
    ------
    InputError
        If the recording has no such region, or no names of images.
    MisalignedError
        If the first subject saw other images.
    """
    path = folders.recording(subject, kind)
    found = _region(path, path.stat().st_mtime_ns, settings.rois[roi], roi)
    _check_same_images(folders, settings, subject, kind)
    return found


def layer(folders: Folders, images: str, network: str, name: str) -> Responses:
    """The features of one layer for one set of images.

    Raises
    ------
    NotFoundError
        If the layer is not there.
    FormatError
        If a file is damaged.
    """
    path = folders.features(images, network)
    newest = (path / name).stat().st_mtime_ns if (path / name).is_dir() else 0
    return _layer(path, newest, name)


def matched(names: tuple[str, ...], features: Responses, who: str) -> np.ndarray:
    """Which row of the features belongs to each image, by name.

    Raises
    ------
    MisalignedError
        If an image has no features.
    """
    missing = [name for name in names if name not in set(features.stimuli)]
    if len(missing) == len(names):
        raise MisalignedError(
            f"{who}: no image of the recording has features; the recording names them "
            f"{listed(names, 3)}, the features {listed(features.stimuli, 3)}. They are joined by "
            "name, never by rank: rename one side."
        )
    return positions(features.stimuli, names, f"{who}: the layer {features.labels['layer']!r}")


def _check_same_images(folders: Folders, settings: Settings, subject: str, kind: str) -> None:
    first = settings.subjects[0]
    if subject == first:
        return
    try:
        paths = [folders.recording(each, kind) for each in (first, subject)]
        one, other = (_images(path, path.stat().st_mtime_ns) for path in paths)
    except IsocortexError:
        return  # What is wrong with the first subject is said in that subject's own jobs.
    if one != other:
        raise MisalignedError(
            f"{subject} and {first} saw different {kind.lower()} images: only {first} "
            f"{listed(sorted(one - other), 3) or 'none'}, only {subject} "
            f"{listed(sorted(other - one), 3) or 'none'}. Accuracies of all subjects are pooled, "
            "so they must rest on the same images: remove the trials of the others from the "
            "recordings."
        )


@lru_cache(maxsize=64)
def _images(path: Path, changed: int) -> frozenset[str]:
    return frozenset(_recording(path, changed).labels("stimulus_name")) - {"n/a"}


@lru_cache(maxsize=2)
def _recording(path: Path, changed: int) -> BData:
    del changed
    return read_bdata(path)


@lru_cache(maxsize=16)
def _region(path: Path, changed: int, expression: str, roi: str) -> Region:
    data = _recording(path, changed)
    try:
        chosen = data.columns(expression)
    except InputError as error:
        keys = [key for key in data.metadata if key.startswith("ROI")]
        raise InputError(
            f"{path.name} has no region {roi!r} ({expression!r}). "
            f"{suggestion(f'ROI_{roi}', keys)}It has: {listed(keys, 20) or 'none'}."
        ) from error
    if not chosen.any():
        raise InputError(f"{path.name}: the region {roi!r} ({expression!r}) has no voxels.")
    names = data.labels("stimulus_name")
    shown = np.array([name != "n/a" for name in names])
    values = np.ascontiguousarray(data.dataset[shown][:, chosen])
    return Region(values, tuple(name for name in names if name != "n/a"))


@lru_cache(maxsize=4)
def _layer(path: Path, changed: int, name: str) -> Responses:
    del changed
    return read_features(path, [name])[name]


def _moments(block: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    block = block.astype(np.float64)
    finite = np.isfinite(block).all(0)
    block = np.where(finite, block, 0.0)
    mean = block.mean(0)
    norm = block.std(0, ddof=1)
    size = np.abs(block).max(0, initial=0.0)
    varies = finite & ~is_rounding(norm, size)
    return mean.astype(np.float32), norm.astype(np.float32), varies
