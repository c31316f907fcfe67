"""Neighbourhoods of vertices (and of the voxels beside them) where a mesh is given."""

from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import listed
from isocortex.errors import InputError
from isocortex.formats.sides import side_of_word
from isocortex.formats.space import Hemispheres, Surface
from isocortex.searchlights.distance import Rows, nearest, within
from isocortex.searchlights.mesh import (
    Mesh,
    as_one,
    geodesic_nearest,
    geodesic_within,
    joined,
    meshes_of,
)
from isocortex.searchlights.places import in_world

WHO = "neighbours"


def on_mesh(units: pd.DataFrame, mesh: Any, radius: float | None, n_units: int | None) -> Rows:
    """Geodesic neighbourhoods in each hemisphere; voxels have theirs by straight distance.

    Without a radius or a number, what an edge of the mesh or a face of two voxels joins.

    Raises
    ------
    InputError
        If the units are no vertices, or the mesh is not theirs.
    """
    if "vertex" not in units.columns:
        raise InputError(
            "neighbours: mesh= is for recordings of vertices (read_gifti, read_cifti); these units "
            f"have {listed(units.columns, 12) or 'no columns'}."
        )
    sheets = meshes_of(mesh, WHO)
    vertex = units["vertex"].to_numpy()
    side, vertex = _sides(units, vertex, sheets)
    parts = []
    for name, sheet in sheets.items():
        # No path leads from one hemisphere to the other.
        own = np.nonzero((side == name) & (vertex >= 0))[0]
        if len(own):
            parts.append((own, _on_sheet(sheet, vertex[own], radius, n_units)))
    voxels = np.nonzero(vertex < 0)[0]
    if len(voxels):
        parts.append((voxels, _of_voxels(units.iloc[voxels], units, radius, n_units)))
    return as_one(parts, len(units))


def _on_sheet(
    sheet: Mesh, vertices: np.ndarray, radius: float | None, n_units: int | None
) -> list[np.ndarray]:
    if radius is not None:
        return geodesic_within(sheet, vertices, radius)
    if n_units is not None:
        return geodesic_nearest(sheet, vertices, n_units)
    return joined(sheet, vertices)


def _of_voxels(
    some: pd.DataFrame, units: pd.DataFrame, radius: float | None, n_units: int | None
) -> list[np.ndarray]:
    points = in_world(some, units.attrs["space"].axis.affine)
    if radius is not None:
        indptr, indices = within(points, radius)
    elif n_units is not None:
        indptr, indices = nearest(points, n_units)
    else:
        # Voxels are joined by a face: their indices differ by one, along one axis.
        indptr, indices = within(some[["i", "j", "k"]].to_numpy(dtype=np.float64), 1.0)
    return np.split(indices, indptr[1:-1])


def _sides(
    units: pd.DataFrame, vertex: np.ndarray, sheets: dict[str, Mesh]
) -> tuple[np.ndarray, np.ndarray]:
    """The sheet and the vertex on it of each unit."""
    side = _said(units)
    if set(sheets) == {""}:
        known = set(side[vertex >= 0])
        if len(known) > 1:
            raise InputError(
                f"neighbours: the units lie on {listed(sorted(known))}, but mesh= is one sheet; "
                "give mesh={'left': ..., 'right': ...}."
            )
        side = np.full(len(units), "", dtype=object)
    elif not (side[vertex >= 0] != "").all():
        side, vertex = _side_by_side(units, vertex, sheets)
    for name in sorted(set(side[vertex >= 0])):
        if name not in sheets:
            raise InputError(
                f"neighbours: there are units on {name!r}, but mesh= has {listed(sheets)}."
            )
        most, n = int(vertex[side == name].max()), len(sheets[name].points)
        said = _vertices_said(units, name)
        if most >= n or (said is not None and said != n):
            raise InputError(
                f"neighbours: the recording lies on a mesh of {said or f'{most + 1} or more'} "
                f"vertices, but mesh= has {n}{f' ({name})' if name else ''}; take the mesh that "
                "the data were sampled on."
            )
    return side, vertex


def _said(units: pd.DataFrame) -> np.ndarray:
    """left, right or '' for each unit, from what the tables and files say."""
    for column in ("structure", "hemisphere", "hemi"):
        if column in units.columns:
            return np.array([side_of_word(word) for word in units[column]], dtype=object)
    space = units.attrs.get("space")
    meta = space.meta.get("AnatomicalStructurePrimary", "") if isinstance(space, Surface) else ""
    return np.full(len(units), side_of_word(meta), dtype=object)


def _side_by_side(units: pd.DataFrame, vertex: np.ndarray, sheets: dict[str, Mesh]):
    """Vertices that are numbered through the left sheet and then the right one."""
    space = units.attrs.get("space")
    sizes = {name: len(sheet.points) for name, sheet in sheets.items()}
    total = sum(sizes.values())
    known = space.n_vertices if isinstance(space, Surface) else None
    if set(sizes) != {"left", "right"} or (known is not None and known != total):
        raise InputError(
            f"neighbours: it is not known on which of the sheets {listed(sheets)} ({total} "
            f"vertices together) the units lie{f', of {known} vertices' if known else ''}. Give "
            "one sheet, or units with the column 'hemisphere' (left, right)."
        )
    right = vertex >= sizes["left"]
    side = np.where(right, "right", "left").astype(object)
    return side, np.where(right, vertex - sizes["left"], vertex)


def _vertices_said(units: pd.DataFrame, side: str) -> int | None:
    space = units.attrs.get("space")
    if isinstance(space, Surface) and not side:
        return space.n_vertices
    if isinstance(space, Hemispheres) and side in space.meshes:
        return space.meshes[side].n_vertices
    return None
