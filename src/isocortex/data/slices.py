"""A slice through voxels, for a small picture."""

from typing import Any

import numpy as np

from isocortex.display.card import Picture
from isocortex.display.pictures import matrix

MOST = 96
"""Voxels along a side that are drawn."""
VOXEL = ("i", "j", "k")


def has_voxels(units: Any) -> bool:
    """Whether units lie on a grid: their table has whole numbers i, j, k."""
    there = all(name in units.columns and units[name].dtype.kind in "iu" for name in VOXEL)
    return there and len(units) > 0


def of_units(values: np.ndarray, units: Any, label: str, what: str) -> Picture | None:
    """The axial slice with the most voxels, of values (n_units,); None where there is no grid.

    Left is left and the front is on top where the affine of the units is known.
    """
    if not has_voxels(units):
        return None
    voxels = units[list(VOXEL)].to_numpy()
    affine = getattr(units.attrs.get("space"), "affine", None)
    to_right, to_front, level = voxels.T if affine is None else _upright(voxels, affine).T
    height = int(np.bincount(level - level.min()).argmax() + level.min())
    inside = level == height
    i, j = (each[inside] - each[inside].min() for each in (to_right, to_front))
    step = max(1, -(-int(max(i.max(), j.max()) + 1) // MOST))
    grid = np.full((int(j.max()) // step + 1, int(i.max()) // step + 1), np.nan)
    grid[grid.shape[0] - 1 - j // step, i // step] = values[inside]
    both = bool(np.nanmin(grid, initial=0.0) < 0) if np.isfinite(grid).any() else False
    where = f"slice k = {height}"
    if affine is not None:
        middle = voxels[inside].mean(0) @ affine[2, :3] + affine[2, 3]
        where = f"slice z = {middle:.0f} mm"
    said = f"{where}, {what}" if what else where
    return matrix(
        grid, label, f"A {said}.", both=both, caption=said, sides="" if affine is None else "LR"
    )


def _upright(voxels: np.ndarray, affine: np.ndarray) -> np.ndarray:
    """Places of voxels along axes that run to the right, to the front and upwards."""
    from nibabel.orientations import io_orientation

    found = np.empty_like(voxels)
    for axis, (towards, sign) in enumerate(io_orientation(affine).astype(int)):
        found[:, towards] = sign * voxels[:, axis]
    return found
