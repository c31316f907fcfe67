"""Small services for tables of labels."""

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import listed, suggestion
from isocortex.errors import InputError

SAME_TIME = 1e-9
"""Seconds within which two times are the same: .1 + .2 is .3."""


def same_numbers(first: Any, second: Any, slack: float = 0.0) -> np.ndarray:
    """Where numbers are equal but for the rounding of a few operations, and for ``slack``."""
    return np.isclose(first, second, rtol=1e-12, atol=slack)


def is_time(label: object) -> bool:
    """Whether a label holds times in seconds, by its name."""
    return str(label) in ("time", "train_time", "test_time")


def with_common_times(tables: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """The tables, with each time that is nearly one of an earlier table made equal to it."""
    made, known = [], np.empty(0)
    for table in tables:
        if "time" in table.columns and pd.api.types.is_float_dtype(table["time"]):
            times = _as_known(table["time"].to_numpy(dtype=float), known)
            known = np.union1d(known, times[~np.isnan(times)])
            table = table.assign(time=times)
        made.append(table)
    return made


def _as_known(times: np.ndarray, known: np.ndarray) -> np.ndarray:
    if not len(known):
        return times
    nearest = known[np.abs(times[:, None] - known).argmin(1)]
    return np.where(same_numbers(times, nearest, SAME_TIME), nearest, times)


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
        found = table[key].isin(list(members)).to_numpy()
        if pd.api.types.is_float_dtype(table[key]):
            numbers = [m for m in members if isinstance(m, Real)]
            slack = SAME_TIME if is_time(key) else 0.0
            column = table[key].to_numpy()[:, None]
            found = found | same_numbers(column, numbers, slack).any(1)
        keep &= found
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
