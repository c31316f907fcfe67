"""What a layer is called: as it was asked for, by its other names, and in its place.

A layer that was asked for as ``conv1`` is ``conv1`` in every label. That it is the module
``features.0``, and the first that runs, goes with the name: so that every table of every verb
can be asked for either, and sorts as the network runs.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from isocortex.data.names import natural_key

COLUMNS = ("layer", "other_layer")


class Call(NamedTuple):
    """Where a layer is in one network."""

    network: str
    order: int
    """Its place in the order of execution."""
    others: tuple[str, ...]
    """The other names of the layer: the module's own, and classic ones."""


class LayerName(str):
    """A string like any other, that knows its place and its other names.

    Parameters
    ----------
    name : str
    calls : sequence of Call
        One for each network that has a layer of this name.
    """

    calls: tuple[Call, ...]

    def __new__(cls, name: str, calls: Iterable[Call] = ()) -> "LayerName":
        """A string with the places that the layer has."""
        self = super().__new__(cls, name)
        self.calls = tuple(calls)
        return self

    def order_in(self, network: object) -> float:
        """Its place in a network; infinity where it has none."""
        known = {call.network: float(call.order) for call in self.calls}
        return known.get(str(network), min(known.values(), default=np.inf))

    def answers_to(self, name: object, network: object = None) -> bool:
        """Whether it is the layer ``name`` of a network (of any, if that is not known)."""
        mine = [call for call in self.calls if call.network == str(network)] or self.calls
        return any(name in call.others for call in mine)

    def _key(self) -> tuple[str, int, Any]:
        first = self.calls[0] if self.calls else Call("", -1, ())
        return first.network, first.order, natural_key(self)

    # Sorted as the network runs, also by what knows nothing of categories.
    def __lt__(self, other: str) -> bool:
        if isinstance(other, LayerName):
            return self._key() < other._key()
        return str(self) < other

    def __gt__(self, other: str) -> bool:
        if isinstance(other, LayerName):
            return self._key() > other._key()
        return str(self) > other

    def __le__(self, other: str) -> bool:
        return not self > other

    def __ge__(self, other: str) -> bool:
        return not self < other


def label_column(values: Sequence[Any]) -> Any:
    """A column of labels; names of layers stay what they are (pandas would make text of them)."""
    if any(isinstance(value, LayerName) for value in values):
        return pd.Series(values, dtype=object)
    return values


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose columns of layers are ordered categories, as the networks run.

    Layers that only have a name keep the order in which they come. Of several networks, those
    that have a name in common share its place, and what runs between two of them stays there.
    """
    changed = {}
    for key in COLUMNS:
        column: Any = table.get(key)
        if column is None:
            continue
        if isinstance(column.dtype, pd.CategoricalDtype):
            n_used = len(np.unique(column.cat.codes[column.cat.codes >= 0]))
            if n_used < len(column.cat.categories):
                changed[key] = column.cat.remove_unused_categories()
        elif all(isinstance(value, str) for value in column.dropna().unique()):
            changed[key] = _categories(column, _networks(table, key))
    return table.assign(**changed) if changed else table


def _networks(table: pd.DataFrame, key: str) -> list[str]:
    """The network of each row; ``other_network`` goes with ``other_layer``."""
    column = key.replace("layer", "network")
    return [str(each) for each in table[column]] if column in table.columns else [""] * len(table)


def _categories(column: pd.Series, networks: Sequence[str]) -> pd.Series:
    values = [value if isinstance(value, str) else None for value in column]
    order = _running_order(networks, values)
    names = pd.Index(order, dtype=object)
    dtype = pd.CategoricalDtype(names, ordered=True)
    codes = names.get_indexer(pd.Index(values, dtype=object))  # -1 where there is no name
    return pd.Series(pd.Categorical.from_codes(codes, dtype=dtype), column.index, name=column.name)


def _running_order(networks: Sequence[str], values: Sequence[str | None]) -> list[LayerName]:
    """The distinct names, as the networks run, each with its place in all of them."""
    by_network: dict[str, list[str]] = {}
    calls: dict[str, dict[str, Call]] = {}
    # Names that read alike may be of different networks, which their calls tell.
    pairs = zip(networks, values, strict=True)
    for network, value, own in dict.fromkeys((n, v, getattr(v, "calls", ())) for n, v in pairs):
        if value is not None:
            by_network.setdefault(network, []).append(value)
            calls.setdefault(str(value), {}).update({call.network: call for call in own})
    order: list[str] = []
    for network, names in by_network.items():
        # Sorting is stable: names without a place stay as they come.
        running = sorted(names, key=lambda name, of=network: _place(name, of))
        order = merged(order, [str(name) for name in running])
    return [LayerName(name, calls[name].values()) for name in order]


def _place(name: str, network: str) -> float:
    return name.order_in(network) if isinstance(name, LayerName) else np.inf


def merged(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Two orders as one: the first as it is, what is new beside its neighbours in the second."""
    result = list(first)
    place = next((result.index(name) for name in second if name in result), len(result))
    for name in second:
        if name in result:
            place = result.index(name) + 1
        else:
            result.insert(place, name)
            place += 1
    return result


def distinct(table: pd.DataFrame, key: str) -> list[Any]:
    """The values that a column has: layers as they run, others as they come."""
    column: Any = table[key]
    if isinstance(column.dtype, pd.CategoricalDtype):
        return list(column.cat.remove_unused_categories().cat.categories)
    return list(dict.fromkeys(column))


def rows_called(table: pd.DataFrame, key: str, name: object) -> np.ndarray:
    """Which rows of a column have this value, or are the layer of this name."""
    exact = np.asarray(table[key].isin([name]), dtype=bool)
    if key not in COLUMNS:
        return exact
    cells = zip(table[key], _networks(table, key), strict=True)
    other = [isinstance(value, LayerName) and value.answers_to(name, of) for value, of in cells]
    return exact | np.array(other, dtype=bool)


def other_names(table: pd.DataFrame, key: str) -> list[str]:
    """The further names that the layers of a column answer to."""
    names = [name for name in distinct(table, key) if isinstance(name, LayerName)]
    return list(dict.fromkeys(o for name in names for call in name.calls for o in call.others))


def to_plain(table: pd.DataFrame) -> dict[str, Any]:
    """The order and the other names of layers, as lists and text that can be written down."""
    keys = [key for key in COLUMNS if isinstance(table.dtypes.get(key), pd.CategoricalDtype)]
    return {
        key: [
            [str(name), [list(call) for call in getattr(name, "calls", ())]]
            for name in distinct(table, key)
        ]
        for key in keys
    }


def from_plain(labels: Mapping[str, Sequence[Any]], plain: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of labels with what :func:`to_plain` knew of their layers."""
    columns: dict[str, Any] = dict(labels)
    for key, names in plain.items():
        known = {name: LayerName(name, [_call(*call) for call in calls]) for name, calls in names}
        layers = pd.Index(list(known.values()), dtype=object)
        dtype = pd.CategoricalDtype(layers, ordered=True)
        codes = layers.get_indexer(pd.Index(labels[key], dtype=object))
        columns[key] = pd.Categorical.from_codes(codes, dtype=dtype)
    return columns


def _call(network: str, order: int, others: Sequence[str]) -> Call:
    return Call(str(network), int(order), tuple(map(str, others)))
