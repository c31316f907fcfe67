"""Recordings of subjects, each read once for all the layers, networks and regions that ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from isocortex.bh.scales import Scale
from isocortex.bh.settings import Folders, Settings
from isocortex.choice import listed, suggestion
from isocortex.data.trials import group_means
from isocortex.errors import InputError, IsocortexError, MisalignedError
from isocortex.formats.bdata import BData, read_bdata
from isocortex.formats.mat.scratch import set_aside


@dataclass(frozen=True, eq=False)
class Region:
    """The voxels of one region of one subject, trial by trial."""

    values: np.ndarray
    """Shape (n_trials, n_voxels)."""
    images: tuple[str, ...]
    """What was seen in each trial."""

    @cached_property
    def scale(self) -> Scale:
        """Mean and deviation of each voxel."""
        return Scale.of_columns(self.values)

    def averaged(self) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
        """The mean of each image, shape (n_images, n_voxels); their names; how many trials."""
        names, codes = np.unique(np.asarray(self.images, dtype=object), return_inverse=True)
        means, counts = group_means(self.values, codes)
        return means, tuple(names), counts


@dataclass(frozen=True, eq=False)
class _Recording:
    """What the settings ask for of one file; of a region that it has not, what to say."""

    regions: Mapping[str, Region | str]
    images: frozenset[str]


def region(folders: Folders, settings: Settings, subject: str, roi: str, kind: str) -> Region:
    """The trials of a region; ``kind`` is ``"Training"`` or ``"Test"``.

    Raises
    ------
    InputError
        If the recording has no such region, or no names of images.
    MisalignedError
        If the first subject saw other images.
    """
    found = _recording(folders, settings, subject, kind).regions[roi]
    if isinstance(found, str):
        raise InputError(found)
    _check_same_images(folders, settings, subject, kind)
    return found


def _check_same_images(folders: Folders, settings: Settings, subject: str, kind: str) -> None:
    first = settings.subjects[0]
    if subject == first:
        return
    try:
        one, other = (_recording(folders, settings, each, kind).images for each in (first, subject))
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


def _recording(folders: Folders, settings: Settings, subject: str, kind: str) -> _Recording:
    path = folders.recording(subject, kind)
    return _read(path, path.stat().st_mtime_ns, tuple(settings.rois.items()))


@lru_cache(maxsize=256)
def _read(path: Path, changed: int, rois: tuple[tuple[str, str], ...]) -> _Recording:
    """All regions at once: the next job asks for another one, of the same subject or not."""
    del changed
    data = read_bdata(path)
    names = data.labels("stimulus_name")
    shown = np.array([i for i, name in enumerate(names) if name != "n/a"], dtype=int)
    images = tuple(name for name in names if name != "n/a")
    regions = {roi: _region(data, path, roi, expression, shown, images) for roi, expression in rois}
    return _Recording(regions, frozenset(images))


def _region(
    data: BData,
    path: Path,
    roi: str,
    expression: str,
    shown: np.ndarray,
    images: tuple[str, ...],
) -> Region | str:
    try:
        chosen = np.nonzero(data.columns(expression))[0]
    except InputError:
        keys = [key for key in data.metadata if key.startswith("ROI")]
        return (
            f"{path.name} has no region {roi!r} ({expression!r}). "
            f"{suggestion(f'ROI_{roi}', keys)}It has: {listed(keys, 20) or 'none'}."
        )
    if not len(chosen):
        return f"{path.name}: the region {roi!r} ({expression!r}) has no voxels."
    return Region(set_aside(data.dataset[np.ix_(shown, chosen)]), images)
