"""The block that the units of a layer fill: channels, rows and columns."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from isocortex.data.responses import Responses

BLOCK_COLUMNS = ("channel", "component", "row", "col")


def unit_shape(layer: Responses) -> tuple[int, int, int]:
    """(n_channels, n_rows, n_columns) where the units fill such a block in C order.

    Other layers have the shape (n_units, 1, 1), as fully connected ones do.
    """
    units = layer.units
    columns = [name for name in units.columns if name in BLOCK_COLUMNS][:3]
    flat = (layer.n_units, 1, 1)
    if not columns or any(units[name].dtype.kind not in "iu" for name in columns):
        return flat
    places = [units[name].to_numpy() for name in columns]
    shape = tuple(int(place.max(initial=-1)) + 1 for place in places)
    if int(np.prod(shape)) != layer.n_units:
        return flat
    order = np.ravel_multi_index(places, shape)
    if not np.array_equal(order, np.arange(layer.n_units)):
        return flat
    full = (*shape, 1, 1)
    return (full[0], full[1], full[2])


def unit_table(
    shape: Sequence[int], names: Sequence[str] = ("channel", "row", "col")
) -> pd.DataFrame:
    """The place of each unit along each axis of a block (from 0), in C order."""
    names = [*names, *(f"axis {i}" for i in range(len(names), len(shape)))]
    grid = np.indices(tuple(shape), dtype=np.int32).reshape(len(shape), -1)
    return pd.DataFrame(dict(zip(names, grid, strict=False)))
