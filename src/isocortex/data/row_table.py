"""What is known of the rows of Responses, beside their names."""

from typing import Any

import pandas as pd

from isocortex.data.door import Given
from isocortex.data.frames import STIMULUS
from isocortex.deprecated import warn_old


class RowTable(pd.DataFrame):
    """A table that can still be called, as ``responses.table()`` of the release before.

    Whatever pandas makes of it is a plain DataFrame.
    """

    @classmethod
    def of(cls, known: pd.DataFrame | None, noun: Any) -> "RowTable":
        """A copy, which shares its memory until it is written to, of what a noun knows."""
        made = cls(index=pd.RangeIndex(noun.n_stimuli)) if known is None else cls(known)
        object.__setattr__(made, "_noun", noun)
        return made

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def __call__(self) -> pd.DataFrame:
        """The long form, as the release before gave it."""
        warn_old("Responses.table()", "responses.long_table(); responses.table is of the rows")
        return object.__getattribute__(self, "_noun").long_table()

    def __reduce__(self) -> tuple[Any, ...]:
        return pd.DataFrame, (pd.DataFrame(self),)


def row_columns(found: Given) -> pd.DataFrame | None:
    """What values of pandas or xarray say of their rows besides the names, or None."""
    table = found.table(0)
    if table is None:
        return None
    more = [c for c in table.columns if c not in STIMULUS and tuple(table[c]) != found.names]
    return table.loc[:, more] if more else None
