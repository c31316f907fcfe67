"""One hemisphere from files: rows of numbers on the vertices of one mesh, and masks of these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.errors import FormatError, InputError
from isocortex.formats.files import flat_mask, open_image, pixels, plain_mask, reader_of, several
from isocortex.formats.freesurfer import (
    Annotation,
    overlay_bytes,
    read_annotation,
    read_overlay,
)
from isocortex.formats.gifti import gifti_rows, label_names, mesh_image
from isocortex.formats.opened_images import WHAT
from isocortex.formats.sides import side_of_name, side_of_word
from isocortex.reading import reading
from isocortex.store.atomic import whole

IMAGES = (".gii", ".gii.gz", ".mgh", ".mgz", ".nii", ".nii.gz")


@dataclass(frozen=True, eq=False)
class Regions:
    """A mask of a mesh."""

    inside: np.ndarray
    """Whole numbers, 0 outside, shape (n_vertices,)."""
    labels: np.ndarray
    """What is said of each vertex, shape (n_vertices,)."""
    names: Sequence[str] | None = None
    """The region of each vertex, if regions have names."""


@dataclass(frozen=True, eq=False)
class MeshRows:
    """What files of one hemisphere hold."""

    rows: np.ndarray
    """Shape (n_rows, n_vertices)."""
    side: str = ""
    """``"left"``, ``"right"`` or, where it is not known, nothing."""
    meta: Mapping[str, str] = field(default_factory=dict)
    """What a GIFTI file says of itself."""
    regions: Regions | None = None
    """Of an annotation."""
    names: Mapping[int, str] = field(default_factory=dict)
    """What numbers mean that are labels (``.label.gii``)."""


def mesh_rows(image: Any, side: str, who: str) -> MeshRows:
    """Rows of an image, or of a list of images, of one hemisphere.

    Raises
    ------
    InputError
        If they are of the other hemisphere than ``side`` says, or of different meshes.
    FormatError
        If there are no numbers for vertices in them.
    """
    given = several(image)
    if given is not None and not given:
        raise InputError(f"{who} was given an empty list of images.")
    found = [_one(each, who) for each in ([image] if given is None else given)]
    sides = {each.side for each in found} - {""}
    if len(sides) > 1 or (side and sides - {side}):
        of = " and ".join(sorted(sides))
        if side:
            raise InputError(f"{who}: what is called {side!r} is of the {of} hemisphere.")
        raise InputError(
            f"{who}: a list has one file for each row, but these are of the {of} hemisphere. Both "
            "together are {'left': ..., 'right': ...}."
        )
    if len({each.rows.shape[1] for each in found}) > 1:
        counts = [each.rows.shape[1] for each in found]
        raise InputError(f"{who}: the images of the list have different meshes: {counts} vertices.")
    rows = found[0].rows if len(found) == 1 else np.concatenate([each.rows for each in found])
    regions = found[0].regions if len(found) == 1 else None
    return MeshRows(rows, side or next(iter(sides), ""), found[0].meta, regions)


def mask_of_mesh(mask: Any, n_vertices: int, side: str, who: str) -> Regions:
    """A mask of a mesh: an annotation, an image or an array.

    Raises
    ------
    InputError
        If it has another number of vertices or is of the other hemisphere.
    """
    mask = plain_mask(mask)
    if isinstance(mask, np.ndarray):
        labels = flat_mask(mask, n_vertices, "vertices", who)
        return Regions(labels, labels)
    found = _one(mask, who)
    if side and found.side and found.side != side:
        raise InputError(
            f"{who}: the mask is of the {found.side} hemisphere, the image of the {side} one."
        )
    inside = found.rows if found.regions is None else found.regions.inside
    labels = flat_mask(inside, n_vertices, "vertices", who)
    if found.regions is not None:
        return found.regions
    called = [found.names.get(int(each), str(each)) for each in labels] if found.names else None
    return Regions(labels, labels, called)


def write_mesh(
    path: Path, full: np.ndarray, names: Sequence[str], meta: Mapping[str, str], who: str
) -> Path:
    """Maps (n_maps, n_vertices), float32, as the file that the name asks for.

    Raises
    ------
    InputError
        If the name is of no kind, or the file cannot hold several maps.
    """
    name = path.name
    if name.endswith(".gii"):
        image = mesh_image(full, names, meta)
    elif name.endswith((".mgh", ".mgz")):
        image = _mgh(full)
    elif not name.startswith(("lh.", "rh.")) or name.endswith((*IMAGES, ".annot")):
        raise InputError(
            f"{who}: {name!r} must end in .gii, .mgh or .mgz, or be an overlay that begins with "
            "lh. or rh., such as 'lh.score'."
        )
    elif len(full) > 1:
        raise InputError(
            f"{who}: the overlay {name!r} holds one map, but there are {len(full)}; give a name "
            "that ends in .mgh or .gii."
        )
    else:
        with whole(path) as draft:
            draft.write_bytes(overlay_bytes(full[0]))
        return path
    with whole(path) as draft:
        image.to_filename(draft)
    return path


def _mgh(full: Any) -> Any:
    from nibabel.freesurfer.mghformat import MGHImage

    maps = full.T.reshape(full.shape[1], 1, 1, -1)
    return MGHImage(maps[..., 0] if len(full) == 1 else maps, np.eye(4))


def _is_image(path: Path) -> bool:
    return path.name.lower().endswith(IMAGES)


def _one(image: Any, who: str) -> MeshRows:
    """The rows of a file, of an opened image, or of the array that nilearn has."""
    if isinstance(image, str | Path) and not _is_image(Path(image)):
        return _of_freesurfer(Path(image))
    if isinstance(image, np.ndarray) and image.ndim in (1, 2):  # (n_vertices, n_rows)
        return MeshRows(np.ascontiguousarray(np.atleast_2d(image.T)))
    opened = open_image(image, who)
    side = side_of_name(Path(image).name) if isinstance(image, str | Path) else ""
    if hasattr(opened, "darrays"):
        rows = gifti_rows(opened, who)
        meta = {**dict(opened.darrays[0].meta), **dict(opened.meta)}
        said = side_of_word(meta.get("AnatomicalStructurePrimary", ""))
        if side and said and side != said:
            raise FormatError(f"{who}: the file is called {side}, but says that it is {said}.")
        return MeshRows(rows, side or said, meta, names=label_names(opened))
    shape: tuple[int, ...] = tuple(getattr(opened, "shape", ()))
    if type(opened).__name__ == "Cifti2Image" or len(shape) not in (3, 4) or shape[1:3] != (1, 1):
        raise FormatError(
            f"{who}: the image has shape {shape}; on a mesh it is (n_vertices, 1, 1) or "
            f"(n_vertices, 1, 1, n_rows). {reader_of(opened)} reads it."
        )
    rows = pixels(opened, who).reshape(int(opened.shape[0]), -1).T
    return MeshRows(np.ascontiguousarray(rows), side)


def _of_freesurfer(path: Path) -> MeshRows:
    side = side_of_name(path.name)
    with reading(path, WHAT):
        if path.name.endswith(".annot"):
            regions = _of_annotation(read_annotation(path))
            return MeshRows(regions.labels[None].astype(np.float64), side, {}, regions)
        return MeshRows(read_overlay(path)[None], side)


def _of_annotation(found: Annotation) -> Regions:
    return Regions(found.inside().astype(np.int64), found.labels, found.regions())
