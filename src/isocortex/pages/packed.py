"""Values as a page holds them: columns, and bytes that it unpacks when they are wanted."""

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd


def packed(value: Any) -> str:
    """Plain values or bytes, compressed, as text in an alphabet that HTML leaves alone."""
    held = value if isinstance(value, bytes) else text_of(value).encode()
    return base64.b64encode(gzip.compress(held, 9, mtime=0)).decode()


def text_of(value: Any) -> str:
    """Plain values as JSON, without blanks between them."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def records(table: Any) -> list[dict[str, Any]]:
    """Rows as mappings of plain values; what is missing is None, numbers have six digits."""
    names = [str(name) for name in table.columns]
    columns = [plain(table[name]) for name in table.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def columns_of(table: Any) -> dict[str, Any]:
    """A table by columns: ``{name: values}``, of text the words and where they stand."""
    return {str(name): _column(table[name]) for name in table.columns}


def _column(column: Any) -> Any:
    if isinstance(column.dtype, pd.CategoricalDtype | pd.StringDtype) or column.dtype == object:
        codes, words = pd.factorize(column)
        return {"codes": codes.tolist(), "words": [str(each) for each in words]}
    return plain(column)


def plain(column: Any) -> list[Any]:
    """The values of a column for JSON."""
    if pd.api.types.is_float_dtype(column.dtype):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        return [float(f"{x:.6g}") if np.isfinite(x) else None for x in values.tolist()]
    return [cell(value) for value in column.astype(object)]


def cell(value: Any) -> Any:
    """One value for JSON; None where it is missing or not finite."""
    if value is None or value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return None
    if isinstance(value, float | np.floating):
        return float(f"{value:.6g}")
    return int(value) if isinstance(value, np.integer) else value


def plain_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows that are mappings already, as plain values for JSON."""
    return [{name: cell(value) for name, value in row.items()} for row in rows]
