"""What meshes, grayordinates and parcels share: units in one line, without a grid."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.errors import InputError
from isocortex.formats.files import mask_labels, without_nan
from isocortex.store.atomic import whole

Named = tuple[np.ndarray, Mapping[int, str]]
"""Labels of a mask, and what the regions are called; nothing where the mask does not say."""


def masked(
    data: np.ndarray, mask: Named | None, nan: str, column: str, who: str
) -> tuple[np.ndarray, pd.DataFrame]:
    """The columns of ``data`` (n_rows, n_all) inside a mask, and their table of units.

    Without a mask, those that differ from 0 in some row; with names, a column ``region``.

    Raises
    ------
    InputError
        If the mask is empty, or units hold NaN that is not to be dropped.
    """
    if mask is None:
        mask = mask_labels((np.nan_to_num(data) != 0).any(0), who), {}
    labels, names = mask
    where = np.nonzero(labels)[0]
    values, finite = without_nan(np.ascontiguousarray(data[:, where]), nan, who)
    kept = labels[where][finite]
    units = pd.DataFrame({column: where[finite], "mask": kept})
    if names:
        units["region"] = [names.get(int(label), str(label)) for label in kept]
    return values, units


def spread(rows: np.ndarray, where: Any, n: int, outside: float) -> np.ndarray:
    """Rows (n_maps, n_units) at their places among ``n``, float32, ``outside`` elsewhere."""
    full = np.full((len(rows), n), outside, dtype=np.float32)
    full[:, np.asarray(where)] = rows
    return full


def save_image(image: Any, path: str | Path, suffix: str, who: str) -> Path:
    """Write a nibabel image whole, if its name ends as it should.

    Raises
    ------
    InputError, StorageError
    """
    path = Path(path)
    if not path.name.endswith(suffix):
        raise InputError(f"{who}: {path.name!r} must end in {suffix}.")
    with whole(path) as draft:
        image.to_filename(draft)
    return path
