"""Labels as a noun holds them: columns, of which a table is made when somebody asks for one."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from isocortex.data.layer_names import LayerName, in_order, label_column

_SCALARS = (str, int, float, bool, np.generic, type(None))


class LabelRows(Mapping[str, Any]):
    """Labels of so many rows, by column.

    A table costs more than what a verb computes of twenty stimuli, and most are never looked at.
    The one that is made in the end is the same as if it had been made at once: layers are
    ordered among all rows, also of a part.

    Parameters
    ----------
    names : sequence of str
        What the columns are called.
    n_rows : int
    make : function that returns the DataFrame
    columns : mapping from name to list, optional
        What is in them, where it is known without the table.
    """

    def __init__(
        self,
        names: Sequence[Any],
        n_rows: int,
        make: Callable[[], pd.DataFrame],
        columns: Mapping[Any, list[Any]] | None = None,
    ):
        self._names, self.n_rows = tuple(names), n_rows
        self._make: Callable[[], pd.DataFrame] | None = make
        self._columns = dict(columns or {})
        self._frame: pd.DataFrame | None = None

    @classmethod
    def of_columns(cls, columns: Mapping[Any, Sequence[Any]], n_rows: int) -> "LabelRows":
        """Of lists of ``n_rows`` entries each."""
        known = {key: as_list(column) for key, column in columns.items()}

        def make() -> pd.DataFrame:
            made = {key: label_column(column) for key, column in known.items()} or None
            return in_order(pd.DataFrame(made, index=pd.RangeIndex(n_rows)))

        rows = cls(tuple(known), n_rows, make, known)
        kinds = {type(each) for column in known.values() for each in column}
        if not all(issubclass(kind, _SCALARS) for kind in kinds):
            rows.frame()  # What is no text or number may make no table, which is said at once.
        return rows

    @classmethod
    def of_frame(cls, frame: pd.DataFrame) -> "LabelRows":
        """Of a table, which may be changed afterwards."""
        own = frame.copy(deep=False)
        return cls(tuple(own.columns), len(own), lambda: in_order(own.reset_index(drop=True)))

    def frame(self) -> pd.DataFrame:
        """The table, which is made once; whoever gives it away copies it."""
        make = self._make
        if self._frame is None and make is not None:
            self._frame, self._make = make(), None
        assert self._frame is not None
        return self._frame

    def where(self, keep: np.ndarray) -> "LabelRows":
        """The rows where a mask is true."""
        return self if keep.all() else self.at(np.flatnonzero(keep))

    def at(self, places: Any) -> "LabelRows":
        """The rows at integer positions, in that order."""
        order = [int(place) for place in places]
        columns = {key: [column[place] for place in order] for key, column in self._columns.items()}

        def make() -> pd.DataFrame:
            return in_order(self.frame().iloc[order].reset_index(drop=True))

        return LabelRows(self._names, len(order), make, columns)

    def only(self, keys: Collection[Any]) -> "LabelRows":
        """The same rows with these columns alone, in the order that they have here."""
        names = [key for key in self._names if key in keys]
        columns = {key: column for key, column in self._columns.items() if key in keys}
        return LabelRows(names, self.n_rows, lambda: self.frame().loc[:, names], columns)

    def beside(self, more: "LabelRows") -> "LabelRows":
        """With further columns, of other names, behind."""
        if not len(more):
            return self
        if not len(self):
            return more
        columns = {**self._columns, **more._columns}

        def make() -> pd.DataFrame:
            added = {key: label_column(column) for key, column in more._columns.items()}
            return in_order(self.frame().assign(**added))

        return LabelRows([*self, *more], self.n_rows, make, columns)

    def renamed(self, names: Mapping[Any, str]) -> "LabelRows":
        """With other names of columns."""
        if not names:
            return self
        columns = {names.get(key, key): column for key, column in self._columns.items()}
        called = [names.get(key, key) for key in self._names]
        return LabelRows(
            called, self.n_rows, lambda: in_order(self.frame().rename(columns=dict(names))), columns
        )

    def known(self, key: Any) -> list[Any] | None:
        """A column, where it is known without the table."""
        return self._columns.get(key)

    def entries(self, key: Any) -> list[Any]:
        """A column as its table has it, which is not made for plain text and plain numbers."""
        column = self._columns.get(key)
        return self.frame()[key].tolist() if column is None or not _is_plain(column) else column

    def distinct(self, key: Any) -> list[Any]:
        """What differs in a column, as it comes; what is missing is one thing."""
        entries = self.entries(key)
        return list({None if each != each else each: each for each in entries}.values())

    def texts(self, key: Any) -> list[str]:
        """A column as text, which tells apart what the table would."""
        column = self.entries(key)
        if {type(each) for each in column} <= {str, int, LayerName}:
            return [str(each) for each in column]
        return self.frame()[key].astype(str).tolist()

    def plain(self, key: Any, kind: type) -> list[Any] | None:
        """A column, if all of it is text (or all whole numbers) that means nothing but itself."""
        column = self._columns.get(key)
        if column is None:
            return None
        others = [each for each in column if type(each) is not kind]
        return None if any(not _is_bare(each, kind) for each in others) else column

    def __getitem__(self, key: Any) -> Any:
        return self.frame()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._names

    def __iter__(self) -> Iterator[Any]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __reduce__(self) -> tuple[Any, ...]:
        return LabelRows.of_frame, (self.frame(),)


def as_list(column: Sequence[Any]) -> list[Any]:
    """A column as a list, of the types of Python where a table makes no difference of it."""
    if not isinstance(column, np.ndarray) or column.ndim != 1:
        return list(column)
    plain = column.dtype in (np.int64, np.float64, np.bool_) or column.dtype.kind == "U"
    return column.tolist() if plain else list(column)


def joined_rows(parts: Sequence[LabelRows]) -> LabelRows:
    """Rows of several tables, one below the other; what one lacks is missing in its rows."""
    names = list(dict.fromkeys(name for part in parts for name in part))
    columns = {}
    for name in names:
        known = [part.known(name) for part in parts]
        lists = [each for each in known if each is not None]
        if len(lists) == len(parts):
            columns[name] = list(chain(*lists))

    def make() -> pd.DataFrame:
        return in_order(pd.concat([part.frame() for part in parts], ignore_index=True))

    return LabelRows(names, sum(part.n_rows for part in parts), make, columns)


_PLAIN = (int, float, bool)


def _is_plain(column: list[Any]) -> bool:
    """Whether a table holds the same entries: all text, or all of one kind of number."""
    kinds = {type(each) for each in column}
    return kinds <= {str, LayerName} or (len(kinds) == 1 and kinds.issubset(_PLAIN))


def _is_bare(value: Any, kind: type) -> bool:
    """Whether it is the name of a layer that has no other name."""
    return kind is str and type(value) is LayerName and not value.calls
