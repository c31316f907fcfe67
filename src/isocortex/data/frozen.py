"""Frozen means frozen: what a noun has checked stays what it was.

Labels and notes are mappings that refuse changes; tables are handed out as copies, which share
their memory until they are written to; arrays are copies that cannot be written to, or, above
``COPIED_BYTES``, views of the caller's that cannot.
"""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any, NoReturn, TypeVar

import array_api_compat
import numpy as np
import pandas as pd

from isocortex.arrays import Array
from isocortex.data.label_rows import LabelRows
from isocortex.errors import InputError

Noun = TypeVar("Noun")

COPIED_BYTES = 64 * 2**20
"""Larger arrays are not copied: their memory is worth more than the guard. A noun then holds a
read-only view, and whoever keeps the array itself must leave it as it is."""


class ReadOnlyError(InputError, TypeError):
    """What belongs to a noun was to be changed in place."""


def held(values: Array) -> Array:
    """Values as a noun holds them: nobody writes to them through it, nor by the caller's array.

    An array that cannot be written to is held as it is, without a copy; so is what lies on disk.
    Tensors know no such flag: a small one is copied, a large one shared.
    """
    if isinstance(values, np.ndarray):
        if not values.flags.writeable:
            return values
        own = values.copy(order="K") if values.nbytes <= COPIED_BYTES else values.view()
        own.flags.writeable = False
        return own
    if array_api_compat.is_torch_array(values):
        small = values.numel() * values.element_size() <= COPIED_BYTES
        return values.clone() if small else values
    return values


def held_all(values: Sequence[Any]) -> Sequence[Any]:
    """The members of a list as a noun holds them; above ``COPIED_BYTES`` together, shared."""
    if not isinstance(values, list | tuple):
        return values
    arrays = [each for each in values if isinstance(each, np.ndarray) and each.flags.writeable]
    copied = sum(each.nbytes for each in arrays) <= COPIED_BYTES
    return type(values)(held(_view(each, copied)) for each in values)


def _view(value: Any, copied: bool) -> Any:
    """An array that is not to be copied as a view that cannot be written to."""
    if copied or not isinstance(value, np.ndarray):
        return value
    shared = value.view()
    shared.flags.writeable = False
    return shared


def frozen_fields(cls: type[Noun]) -> type[Noun]:
    """Make all arrays and mappings of a frozen dataclass such as cannot be changed."""
    made = cls.__init__

    @functools.wraps(made)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        for name, each in list(vars(self).items()):
            if isinstance(each, np.ndarray):
                vars(self)[name] = held(each)
            elif type(each) is dict:
                vars(self)[name] = frozen(each)

    cls.__init__ = guarded
    return stays_frozen(cls)


def stays_frozen(cls: type[Noun]) -> type[Noun]:
    """Make what comes out of a pickle, or of another process, as frozen as what went in."""

    def restored(self: Any, state: dict[str, Any]) -> None:
        vars(self).update(state)
        for each in state.values():
            inner = each if isinstance(each, Frozen) else vars(each) if is_dataclass(each) else {}
            for array in (each, *inner.values()):
                if isinstance(array, np.ndarray):
                    array.flags.writeable = False

    cls.__setstate__ = restored  # pyright: ignore[reportAttributeAccessIssue]
    return cls


class Frozen(dict[str, Any]):
    """Labels or notes: a dictionary to read, compare and unpack, not to change."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise ReadOnlyError(
            "labels, notes and tables of a noun are read-only; another noun has others: "
            "noun.replace(labels={**noun.labels, 'layer': 'conv1'})."
        )

    __setitem__ = __delitem__ = __ior__ = _refuse  # pyright: ignore[reportAssignmentType]
    update = pop = popitem = clear = setdefault = _refuse  # pyright: ignore[reportAssignmentType]

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        # A dictionary would be filled by items when it is unpickled.
        return type(self), (dict(self),)


class FrozenTables(Frozen):
    """Tables by name, each handed out as a copy that shares its memory until it is changed."""

    def __getitem__(self, key: str) -> pd.DataFrame:
        return self.rows(key).frame().copy(deep=False)

    def rows(self, key: str) -> LabelRows:
        """What a table is made of."""
        held_rows = super().__getitem__(key)
        # Of what was pickled come the tables themselves.
        return held_rows if isinstance(held_rows, LabelRows) else LabelRows.of_frame(held_rows)

    def all_rows(self) -> dict[str, LabelRows]:
        """What all tables are made of."""
        return {key: self.rows(key) for key in self}

    def get(self, key: str, default: Any = None) -> Any:
        """The table of a name, or the default."""
        if key not in self:
            return default
        return self[key]

    def values(self) -> Any:
        """The tables, as copies that may be changed."""
        return [self[key] for key in self]

    def items(self) -> Any:
        """Names with their tables, as copies that may be changed."""
        return [(key, self[key]) for key in self]

    def __iter__(self) -> Iterator[str]:
        return super().__iter__()

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return type(self), (dict(self.items()),)


def held_tables(*names: str) -> Callable[[type[Noun]], type[Noun]]:
    """Make fields of a frozen dataclass tables that are handed out as copies.

    Copies of pandas share their memory until one of them is written to, so that this costs
    microseconds.
    """

    def with_tables(cls: type[Noun]) -> type[Noun]:
        for name in names:
            setattr(cls, name, _HeldTable(name))
        return cls

    return with_tables


class _HeldTable:
    """A field that is a table."""

    def __init__(self, name: str):
        self.name = name

    def __get__(self, noun: Any, owner: type | None = None) -> Any:
        if noun is None:
            return self
        table = noun.__dict__[self.name]
        if isinstance(table, LabelRows):
            table = table.frame()
        return table.copy(deep=False) if isinstance(table, pd.DataFrame) else table

    def __set__(self, noun: Any, table: Any) -> None:
        noun.__dict__[self.name] = table


def frozen(labels: Mapping[str, Any] | None) -> Frozen:
    """A copy of a mapping that refuses changes, as do the mappings in it; lists are copies."""
    return Frozen({key: _own(each) for key, each in (labels or {}).items()})


def with_own(found: Mapping[str, Any], labels: Any, who: str) -> dict[str, Any]:
    """Labels that values bring with them, under those that are given.

    Raises
    ------
    InputError
        If those are no mapping.
    """
    if labels is not None and not isinstance(labels, Mapping):
        raise InputError(
            f"{who}: labels must be a mapping, such as {{'subject': '03'}}, not {labels!r:.60}."
        )
    return {**found, **(labels or {})}


def _own(value: Any) -> Any:
    if type(value) is dict:
        return frozen(value)
    return list(value) if type(value) is list else value
