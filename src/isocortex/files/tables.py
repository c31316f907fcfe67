"""Tables of results for other programs: Parquet and CSV."""

from pathlib import Path
from typing import Any

import pandas as pd

from isocortex.errors import InputError, MissingDependencyError


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table; names of layers become plain text, in their order as categories.

    Raises
    ------
    MissingDependencyError
        If pyarrow, which writes Parquet, is not installed.
    InputError
        If a cell holds what a table for other programs cannot have.
    """
    plain = table.assign(**{key: _plain(table[key]) for key in table.columns})
    if path.suffix == ".csv":
        plain.to_csv(path, index=False)
        return
    try:
        import pyarrow
    except ImportError as error:
        raise MissingDependencyError(
            "Parquet is written by pyarrow: pip install 'isocortex[tables]'. Or save to .csv."
        ) from error
    try:
        plain.to_parquet(path, index=False, engine="pyarrow")
    except (pyarrow.ArrowException, TypeError) as error:
        raise InputError(f"save: this table cannot be written as Parquet: {error}.") from error


def _plain(column: Any) -> pd.Series:
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        if all(isinstance(each, str) for each in dtype.categories):
            return column.cat.rename_categories([str(each) for each in dtype.categories])
        return column
    if dtype.kind == "O" and any(isinstance(each, str) for each in column):
        return column.map(lambda each: str(each) if pd.api.types.is_scalar(each) else each)
    return column
