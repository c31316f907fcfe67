"""Where the units of a recording lie in millimetres, and by which columns they are known."""

import numpy as np
import pandas as pd

from isocortex.choice import listed
from isocortex.errors import InputError
from isocortex.formats.space import Grayordinates, Volume

MILLIMETRES = ("x", "y", "z")
KEYS = (
    ("i", "j", "k"),
    ("grayordinate",),
    ("hemisphere", "vertex"),
    ("vertex",),
    ("parcel",),
    ("channel",),
    MILLIMETRES,
    ("unit",),
    ("neuroid",),
)
"""Columns that say which unit it is; the first set that a table has counts."""


def key_columns(units: pd.DataFrame) -> list[str]:
    """The columns by which units of two recordings meet; none where they have no names."""
    # Surface vertices in a table of grayordinates have -1 for i, j, k.
    if "grayordinate" in units.columns:
        return ["grayordinate"]
    for columns in KEYS:
        if set(columns) <= set(units.columns):
            return list(columns)
    return []


def millimetres(units: pd.DataFrame, who: str) -> tuple[np.ndarray, np.ndarray]:
    """Positions in mm, shape (n_units, 3), and the group of each, between which none is near.

    Raises
    ------
    InputError
        If the units have no coordinates, or lie on a surface of which the mesh is not known.
    """
    space = units.attrs.get("space")
    if isinstance(space, Volume) and {"i", "j", "k"} <= set(units.columns):
        return in_world(units, space.affine), np.zeros(len(units), dtype=int)
    if isinstance(space, Grayordinates):
        on_mesh = int((units["vertex"].to_numpy() >= 0).sum())
        if on_mesh:
            raise InputError(
                f"{who}: {on_mesh} of {len(units)} grayordinates are vertices, whose distances run "
                "along the cortex; give mesh={'left': ..., 'right': ...}."
            )
        return in_world(units, space.axis.affine), np.zeros(len(units), dtype=int)
    if set(MILLIMETRES) <= set(units.columns):
        points = units[list(MILLIMETRES)].to_numpy(dtype=np.float64)
        if not np.isfinite(points).all():
            raise InputError(f"{who}: the columns x, y, z of the units hold NaN or infinity.")
        return points, np.zeros(len(units), dtype=int)
    raise InputError(
        f"{who}: the units have no coordinates (their table has {listed(units.columns, 12)}"
        f"{'no columns' if not len(units.columns) else ''}). Read the image with read_nifti, give "
        "units the columns x, y, z in mm, or give mesh= for vertices and sensors= for channels."
    )


def in_world(units: pd.DataFrame, affine: np.ndarray) -> np.ndarray:
    """Voxels i, j, k in mm by the full affine, shape (n_units, 3)."""
    voxels = units[["i", "j", "k"]].to_numpy(dtype=np.float64)
    return voxels @ np.asarray(affine, dtype=np.float64)[:3, :3].T + affine[:3, 3]
