"""Distances along a cortical mesh: the shortest way over its edges, in mm."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components, dijkstra

from isocortex.errors import FormatError, InputError
from isocortex.formats.files import open_image
from isocortex.formats.sides import side_of_word
from isocortex.searchlights.distance import EQUAL, Rows, as_rows, first_of

_BUDGET = 2**26
"""Bytes of distances that are held at once."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """One cortical sheet of triangles: places of vertices, and corners of faces."""

    points: np.ndarray
    """In mm, shape (n_vertices, 3)."""
    faces: np.ndarray
    """Vertices of each triangle, shape (n_faces, 3)."""

    def graph(self) -> Any:
        """Lengths of the edges, symmetric, shape (n_vertices, n_vertices)."""
        edges = np.concatenate(
            [self.faces[:, [0, 1]], self.faces[:, [1, 2]], self.faces[:, [2, 0]]]
        )
        edges = np.unique(np.sort(edges, axis=1), axis=0)
        edges = edges[edges[:, 0] != edges[:, 1]]
        lengths = np.linalg.norm(self.points[edges[:, 0]] - self.points[edges[:, 1]], axis=1)
        # No edge may vanish from a sparse matrix because two vertices are one point.
        lengths = np.maximum(lengths, np.finfo(np.float64).tiny)
        n = len(self.points)
        half = sparse.coo_array((lengths, (edges[:, 0], edges[:, 1])), shape=(n, n))
        return sparse.csr_array(half + half.T)


def meshes_of(mesh: Any, who: str) -> dict[str, Mesh]:
    """The sheets of what a user has as a mesh, by hemisphere: ``left``, ``right`` or ``""``.

    Parameters
    ----------
    mesh : path of .surf.gii, GiftiImage, (points, faces), a mesh of nilearn, or mapping of these
        nilearn's PolyMesh and SurfaceImage have both hemispheres; a mapping has ``"left"`` and
        ``"right"``.

    Raises
    ------
    InputError, FormatError, NotFoundError
    """
    mesh = getattr(mesh, "mesh", mesh)
    parts = getattr(mesh, "parts", mesh)
    if isinstance(parts, Mapping):
        sides = {name: side_of_word(name) or str(name).lower() for name in parts}
        named = {side: _mesh(parts[name], who) for name, side in sides.items()}
        return dict(sorted(named.items()))
    return {"": _mesh(mesh, who)}


def geodesic_within(mesh: Mesh, vertices: np.ndarray, radius: float) -> list[np.ndarray]:
    """For each of these vertices, positions (among them) of those at most ``radius`` away."""
    found = []
    for away in _distances(mesh.graph(), vertices, radius * (1 + EQUAL)):
        found += [np.nonzero(np.isfinite(row))[0] for row in away[:, vertices]]
    return found


def geodesic_nearest(mesh: Mesh, vertices: np.ndarray, n: int) -> list[np.ndarray]:
    """For each of these vertices, positions (among them) of the ``n`` nearest.

    Raises
    ------
    InputError
        If a connected part of the mesh has fewer.
    """
    graph = mesh.graph()
    _refuse_small_parts(graph, vertices, n)
    # A first radius: of a disc of n vertices, and half as much again; who finds fewer doubles it.
    area = np.pi * float(np.median(graph.data)) ** 2 / 3
    limit, found = 1.5 * float(np.sqrt(n * area / np.pi)), {}
    todo = np.arange(len(vertices))
    while len(todo):
        done = 0
        for away in _distances(graph, vertices[todo], limit, vertices):
            for row in away:
                if np.isfinite(row).sum() >= n:
                    found[int(todo[done])] = first_of(row, n)
                done += 1
        todo = np.array([i for i in todo if int(i) not in found], dtype=np.intp)
        limit *= 2
    return [found[i] for i in range(len(vertices))]


def joined(mesh: Mesh, vertices: np.ndarray) -> list[np.ndarray]:
    """For each of these vertices, positions (among them) of itself and those at its edges."""
    some = mesh.graph()[vertices][:, vertices].tocsr()
    ends = zip(some.indptr[:-1], some.indptr[1:], strict=True)
    return [np.unique([i, *some.indices[a:b]]) for i, (a, b) in enumerate(ends)]


def as_one(parts: list[tuple[np.ndarray, list[np.ndarray]]], n: int) -> Rows:
    """Rows of several sheets together: units of each, and the neighbours among these."""
    rows: list[np.ndarray] = [np.empty(0, dtype=np.int32)] * n
    for units, near in parts:
        for unit, each in zip(units, near, strict=True):
            rows[unit] = units[each].astype(np.int32)
    return as_rows(rows)


def _distances(
    graph: Any, start: np.ndarray, limit: float, to: np.ndarray | None = None
) -> Iterator[np.ndarray]:
    size = max(1, _BUDGET // (8 * graph.shape[0]))
    for first in range(0, len(start), size):
        away = dijkstra(graph, indices=start[first : first + size], limit=limit)
        yield away if to is None else away[:, to]


def _refuse_small_parts(graph: Any, vertices: np.ndarray, n: int) -> None:
    part = connected_components(graph, directed=False)[1][vertices]
    least = np.bincount(part)[np.unique(part)].min()
    if least < n:
        raise InputError(
            f"neighbours: n_units={n}, but a connected part of the mesh has only {least} recorded "
            "vertices."
        )


def _mesh(mesh: Any, who: str) -> Mesh:
    if hasattr(mesh, "coordinates") and hasattr(mesh, "faces"):
        points, faces = mesh.coordinates, mesh.faces
    elif isinstance(mesh, tuple | list) and len(mesh) == 2:
        points, faces = mesh
    else:
        points, faces = _of_gifti(open_image(mesh, who), who)
    points, faces = np.asarray(points, dtype=np.float64), np.asarray(faces)
    sound = points.ndim == 2 and points.shape[1] == 3 and faces.ndim == 2 and faces.shape[1] == 3
    if not sound or faces.dtype.kind not in "iu" or not np.isfinite(points).all():
        raise InputError(
            f"{who}: a mesh has points (n_vertices, 3) in mm and faces (n_faces, 3) of vertex "
            f"numbers; these have shapes {points.shape} and {faces.shape} ({faces.dtype})."
        )
    if faces.size and (faces.min() < 0 or faces.max() >= len(points)):
        raise InputError(
            f"{who}: the faces of the mesh name vertices {faces.min()} to {faces.max()}, but it "
            f"has {len(points)}."
        )
    return Mesh(points, faces.astype(np.int64))


def _of_gifti(image: Any, who: str) -> tuple[np.ndarray, np.ndarray]:
    # NIfTI's intents: 1008 is a set of points, 1009 are triangles.
    arrays = {each.intent: each.data for each in getattr(image, "darrays", [])}
    if not {1008, 1009} <= set(arrays):
        raise FormatError(
            f"{who}: mesh= holds no mesh (points and triangles); it must be a .surf.gii file, "
            "(points, faces), or a mesh of nilearn."
        )
    return arrays[1008], arrays[1009]
