"""Opening images and their masks; every fault is a sentence."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.arrays import as_numpy
from isocortex.choice import counted, one_of
from isocortex.data.plain import list_of_names
from isocortex.data.stimuli import Stimuli
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.formats.opened_images import load_image, numbers

NAN_CHOICES = ("error", "drop")
_ROUNDING = 1e-5


def open_image(image: Any, who: str) -> Any:
    """A nibabel image, from a path or as it is.

    Raises
    ------
    NotFoundError, FormatError
    """
    if not isinstance(image, str | Path):
        if hasattr(image, "header"):
            return image
        raise InputError(
            f"{who} needs a path or a nibabel image, not {type(image).__name__}. From an array: "
            "nibabel.Nifti1Image(array, affine)."
        )
    if not Path(image).is_file():
        raise NotFoundError(f"There is no image {str(image)!r}.")
    return load_image(Path(image))


def several(image: Any) -> list[Any] | None:
    """The images of a list, of a column of a table or of an array of paths; None of one image."""
    if isinstance(image, list | tuple):
        return list(image)
    column = isinstance(image, pd.Series | pd.Index | np.ndarray) and image.dtype.kind not in "biuf"
    return [str(each) if isinstance(each, str) else each for each in image] if column else None


def plain_mask(mask: Any) -> Any:
    """A mask that is given as numbers, as an array; paths and images as they are."""
    if isinstance(mask, str | Path | np.ndarray) or mask is None or hasattr(mask, "header"):
        return mask
    if not isinstance(mask, list | tuple | pd.Series) and not hasattr(mask, "__array__"):
        return mask
    array = np.asarray(as_numpy(mask))
    return array if array.dtype.kind in "biuf" else mask


def reader_of(image: Any) -> str:
    """The reader that takes an opened image."""
    if hasattr(image, "darrays"):
        return "read_gifti"
    return "read_cifti" if type(image).__name__ == "Cifti2Image" else "read_nifti"


def pixels(image: Any, who: str) -> np.ndarray:
    """The scaled numbers of an image, in the byte order of this machine.

    Raises
    ------
    FormatError
        If the file is damaged or truncated.
    StorageError
        If there is too little memory for them.
    """
    values = numbers(image, who)
    if values.dtype.kind not in "biuf":
        kind = "colours" if values.dtype.names else f"numbers of type {values.dtype}"
        raise FormatError(
            f"{who}: the image holds {kind}, but a recording or a mask has one real number for "
            "each voxel. Save the map itself rather than a picture of it."
        )
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def mask_labels(values: np.ndarray, who: str) -> np.ndarray:
    """A mask as integers: 0 outside, a label of a region inside.

    Raises
    ------
    InputError
        If it holds NaN or fractions, or nothing but zeros.
    """
    # Scale factors of a header leave 0.99999994 where 1 was meant.
    values = np.asarray(values)
    if values.dtype.kind not in "buif" or not np.isfinite(values).all():
        raise InputError(f"{who}: the mask must hold whole numbers, without NaN.")
    labels = np.rint(values).astype(np.int64)
    off = np.abs(values - labels) > _ROUNDING * np.maximum(np.abs(values), 1)
    if off.any():
        raise InputError(
            f"{who}: the mask holds fractions (such as {values[off].flat[0]:.6g}); "
            "it must hold whole numbers, 0 outside. Threshold it first."
        )
    if not labels.any():
        raise InputError(f"{who}: the mask is empty: no voxel or vertex of it differs from 0.")
    return labels


def flat_mask(mask: np.ndarray, n: int, what: str, who: str) -> np.ndarray:
    """The labels of a mask without a grid, shape (n,).

    Raises
    ------
    InputError
        If it has another number of values, or is no mask.
    """
    if mask.size != n:
        raise InputError(
            f"{who}: the mask has {counted(mask.size, 'value')} (shape {mask.shape}), but the "
            "image has "
            f"{n} {what}."
        )
    return mask_labels(mask.reshape(-1), who)


def without_nan(values: np.ndarray, nan: str, who: str) -> tuple[np.ndarray, np.ndarray]:
    """``values`` (n_rows, n_units) and which units are kept.

    Raises
    ------
    InputError
        If a unit has NaN and ``nan`` is not ``"drop"``.
    """
    nan = one_of(nan, NAN_CHOICES, "nan")
    if values.dtype.kind not in "fc":
        return values, np.ones(values.shape[1], dtype=bool)
    finite = np.asarray(np.isfinite(values).all(axis=0))
    if finite.all():
        return values, finite
    n_bad = int((~finite).sum())
    empty = np.nonzero(~np.isfinite(values).any(axis=1))[0]
    if len(empty):
        raise InputError(
            f"{who}: the mask has no number in {counted(len(empty), 'volume')} of {len(values)}, "
            f"the first at {empty[0]}. Leave such volumes out of the image, or fill them and "
            "give a confound for each that is 1 there alone."
        )
    if nan == "error" or not finite.any():
        raise InputError(
            f"{who}: {n_bad} of {len(finite)} voxels or vertices in the mask hold NaN or infinite "
            "numbers. Leave them out of the mask, or read with nan='drop'."
        )
    return values[:, finite], finite


def row_names(stimuli: Any, n_rows: int, who: str) -> list[str] | None:
    """One name for each volume, or None where none were given.

    Raises
    ------
    InputError
        If their number differs.
    """
    if stimuli is None:
        return None
    given = stimuli.names if isinstance(stimuli, Stimuli) else list_of_names(stimuli, who)
    names = [str(each) for each in given]
    if len(names) != n_rows:
        raise InputError(
            f"{who}: the image has {counted(n_rows, 'volume')}, but {len(names)} stimuli were "
            "given; "
            "there must be one for each."
        )
    return names
