"""Checks that every noun makes of its values, once."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from isocortex.arrays import Array, as_numpy, is_lazy, namespace
from isocortex.choice import counted, listed
from isocortex.data.label_rows import LabelRows, as_list
from isocortex.data.layer_names import in_order, label_column
from isocortex.errors import InputError


def not_finite(values: Array) -> np.ndarray | None:
    """Where ``values`` are NaN or infinite; None if they are nowhere, or lie on disk."""
    if is_lazy(values):
        return None
    xp = np if type(values) is np.ndarray else namespace(values)
    # One pass without a temporary; only when it is not finite is the full mask made.
    with np.errstate(over="ignore", invalid="ignore"):
        total = xp.sum(xp.astype(values, xp.float64) if values.ndim == 1 else values)
    if bool(xp.isfinite(total)):
        return None
    bad = ~np.isfinite(as_numpy(values))
    return bad if bad.any() else None


def finite_rows(values: Array, names: Sequence[str], who: str) -> None:
    """No NaN and no infinity in ``values``, whose first axis is ``names``.

    Raises
    ------
    InputError
        With the stimuli concerned.
    """
    bad = not_finite(values)
    if bad is None:
        return
    rows = np.nonzero(bad.reshape(len(names), -1).any(1))[0]
    raise InputError(
        f"{who}: values hold {int(bad.sum())} NaN or infinite numbers, in the rows of "
        f"{listed(names[int(i)] for i in rows)}. Drop those rows or units, or fill them knowingly."
    )


def table_of(table: "pd.DataFrame | Mapping[str, Any] | None", n_rows: int, who: str):
    """A DataFrame of ``n_rows`` rows with a plain index; single values are repeated.

    Layers become ordered categories, as the networks run.

    Raises
    ------
    InputError
        If a column has another length.
    """
    if isinstance(table, pd.DataFrame):
        _check_length(len(table), n_rows, who)
        return in_order(table.reset_index(drop=True))
    if table is None:
        return pd.DataFrame(index=pd.RangeIndex(n_rows))
    columns = {key: label_column(column) for key, column in _columns(table, n_rows, who).items()}
    return in_order(pd.DataFrame(columns, index=pd.RangeIndex(n_rows)))


def label_rows_of(
    table: "pd.DataFrame | Mapping[str, Any] | None", n_rows: int, who: str
) -> LabelRows:
    """The same, of which the DataFrame is made when somebody asks for it.

    Raises
    ------
    InputError
        If a column has another length.
    """
    if isinstance(table, LabelRows):
        _check_length(table.n_rows, n_rows, who)
        return table
    if isinstance(table, pd.DataFrame):
        _check_length(len(table), n_rows, who)
        return LabelRows.of_frame(table)
    return LabelRows.of_columns(_columns(table or {}, n_rows, who), n_rows)


def _check_length(length: int, n_rows: int, who: str) -> None:
    if length != n_rows:
        raise InputError(f"{who}: the table has {length} rows, but {n_rows} are needed.")


def _columns(table: Mapping[Any, Any], n_rows: int, who: str) -> dict[str, list[Any]]:
    """Lists of ``n_rows`` entries."""
    columns = {}
    for key, column in table.items():
        single = np.ndim(column) == 0
        if not single and len(column) != n_rows:
            raise InputError(
                f"{who}: {key!r} has {counted(len(column), 'entry')}, but {n_rows} are needed "
                "(or a single one for all)."
            )
        columns[str(key)] = [column] * n_rows if single else as_list(column)
    return columns
