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
    """The slice with the most voxels, of values (n_units,); None where there is no grid."""
    if not has_voxels(units):
        return None
    i, j, k = (units[name].to_numpy() for name in VOXEL)
    level = int(np.bincount(k - k.min()).argmax() + k.min())
    inside = k == level
    i, j = i[inside] - i[inside].min(), j[inside] - j[inside].min()
    step = max(1, -(-int(max(i.max(), j.max()) + 1) // MOST))
    grid = np.full((int(j.max()) // step + 1, int(i.max()) // step + 1), np.nan)
    # The second voxel axis points up.
    grid[grid.shape[0] - 1 - j // step, i // step] = values[inside]
    both = bool(np.nanmin(grid, initial=0.0) < 0) if np.isfinite(grid).any() else False
    said = f"slice k = {level}, {what}" if what else f"slice k = {level}"
    return matrix(grid, label, f"A {said}.", both=both, caption=said)
