"""What Python code and objects consist of, as texts that are the same in every process.

A :class:`Fingerprint` visits each object once, so that functions and objects that know
themselves do no harm. Nothing in it depends on addresses, on the order of sets, or on the file
or line where something was defined. Of libraries it takes the functions that are met, but
does not follow what these look up elsewhere.
"""

import hashlib
import sys
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from enum import Enum
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from isocortex.networks.identity.anatomy import (
    PLAIN,
    has_a_name,
    named,
    of_a_library,
    original,
    parts_of,
    readable,
)

Slots = dict[tuple[str, str], str]
"""By owner (a module of the network, a class, a function, an object) and by what it has."""

_NEST = 8
"""Containers in containers beyond this depth are visited as objects of their own."""
_SETS_IN_SETS = 3


def digest(parts: Iterable[str]) -> str:
    """One hash of several texts."""
    whole = hashlib.sha256()
    for part in parts:
        text = part.encode("utf-8", "surrogatepass")
        whole.update(f"{len(text)}:".encode() + text)
    return whole.hexdigest()


def bytes_of(tensor: Any) -> Any:
    """The memory of a tensor, wherever it is."""
    import torch

    if tensor.is_quantized:
        tensor = tensor.dequantize()
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return memoryview(flat.view(torch.uint8).numpy()) if flat.numel() else b""


class Fingerprint:
    """Collects texts for all that can be reached from what it is given.

    Parameters
    ----------
    names : mapping from the id of an object to its name, optional
        Objects that are described elsewhere and are referred to by name.
    within : int, default=0
        How many sets deep this is.
    """

    def __init__(self, names: Mapping[int, str] | None = None, within: int = 0):
        self.slots: Slots = {}
        self._names = dict(names or {})
        self._within = within
        self._taken: Counter[str] = Counter()
        self._queue: deque[tuple[str, Any, bool]] = deque()
        # An id is that of another object as soon as the first one is gone.
        self._alive: list[Any] = []

    def add(self, owner: str, slot: str, value: Any, *, own: bool = True) -> None:
        """Note a value, and visit all that it refers to.

        Parameters
        ----------
        owner, slot : str
        value : object
        own : bool, default=True
            False for what code of a library refers to: only functions and plain values count.
        """
        self.slots[owner, slot] = self._text(value, own)
        while self._queue:
            name, thing, deep = self._queue.popleft()
            code = isinstance(thing, FunctionType | type)
            inside = deep and not (code and of_a_library(thing))
            for part, each in parts_of(thing, deep):
                self.slots[name, part] = self._text(each, inside)

    def _text(self, value: Any, own: bool, depth: int = 0) -> str:
        if isinstance(value, PLAIN) and not isinstance(value, Enum):
            return readable(value)
        if isinstance(value, CodeType):
            return self._text([value.co_code, value.co_names, *value.co_consts], own, depth)
        if isinstance(value, tuple | list | deque) and depth < _NEST:
            inner = [self._text(each, own, depth + 1) for each in value]
            return f"{type(value).__name__}({', '.join(inner)})"
        if isinstance(value, Mapping) and depth < _NEST:
            pairs = [(self._key(k), self._text(v, own, depth + 1)) for k, v in _sorted(value)]
            return f"{type(value).__name__}({pairs})"
        if isinstance(value, set | frozenset):
            return f"{{{', '.join(sorted(map(self._key, value)))}}}"
        if isinstance(value, np.ndarray) and value.dtype == object:
            return f"{value.shape}{self._text(value.ravel().tolist(), own, depth)}"
        return _numbers(value) or self._reference(value, own)

    def _key(self, value: Any) -> str:
        """What does not depend on what was visited before, since sets have no order."""
        if isinstance(value, PLAIN):
            return repr(value)
        if self._within == _SETS_IN_SETS:
            return named(type(value))
        inner = Fingerprint(self._names, self._within + 1)
        inner.add("", "", value)
        return digest(f"{key}={text}" for key, text in inner.slots.items())

    def _reference(self, thing: Any, own: bool) -> str:
        thing = original(thing)
        known = self._names.get(id(thing))
        if known is not None:
            return known
        name = named(thing if has_a_name(thing) else type(thing))
        if not own and not isinstance(thing, FunctionType):
            return name
        self._taken[name] += 1
        name += f"#{self._taken[name]}" if self._taken[name] > 1 else ""
        self._names[id(thing)] = name
        self._alive.append(thing)
        self._queue.append((name, thing, own))
        return name


def _sorted(mapping: Mapping) -> list[tuple[Any, Any]]:
    return sorted(mapping.items(), key=lambda pair: (type(pair[0]).__name__, str(pair[0])))


def _numbers(value: Any) -> str:
    """Arrays and tensors by their bytes, and the small kinds of torch by their names."""
    if hasattr(type(value), "__array_interface__"):
        array = np.asarray(value)
        content = hashlib.sha256(array.tobytes()).hexdigest()
        return f"array({array.dtype}, {array.shape}, {content})"
    if "torch" not in sys.modules:
        return ""
    import torch

    if isinstance(value, torch.dtype | torch.device | torch.memory_format | torch.layout):
        return str(value)
    if isinstance(value, torch.Tensor) and value.layout == torch.strided and not value.is_meta:
        content = hashlib.sha256(bytes_of(value)).hexdigest()
        return f"tensor({value.dtype}, {tuple(value.shape)}, {content})"
    return ""
