"""From the document of a file and its arrays back to the noun."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from isocortex.data.layer_names import Call, LayerName
from isocortex.data.unnamed import Unnamed
from isocortex.errors import FormatError
from isocortex.store.saved.kinds import Kind
from isocortex.store.saved.pack import IS

Node = Mapping[str, Any]


class Unpacker:
    """Puts nouns together.

    Parameters
    ----------
    kinds : mapping from name to Kind
    arrays : mapping from place to array
    path : path
        Of the file, for errors.
    """

    def __init__(self, kinds: Mapping[str, Kind], arrays: Mapping[str, np.ndarray], path: Path):
        self.kinds, self.arrays, self.path = kinds, arrays, path

    def value(self, node: Any) -> Any:
        """What a node of the document stands for.

        Raises
        ------
        FormatError
            If it is of a kind that this version does not know.
        """
        if isinstance(node, list):
            return [self.value(each) for each in node]
        if not isinstance(node, dict):
            return node
        if IS not in node:
            return {key: self.value(each) for key, each in node.items()}
        read = _READERS.get(node[IS])
        if read is None:
            raise self._newer(f"something called {node[IS]!r}")
        return read(self, node)

    def noun(self, node: Node) -> Any:
        """A noun of one of the kinds."""
        kind = self.kinds.get(node["kind"])
        if kind is None or node["version"] > kind.version:
            raise self._newer(f"{node['kind']} (version {node['version']})")
        return kind.made({key: self.value(each) for key, each in node["parts"].items()})

    def _newer(self, what: str) -> FormatError:
        return FormatError(
            f"{str(self.path)!r} holds {what}, which this version does not know. It was written by "
            "a newer isocortex: read it with that."
        )


def _array(files: Unpacker, node: Node) -> np.ndarray:
    return files.arrays[node["at"]]


def _times(files: Unpacker, node: Node) -> Any:
    found = files.arrays[node["at"]].view(np.dtype(node["dtype"]))
    return found if found.ndim else found[()]


def _cells(files: Unpacker, node: Node, dtype: Any = object) -> np.ndarray:
    found = np.empty(len(node["of"]), dtype=object)
    found[:] = files.value(node["of"])
    return found.astype(dtype).reshape(node["shape"])


def _text(files: Unpacker, node: Node) -> np.ndarray:
    return _cells(files, node, np.str_)


def _unnamed(_: Unpacker, node: Node) -> Any:
    origin = str(node["origin"])
    if isinstance(node["of"], list):
        return tuple(Unnamed(each, origin) for each in node["of"])
    return Unnamed(node["of"], origin)


def _layer(_: Unpacker, node: Node) -> LayerName:
    calls = [Call(str(n), int(order), tuple(map(str, names))) for n, order, names in node["calls"]]
    return LayerName(node["of"], calls)


def _table(files: Unpacker, node: Node) -> pd.DataFrame:
    columns = [_column(files, each) for _, each in node["columns"]]
    index = pd.RangeIndex(node["rows"])
    if "index" in node:
        index = pd.Index(_column(files, node["index"]), name=files.value(node["index_name"]))
    frame = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(node["rows"]))
    frame.index = index
    names = [files.value(key) for key, _ in node["columns"]]
    named = pd.Index(names, dtype=None if names else object, name=node.get("name"))
    frame.columns = pd.RangeIndex(len(names)) if node.get("counted") else named
    frame.attrs = files.value(node.get("attrs", {}))
    return frame


def _series(files: Unpacker, node: Node) -> pd.Series:
    return _table(files, node["of"]).iloc[:, 0]


def _index(files: Unpacker, node: Node) -> pd.Index:
    return pd.Index(files.value(node["of"]))


def _column(files: Unpacker, node: Node) -> Any:
    if node[IS] == "categories":
        names = pd.Index(files.value(node["of"]), dtype=node.get("dtype", object))
        text = any(isinstance(each, str) for each in names)
        names = names if text else names.infer_objects()
        dtype = pd.CategoricalDtype(names, ordered=bool(node["ordered"]))
        return pd.Categorical.from_codes(files.value(node["codes"]), dtype=dtype)
    if node[IS] == "cells":
        cells = pd.Series(files.value(node["of"]), dtype=object)
        return cells if node["dtype"] == "object" else cells.astype(node["dtype"]).array
    return files.value(node)


def _sparse(files: Unpacker, node: Node) -> Any:
    parts = tuple(files.value(node[key]) for key in ("data", "indices", "indptr"))
    return sparse.csr_array(parts, shape=tuple(node["shape"]))


_MOMENTS: Mapping[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "Timestamp": pd.Timestamp,
    "Timedelta": pd.Timedelta,
    "NaTType": pd.Timestamp,
}


def _pairs(files: Unpacker, node: Node) -> dict[Any, Any]:
    return {files.value(key): files.value(each) for key, each in node["of"]}


_READERS: Mapping[str, Callable[[Unpacker, Node], Any]] = {
    "noun": Unpacker.noun,
    "array": _array,
    "times": _times,
    "text": _text,
    "objects": _cells,
    "table": _table,
    "series": _series,
    "index": _index,
    "pairs": _pairs,
    "tuple": lambda files, node: tuple(files.value(node["of"])),
    "set": lambda files, node: set(files.value(node["of"])),
    "frozenset": lambda files, node: frozenset(files.value(node["of"])),
    "range": lambda _, node: range(*node["of"]),
    "slice": lambda _, node: slice(*node["of"]),
    "float": lambda _, node: float(node["of"]),
    "path": lambda _, node: Path(node["of"]),
    "time": lambda _, node: _MOMENTS[node["kind"]](node["of"]),
    "layer": _layer,
    "unnamed": _unnamed,
    "sparse": _sparse,
}
