"""Labels as a noun holds them: columns, of which a table is made when somebody asks for one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
        known = {key: list(column) for key, column in columns.items()}

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
        if keep.all():
            return self
        columns = {
            key: [each for each, kept in zip(column, keep.tolist(), strict=True) if kept]
            for key, column in self._columns.items()
        }

        def make() -> pd.DataFrame:
            return in_order(self.frame().loc[keep].reset_index(drop=True))

        return LabelRows(self._names, int(keep.sum()), make, columns)

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


def _is_bare(value: Any, kind: type) -> bool:
    """Whether it is the name of a layer that has no other name."""
    return kind is str and type(value) is LayerName and not value.calls
