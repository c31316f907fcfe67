"""Where the units of a recording lie, so that a map can be written back.

A reader puts one of these nouns into ``units.attrs["space"]`` of what it returns. It travels
with the table of units through every verb that keeps the table; ``write_*`` and the brain
plots look for it there (``like=recording``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from isocortex.data.responses import Responses
from isocortex.data.scores import Scores
from isocortex.data.trials import Trials
from isocortex.errors import InputError

Space = TypeVar("Space", bound="Volume | Surface | Hemispheres | Grayordinates | Parcels")


class _Shared:
    """Tables copy their attrs deeply and often; a frozen space is shared instead."""

    def __deepcopy__(self, memo: Any) -> Any:
        return self


@dataclass(frozen=True, eq=False)
class Volume(_Shared):
    """The grid of voxels of an image; units have the columns ``i, j, k``."""

    shape: tuple[int, int, int]
    """Voxels along i, j, k."""
    affine: np.ndarray
    """From voxel (i, j, k, 1) to millimetres, shape (4, 4)."""
    header: Any = field(default=None, repr=False)
    """The nibabel header that the image had."""


@dataclass(frozen=True, eq=False)
class Surface(_Shared):
    """The vertices of one mesh; units have the column ``vertex``."""

    n_vertices: int
    """How many the mesh has."""
    meta: Mapping[str, str] = field(default_factory=dict)
    """What the file said of itself, such as AnatomicalStructurePrimary."""


@dataclass(frozen=True, eq=False)
class Hemispheres(_Shared):
    """Two meshes; units have the columns ``hemisphere`` and ``vertex``."""

    meshes: Mapping[str, Surface]
    """By ``"left"`` and ``"right"``."""


@dataclass(frozen=True, eq=False)
class Grayordinates(_Shared):
    """The vertices and voxels of a CIFTI file; units have the column ``grayordinate``."""

    axis: Any = field(repr=False)
    """The nibabel BrainModelAxis of the file."""


@dataclass(frozen=True, eq=False)
class Parcels(_Shared):
    """The parcels of a CIFTI file; units have the column ``parcel``, the name."""

    axis: Any = field(repr=False)
    """The nibabel ParcelsAxis of the file."""


def with_space(units: pd.DataFrame, space: Any) -> pd.DataFrame:
    """The table of units, knowing its space."""
    units = units.copy()
    units.attrs["space"] = space
    return units


def space_of(like: Any, kind: type[Space], reader: str, who: str) -> tuple[Space, pd.DataFrame]:
    """The space and the units of a recording, or of maps that know theirs.

    Raises
    ------
    InputError
        If ``like`` is not a recording that was read by ``reader``, nor made of one.
    """
    if isinstance(like, Scores):
        units = like.tables.get("unit", pd.DataFrame())
    elif isinstance(like, Responses | Trials):
        units = like.units
    else:
        raise InputError(
            f"{who} needs like=recording, the Responses or Trials that {reader} returned; "
            f"it got {type(like).__name__}."
        )
    space = units.attrs.get("space")
    if not isinstance(space, kind):
        found = "none" if space is None else type(space).__name__
        raise InputError(
            f"{who}: like has no {kind.__name__} in its units (found: {found}). "
            f"Give the recording that {reader} returned, or a part of it."
        )
    return space, units
