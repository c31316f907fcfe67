"""Parcels of CIFTI files (.pscalar, .ptseries, .plabel): units with names, which they meet by."""

from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import listed
from isocortex.errors import FormatError, InputError
from isocortex.formats.files import (
    flat_mask,
    open_image,
    pixels,
    plain_mask,
    reader_of,
    without_nan,
)
from isocortex.formats.flat import Named
from isocortex.formats.space import Parcels, with_space


def column_axis(image: Any, who: str) -> Any:
    """What the columns of a CIFTI image are: a BrainModelAxis or a ParcelsAxis of nibabel.

    Raises
    ------
    FormatError
        If it is another image, or its columns are neither.
    """
    from nibabel.cifti2.cifti2 import Cifti2Image
    from nibabel.cifti2.cifti2_axes import BrainModelAxis, ParcelsAxis

    if not isinstance(image, Cifti2Image):
        raise FormatError(
            f"{who}: this is not a CIFTI file of grayordinates or parcels (.dscalar.nii, "
            f".ptseries.nii and the like). {reader_of(image)} reads it."
        )
    axes = [image.header.get_axis(i) for i in range(image.ndim)]
    if len(axes) != 2 or not isinstance(axes[1], BrainModelAxis | ParcelsAxis):
        kinds = listed(type(each).__name__.removesuffix("Axis") for each in axes)
        raise FormatError(
            f"{who}: this CIFTI file has the axes {kinds}; a recording has columns of "
            "grayordinates (.dscalar, .dtseries, .dlabel) or of parcels (.pscalar, .ptseries, "
            ".plabel)."
        )
    return axes[1]


def parcels(
    data: np.ndarray, axis: Any, mask: Any, nan: str, who: str
) -> tuple[np.ndarray, pd.DataFrame]:
    """Rows (n_rows, n_parcels of the mask) and the units, which know their space.

    Raises
    ------
    FormatError
        If two parcels have one name.
    InputError
        If the mask does not fit, or a parcel holds NaN.
    """
    names = _names(axis, who)
    labels, called = (np.ones(len(axis), np.int64), {}) if mask is None else _mask(mask, axis, who)
    where = np.nonzero(labels)[0]
    values, finite = without_nan(np.ascontiguousarray(data[:, where]), nan, who)
    where = where[finite]
    units = pd.DataFrame(
        {
            "parcel": [names[i] for i in where],
            "structure": [_structures(axis, i) for i in where],
            "n_vertices": [sum(len(each) for each in axis.vertices[i].values()) for i in where],
            "n_voxels": [len(axis.voxels[i]) for i in where],
            "mask": labels[where],
        }
    )
    if called:
        units["region"] = [called.get(int(label), str(label)) for label in units["mask"]]
    return values, with_space(units, Parcels(axis))


def parcel_places(names: Any, axis: Any, who: str) -> np.ndarray:
    """The positions of parcels along an axis, by name.

    Raises
    ------
    InputError
        If the axis has no parcel of a name.
    """
    places = pd.Index(_names(axis, who)).get_indexer(pd.Index([str(name) for name in names]))
    absent = [str(name) for name, place in zip(names, places, strict=True) if place < 0]
    if absent:
        raise InputError(f"{who}: the recording has no parcels called {listed(absent)}.")
    return places


def label_names(image: Any) -> dict[int, str]:
    """What the labels of a ``.dlabel.nii`` or ``.plabel.nii`` are called; empty of other files."""
    first = image.header.get_axis(0)
    tables = getattr(first, "label", [])
    return {int(key): str(each[0]) for key, each in tables[0].items()} if len(tables) == 1 else {}


def _mask(mask: Any, axis: Any, who: str) -> Named:
    mask = plain_mask(mask)
    if isinstance(mask, np.ndarray):
        return flat_mask(mask, len(axis), "parcels", who), {}
    mask = open_image(mask, who)
    own = column_axis(mask, who)
    if type(own) is not type(axis):
        raise InputError(
            f"{who}: the image has parcels, but the mask grayordinates; give one label for each "
            "parcel (.plabel.nii, or an array)."
        )
    labels = flat_mask(pixels(mask, who), len(own), "parcels", who)
    places = pd.Index(_names(own, who)).get_indexer(pd.Index(_names(axis, who)))
    found = np.where(places >= 0, labels[places], 0)
    if (labels != 0).sum() != (found != 0).sum():
        absent = set(_names(own, who)) - set(_names(axis, who))
        raise InputError(f"{who}: the image has no parcels called {listed(sorted(absent))}.")
    return found, label_names(mask)


def _names(axis: Any, who: str) -> list[str]:
    names = [str(each) for each in axis.name]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FormatError(
            f"{who}: {listed(twice)} name more than one parcel each; parcels meet by name."
        )
    return names


def _structures(axis: Any, place: int) -> str:
    """Where a parcel lies; voxels of parcels have no structure in the file."""
    names = sorted(str(each).removeprefix("CIFTI_STRUCTURE_") for each in axis.vertices[place])
    return " ".join(names)
