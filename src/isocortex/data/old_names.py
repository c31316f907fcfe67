"""Axes and labels of scores that were called otherwise until 0.1, for one release more."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from isocortex.data.frozen import FrozenTables
from isocortex.data.label_rows import LabelRows
from isocortex.deprecated import warn_old

LABELS = {"road": "solver"}
"""Columns of the table of layers, of ``encode``, ``decode`` and ``probe``."""

AXES = {"model": "time", "data": "region"}
"""Axes of ``fuse``, whose scores have both of today's."""


def current_label(name: Any, labels: Any) -> Any:
    """The label that is meant, said with a warning where it was called otherwise."""
    return _current(name, labels, LABELS, "label")


def current_axis(name: Any, axes: Any) -> Any:
    """The axis that is meant, said with a warning where it was called otherwise."""
    return _current(name, axes, AXES, "axis") if set(AXES.values()) <= set(axes) else name


def _current(name: Any, known: Any, old: Mapping[str, str], what: str) -> Any:
    if not isinstance(name, str) or name in known or old.get(name) not in known:
        return name
    warn_old(f"the {what} {name!r} of scores", repr(old[name]))
    return old[name]


class ScoreTables(FrozenTables):
    """The tables of scores by the names of their axes."""

    def __getitem__(self, key: str) -> pd.DataFrame:
        return with_old_labels(super().__getitem__(key))

    def rows(self, key: str) -> LabelRows:
        """What the table of an axis is made of."""
        return super().rows(current_axis(key, self))


class LabelTable(pd.DataFrame):
    """A table of labels; what is made of it is a plain one."""

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(current_label(key, self.columns))


def with_old_labels(table: pd.DataFrame) -> pd.DataFrame:
    """A table that is asked by old labels as well, where it has one of today's."""
    return LabelTable(table) if set(LABELS.values()) & set(table.columns) else table
