"""Small services for tables of labels."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import listed, suggestion
from isocortex.errors import InputError


def rows_where(table: pd.DataFrame, wanted: Mapping[str, Any], who: str) -> np.ndarray:
    """Which rows have these labels; a list admits any of its members.

    Raises
    ------
    InputError
        If there is no such column, or no row is left.
    """
    keep = np.ones(len(table), dtype=bool)
    for key, value in wanted.items():
        if key not in table.columns:
            raise InputError(
                f"{who} has no label {key!r}. {suggestion(key, map(str, table.columns))}"
                f"It has: {listed(table.columns, 20) or 'none'}."
            )
        members = value if isinstance(value, list | tuple | set | np.ndarray) else [value]
        keep &= table[key].isin(list(members)).to_numpy()
    if not keep.any():
        raise InputError(f"{who}: no row has {', '.join(f'{k}={v!r}' for k, v in wanted.items())}.")
    return keep


def row_names(table: pd.DataFrame, rows: Sequence[int]) -> str:
    """Rows by their labels, such as ``subject 'ben', region 'IT'``, or by place without any."""
    said = [
        ", ".join(f"{key} {str(table[key].iloc[row])!r}" for key in table.columns) or f"row {row}"
        for row in rows[:3]
    ]
    more = len(rows) - len(said)
    return "; ".join(said) + (f" and {more} more" if more > 0 else "")


def beside(table: pd.DataFrame, taken: pd.DataFrame, prefix: str = "other_") -> pd.DataFrame:
    """``table`` with ``prefix`` before the columns that ``taken`` has as well."""
    return table.rename(columns={c: f"{prefix}{c}" for c in table.columns if c in taken.columns})


def labels_table(nouns: Any) -> pd.DataFrame:
    """The labels of several nouns as a table, one row for each."""
    nouns = list(nouns)
    return pd.DataFrame([dict(noun.labels) for noun in nouns], index=pd.RangeIndex(len(nouns)))
