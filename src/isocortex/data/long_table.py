"""Arrays with labelled axes as one long table: a row for each number, without an index of cells."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd


def long_table(
    tables: Mapping[str, pd.DataFrame], numbers: Mapping[str, np.ndarray], shape: tuple[int, ...]
) -> pd.DataFrame:
    """One row for each cell, in C order, with the labels of all axes and the numbers.

    A label is repeated along the other axes as it lies, and what is categorical stays so: nothing
    is looked up cell by cell.

    Parameters
    ----------
    tables : mapping from axis to DataFrame
        One row for each position.
    numbers : mapping from column to array
        Of shapes that broadcast to ``shape``.
    shape : tuple of int
    """
    columns: dict[Any, Any] = {}
    for place, table in enumerate(tables.values()):
        for name, column in table.items():
            columns[name] = _repeated(column, place, shape)
    # A copy of its own in any case, since what scores hold is not to be changed through a table.
    columns |= {name: np.broadcast_to(each, shape).flatten() for name, each in numbers.items()}
    long = pd.DataFrame(columns, copy=False)
    said = [table.attrs for table in tables.values()]
    if said and all(each == said[0] for each in said):
        long.attrs.update(said[0])
    return long


def _repeated(column: pd.Series, place: int, shape: tuple[int, ...]) -> Any:
    """A label of one axis at every cell."""
    if isinstance(column.dtype, np.dtype):
        return _along(column.to_numpy(), place, shape)
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = _along(column.cat.codes.to_numpy(), place, shape)
        return pd.Categorical.from_codes(codes, dtype=column.dtype, validate=False)
    return column.array.take(_along(np.arange(len(column)), place, shape))


def _along(values: np.ndarray, place: int, shape: tuple[int, ...]) -> np.ndarray:
    stand = [1] * len(shape)
    stand[place] = len(values)
    return np.broadcast_to(values.reshape(stand), shape).flatten()
