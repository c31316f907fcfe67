"""Tables of results for other programs: Parquet and CSV."""

from pathlib import Path
from typing import Any

import pandas as pd

from isocortex.errors import InputError, MissingDependencyError

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""With these a cell begins that a spreadsheet computes, or lets run a program."""


def spreadsheet_safe(table: pd.DataFrame) -> pd.DataFrame:
    """A table in which spreadsheets compute nothing: such text has an apostrophe before it.

    Numbers stay numbers; names of columns are treated as cells are.
    """
    safe = table.assign(**{key: _harmless(table[key]) for key in table.columns})
    return safe.rename(columns=_quoted)


def _harmless(column: Any) -> pd.Series:
    return column if column.dtype.kind in "biufc" else column.astype(object).map(_quoted)


def _quoted(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell


def write_table(table: pd.DataFrame, path: Path, *, spreadsheet: bool = False) -> None:
    """Write a table; names of layers become plain text, in their order as categories.

    Parameters
    ----------
    table : DataFrame
    path : Path
        Ends in ``.csv`` or ``.parquet``.
    spreadsheet : bool, default=False
        Write a CSV file of which spreadsheets compute nothing.

    Raises
    ------
    MissingDependencyError
        If pyarrow, which writes Parquet, is not installed.
    InputError
        If a cell holds what a table for other programs cannot have.
    """
    plain = table.assign(**{key: _plain(table[key]) for key in table.columns})
    if path.suffix == ".csv":
        (spreadsheet_safe(plain) if spreadsheet else plain).to_csv(path, index=False)
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
