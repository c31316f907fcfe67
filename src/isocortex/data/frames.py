"""Tables of pandas at the door: the index names rows, the columns name units."""

from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_extension_array_dtype, is_numeric_dtype, is_object_dtype

from isocortex.choice import listed
from isocortex.data.door import Given, numeric
from isocortex.errors import InputError, MisalignedError

STIMULUS = (
    "stimulus",
    "stimuli",
    "stimulus_id",
    "stimulus_name",
    "image_id",
    "image_name",
    "image",
    "condition",
    "trial_type",
)
"""What a level of an index, or a coordinate, of names of stimuli is called."""
_OF_ROWS = {*STIMULUS, "unnamed: 0", "index", "id", "name"}
"""Columns of numbers that no unit is called by, in lower case."""


def of_pandas(frame: "pd.DataFrame | pd.Series", who: str) -> Given:
    """Numbers of a table, with the names of its rows and a table of its columns.

    Raises
    ------
    InputError
        If a column is no column of real numbers.
    """
    values = numeric(_numbers(frame, who), who)
    names = index_names(frame.index)
    if isinstance(frame, pd.Series):
        return Given(values, names, (index_table(frame.index, "stimulus"),))
    tables = (index_table(frame.index, "stimulus"), index_table(frame.columns, "unit"))
    return Given(values, names, tables)


def _numbers(frame: "pd.DataFrame | pd.Series", who: str) -> np.ndarray:
    columns = frame.to_frame() if isinstance(frame, pd.Series) else frame
    unfit = [
        column
        for column, dtype in zip(columns.columns, columns.dtypes, strict=True)
        if not is_numeric_dtype(dtype) and not is_object_dtype(dtype)
    ]
    if unfit:
        raise InputError(
            f"{who}: {len(unfit)} of {len(columns.columns)} columns hold no numbers "
            f"({listed(unfit)}). Keep the others: frame.select_dtypes('number'); names of rows "
            "belong into the index: frame.set_index(...)."
        )
    counting = [str(column) for column in columns.columns if str(column).lower() in _OF_ROWS]
    if is_plain(frame.index) and counting:
        raise InputError(
            f"{who}: the column {counting[0]!r} names the rows, by its name, and is no unit. Make "
            f"it the index: frame.set_index({counting[0]!r}), or pandas.read_csv(path, "
            "index_col=0); or leave it out, or rename it, if it is a measurement."
        )
    if any(is_extension_array_dtype(dtype) for dtype in columns.dtypes):
        return frame.to_numpy(dtype=np.float64, na_value=np.nan)
    return frame.to_numpy()


def is_plain(index: pd.Index) -> bool:
    """Whether an index only counts the rows, from 0: nobody has named them."""
    return isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1


def check_columns(frame: pd.DataFrame, who: str) -> None:
    """Each column has a name of its own, where columns are found by name.

    Raises
    ------
    InputError
    """
    twice = frame.columns[frame.columns.duplicated()].unique()
    if len(twice):
        raise InputError(
            f"{who}: the table has more than one column {listed(twice)}. Keep one of each: "
            "table.loc[:, ~table.columns.duplicated()]."
        )


def index_names(index: pd.Index) -> tuple[Any, ...]:
    """One name for each row; of several levels, that of stimuli, or all joined by ``/``."""
    if not isinstance(index, pd.MultiIndex):
        return tuple(index)
    known = [level for level in STIMULUS if level in index.names]
    if known:
        return tuple(index.get_level_values(known[0]))
    return tuple("/".join(map(str, row)) for row in index)


def index_table(index: pd.Index, name: str) -> pd.DataFrame | None:
    """An index as a table, one column for each level; None if it only counts."""
    if is_plain(index):
        return None
    if isinstance(index, pd.MultiIndex):
        levels = [level or f"{name}_level_{i}" for i, level in enumerate(index.names)]
        columns = {
            str(level): index.get_level_values(i).to_numpy() for i, level in enumerate(levels)
        }
        return pd.DataFrame(columns)
    return pd.DataFrame({str(index.name or name): index.to_numpy()})


def check_order(names: tuple[Any, ...] | None, beside: Any, who: str, what: str) -> None:
    """What is put beside values must not name their rows in another order than these have.

    Parameters
    ----------
    names : tuple, optional
        That the values bring with them; those that only count rows do not matter.
    beside : Series, DataFrame, or sequence of names
        Of a table of pandas the index counts too, unless that only counts rows.
    who, what : str
        The noun, and the argument that goes beside its values.

    Raises
    ------
    MisalignedError
        If the names are the same, but not in the same order.
    """
    if names is None or names == tuple(range(len(names))):
        return
    known = [str(name) for name in names]
    sides: list[Any] = [beside] if isinstance(beside, pd.Series | pd.Index) else []
    if isinstance(beside, pd.DataFrame | pd.Series) and not is_plain(beside.index):
        sides.append(index_names(beside.index))
    if isinstance(beside, list | tuple | np.ndarray) and np.ndim(np.asarray(beside, object)) == 1:
        sides.append(beside)
    for side in sides:
        other = [str(each) for each in side]
        if other != known and sorted(other) == sorted(known):
            raise MisalignedError(
                f"{who}: {what} names the rows in another order than they have (first "
                f"{other[0]!r}, not {known[0]!r}). Bring one into the order of the other, such as "
                f"{what}.loc[values.index], or give plain arrays."
            )


def check_index(names: tuple[Any, ...], table: Any, who: str, what: str) -> None:
    """The same for a Series or DataFrame of which the index alone counts, such as labels.

    Raises
    ------
    MisalignedError
        If its index has the same names, but not in the same order.
    """
    if isinstance(table, pd.DataFrame | pd.Series) and not is_plain(table.index):
        check_order(names, list(index_names(table.index)), who, what)
