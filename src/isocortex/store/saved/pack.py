"""From a noun to what JSON can hold, and arrays beside it.

What JSON has (null, true, numbers, text, lists, and mappings with text as keys) is written as it
is. Everything else is an object whose key ``"$"`` says what it is; ``docs/saving.md`` lists them.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, time
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from isocortex.arrays import as_numpy, is_lazy
from isocortex.data.layer_names import LayerName
from isocortex.data.unnamed import Unnamed
from isocortex.errors import InputError
from isocortex.store.saved.kinds import Kind

IS = "$"
"""The key that says what an object is."""

_UNSAFE = re.compile(r"[^\w-]+")
_NUMBERS = "biufc"
_TIMES = "mM"


class Packer:
    """Takes nouns apart.

    Parameters
    ----------
    kinds : mapping from name to Kind
    who : str
        The verb, for errors.

    Attributes
    ----------
    arrays : dict from place to array
        What does not go into the document.
    """

    def __init__(self, kinds: Mapping[str, Kind], who: str):
        self.kinds = {kind.cls: kind for kind in kinds.values()}
        self.who = who
        self.arrays: dict[str, np.ndarray] = {}
        # By identity, which holds as long as the arrays do.
        self._places: dict[int, str] = {}

    def node(self, value: Any, at: tuple[str, ...] = ()) -> Any:
        """What stands for a value in the document.

        Raises
        ------
        InputError
            If it is nothing that a file can hold; the message says where it stands.
        """
        if value is None or isinstance(value, bool | int | float | str | np.generic):
            return self._single(value, at)
        kind = self.kinds.get(type(value))
        if kind is not None:
            parts = {key: self.node(each, (*at, key)) for key, each in kind.parts(value).items()}
            return {IS: "noun", "kind": kind.name, "version": kind.version, "parts": parts}
        for cls, write in _WRITERS:
            if isinstance(value, cls):
                return write(self, value, at)
        if is_lazy(value) or hasattr(value, "__dlpack__"):
            return self.array(as_numpy(value), at)
        raise self._cannot(value, at)

    def array(self, values: np.ndarray, at: tuple[str, ...]) -> dict[str, Any]:
        """An array: numbers beside the document, text and objects in it."""
        if values.dtype.kind in _NUMBERS:
            return {IS: "array", "at": self._place(values, at)}
        if values.dtype.kind in _TIMES:
            place = self._place(values.view(np.int64), at)
            return {IS: "times", "at": place, "dtype": values.dtype.str.replace(">", "<")}
        if values.dtype.kind not in "UO":
            raise self._cannot(values.flat[0] if values.size else values, at)
        kind = "text" if values.dtype.kind == "U" else "objects"
        cells = [self.node(each, at) for each in values.ravel().tolist()]
        return {IS: kind, "shape": list(values.shape), "of": cells}

    def _place(self, values: np.ndarray, at: tuple[str, ...]) -> str:
        """Keep an array under a readable name of its own; one that many nouns share, once."""
        if id(values) in self._places:
            return self._places[id(values)]
        place = "/".join(_UNSAFE.sub("_", part) or "_" for part in at) or "value"
        tries = (place, *(f"{place}~{n}" for n in range(2, len(self.arrays) + 3)))
        free = next(each for each in tries if each not in self.arrays)
        self.arrays[free] = values
        self._places[id(values)] = free
        return free

    def _single(self, value: Any, at: tuple[str, ...]) -> Any:
        if isinstance(value, LayerName):
            return {IS: "layer", "of": str(value), "calls": [list(call) for call in value.calls]}
        if isinstance(value, Unnamed):
            return {IS: "unnamed", "of": str(value), "origin": value.origin}
        if isinstance(value, np.datetime64 | np.timedelta64):
            return self.array(np.asarray(value), at)
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, str):
            return str(value)
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else {IS: "float", "of": repr(float(value))}
        if value is None or isinstance(value, bool | int):
            return value
        raise self._cannot(value, at)

    def _cannot(self, value: Any, at: tuple[str, ...]) -> InputError:
        where = " of ".join(repr(part) for part in reversed(at)) or "what was given"
        kind = f"{type(value).__module__}.{type(value).__name__}"
        return InputError(
            f"{self.who}: {where} is of type {kind}, which a file cannot hold without "
            "running code when it is read. Make it numbers or text, or leave it out: "
            "noun.replace(...) (for the models of scores: scores.replace(kept=None))."
        )


def _mapping(packer: Packer, value: Mapping[Any, Any], at: tuple[str, ...]) -> Any:
    if all(type(key) is str and key != IS for key in value):
        return {key: packer.node(each, (*at, key)) for key, each in value.items()}
    pairs = [
        [packer.node(key, at), packer.node(each, (*at, str(key)))] for key, each in value.items()
    ]
    return {IS: "pairs", "of": pairs}


def _list(packer: Packer, value: list[Any], at: tuple[str, ...]) -> list[Any]:
    return [packer.node(each, (*at, str(i))) for i, each in enumerate(value)]


def _tuple(packer: Packer, value: tuple[Any, ...], at: tuple[str, ...]) -> dict[str, Any]:
    origins = {each.origin if isinstance(each, Unnamed) else None for each in value}
    if len(origins) == 1 and None not in origins:
        return {IS: "unnamed", "of": [str(each) for each in value], "origin": origins.pop()}
    return {IS: "tuple", "of": _list(packer, list(value), at)}


def _set(packer: Packer, value: frozenset[Any] | set[Any], at: tuple[str, ...]) -> dict[str, Any]:
    kind = "frozenset" if isinstance(value, frozenset) else "set"
    return {IS: kind, "of": [packer.node(each, at) for each in sorted(value, key=str)]}


def _range(_: Packer, value: range, __: tuple[str, ...]) -> dict[str, Any]:
    return {IS: "range", "of": [value.start, value.stop, value.step]}


def _slice(_: Packer, value: slice, __: tuple[str, ...]) -> dict[str, Any]:
    return {IS: "slice", "of": [value.start, value.stop, value.step]}


def _table(packer: Packer, value: pd.DataFrame, at: tuple[str, ...]) -> dict[str, Any]:
    columns = [
        [packer.node(key, at), _column(packer, value.iloc[:, i], (*at, str(key)))]
        for i, key in enumerate(value.columns)
    ]
    index = value.index
    rows = None if _counts(index) else _column(packer, index.to_series(), (*at, "index"))
    made = {IS: "table", "rows": len(value), "columns": columns}
    made |= {"counted": True} if _counts(value.columns) else {}
    names = None if value.columns.name is None else packer.node(value.columns.name, at)
    made |= {} if names is None else {"name": names}
    made |= {} if rows is None else {"index": rows, "index_name": packer.node(index.name, at)}
    attrs = {str(key): each for key, each in value.attrs.items()}
    return made | ({"attrs": packer.node(attrs, (*at, "attrs"))} if attrs else {})


def _counts(index: pd.Index) -> bool:
    return isinstance(index, pd.RangeIndex) and index.equals(pd.RangeIndex(len(index)))


def _series(packer: Packer, value: pd.Series, at: tuple[str, ...]) -> dict[str, Any]:
    return {IS: "series", "of": _table(packer, value.to_frame(), at)}


def _index(packer: Packer, value: pd.Index, at: tuple[str, ...]) -> dict[str, Any]:
    return {IS: "index", "of": packer.array(np.asarray(value), at)}


def _column(packer: Packer, column: pd.Series, at: tuple[str, ...]) -> dict[str, Any]:
    dtype: Any = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy()
        names = [packer.node(each, at) for each in dtype.categories]
        found = {IS: "categories", "codes": packer.array(codes, at), "of": names}
        text = isinstance(dtype.categories.dtype, pd.StringDtype)
        found |= {"dtype": str(dtype.categories.dtype)} if text else {}
        return {**found, "ordered": bool(dtype.ordered)}
    if isinstance(dtype, np.dtype) and dtype.kind in _NUMBERS + _TIMES:
        return packer.array(column.to_numpy(), at)
    cells = [None if each is pd.NA else packer.node(each, at) for each in column.tolist()]
    return {IS: "cells", "dtype": str(dtype), "of": cells}


def _sparse(packer: Packer, value: Any, at: tuple[str, ...]) -> dict[str, Any]:
    rows: Any = sparse.csr_array(value)
    parts = {
        key: packer.array(np.asarray(getattr(rows, key)), (*at, key))
        for key in ("data", "indices", "indptr")
    }
    return {IS: "sparse", "shape": list(value.shape), **parts}


def _time(_: Packer, value: Any, __: tuple[str, ...]) -> dict[str, Any]:
    return {IS: "time", "kind": type(value).__name__, "of": value.isoformat()}


def _path(_: Packer, value: PurePath, __: tuple[str, ...]) -> dict[str, Any]:
    return {IS: "path", "of": str(value)}


def _array(packer: Packer, value: np.ndarray, at: tuple[str, ...]) -> dict[str, Any]:
    return packer.array(np.asarray(value), at)


Writer = Callable[[Packer, Any, tuple[str, ...]], Any]

_WRITERS: tuple[tuple[Any, Writer], ...] = (
    (np.ndarray, _array),
    (pd.DataFrame, _table),
    (pd.Series, _series),
    (pd.Index, _index),
    (Mapping, _mapping),
    (list, _list),
    (tuple, _tuple),
    (set | frozenset, _set),
    (range, _range),
    (slice, _slice),
    (date | time | pd.Timestamp | pd.Timedelta, _time),
    (PurePath, _path),
    (sparse.sparray | sparse.spmatrix, _sparse),
)
