"""What is shown of a noun: the description from which a page makes HTML."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from itertools import islice
from typing import Any

import numpy as np

ROWS = 5
"""Of a table only the first rows are shown."""
COLUMNS = 7
MOST_LISTED = 12
"""Facts of labels and notes."""


@dataclass(frozen=True)
class Rows:
    """The first rows of what lies along an axis."""

    title: str
    """What a row is, in the singular."""
    n_rows: int
    columns: tuple[str, ...]
    cells: tuple[tuple[Any, ...], ...]
    n_columns: int
    """With those that are not shown."""


@dataclass(frozen=True)
class Picture:
    """A small picture, drawn when it is asked for."""

    png: Callable[[], bytes]
    alt: str
    """What is to be seen, for those who cannot see it."""
    caption: str = ""
    """What is drawn of it, where it is not all."""


@dataclass(frozen=True)
class Card:
    """What a noun is, its axes and labels, and a picture where one helps."""

    kind: str
    """The name of the noun."""
    what: str
    """In a few words: sizes, and how it was made."""
    facts: Mapping[str, Any]
    rows: tuple[Rows, ...] = ()
    picture: Picture | None = None


def table_rows(title: str, table: Any) -> Rows:
    """The first rows of a DataFrame; no other is looked at."""
    head = table.iloc[:ROWS, :COLUMNS]
    cells = tuple(zip(*(list(head.iloc[:, i]) for i in range(head.shape[1])), strict=True))
    names = tuple(str(name) for name in head.columns)
    return Rows(title, len(table), names, cells, table.shape[1])


def named_rows(title: str, names: Iterable[Any], n_rows: int, table: Any = None) -> Rows:
    """The first names, with the columns of a table beside them."""
    first = [(name,) for name in islice(names, ROWS)]
    if table is None or not table.shape[1]:
        return Rows(title, n_rows, ("name",), tuple(first), 1)
    rest = table_rows(title, table)
    cells = tuple((*name, *more) for name, more in zip(first, rest.cells, strict=True))
    return Rows(title, n_rows, ("name", *rest.columns), cells, rest.n_columns + 1)


def facts_of(mapping: Mapping[str, Any] | None) -> dict[str, Any]:
    """Labels or notes as facts; of very many the first."""
    known = dict(mapping or {})
    first = dict(islice(known.items(), MOST_LISTED))
    return first if len(first) == len(known) else {**first, "…": f"{len(known) - len(first)} more"}


def card_of_fields(noun: Any) -> Card:
    """What stands in the fields of a dataclass: enough for settings."""
    shown = [each for each in fields(noun) if each.repr] if is_dataclass(noun) else []
    facts = {each.name: in_short(getattr(noun, each.name)) for each in shown}
    return Card(type(noun).__name__, "" if shown else repr(noun), facts_of(facts))


def in_short(value: Any) -> Any:
    """A value, or of an array what it is."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and (len(shape) > 1 or value.size > MOST_LISTED):
        return f"array of {' x '.join(map(str, shape))}"
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value
