"""Keys of results: hashes of all that a number follows from, equal in every process and year.

Neither pickles nor texts of functions go in, which change with libraries; what the formulas of this
package are is a number kept by hand.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

NUMERICS = 1
"""Raised whenever a formula gives other numbers, so that old results are computed again."""

_LENGTH = 24
_BLOCK = 1 << 20


def key_of(*parts: Any) -> str:
    """A key of plain values, arrays, and mappings and sequences of them."""
    return _hash(json.dumps([_plain(each) for each in parts], sort_keys=True).encode())[:_LENGTH]


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"array": array_key(value)}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise TypeError(f"{type(value).__name__} has no key that would hold in another process.")


def array_key(array: np.ndarray) -> str:
    """Type, shape and numbers, whatever their order in memory."""
    array = np.ascontiguousarray(array)
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    head = f"{little.dtype.str}{little.shape}".encode()
    return _hash(head, little.tobytes())


def _hash(*parts: bytes) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()


class FileKeys:
    """Hashes of files, each read once as long as its size and times stay the same."""

    def __init__(self, known: Mapping[str, Any] | None = None):
        self.known = dict(known or {})

    def of(self, path: Path) -> str:
        """The SHA-256 of a file's bytes."""
        stat = path.stat()
        state = [stat.st_size, stat.st_mtime_ns, stat.st_ino]
        held = self.known.get(str(path))
        if held is not None and held[0] == state:
            return held[1]
        found = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                found.update(block)
        self.known[str(path)] = [state, found.hexdigest()]
        return found.hexdigest()
