"""The table of stimuli inside the description of a store, which is JSON alone."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.store.saved.pack import Packer
from isocortex.store.saved.unpack import Unpacker


def packed(table: pd.DataFrame | None) -> dict[str, Any] | None:
    """What stands for a table in JSON, numbers to the bit; None where it has no column."""
    if table is None or not len(table.columns):
        return None
    packer = Packer({}, "extract")
    node = packer.node(pd.DataFrame(table).reset_index(drop=True), ("stimuli", "table"))
    arrays = {place: _text(values) for place, values in packer.arrays.items()}
    return {"node": node, "arrays": arrays}


def unpacked(held: Mapping[str, Any] | None, store: Path) -> pd.DataFrame | None:
    """The table that :func:`packed` was given."""
    if held is None:
        return None
    arrays = {place: _array(each) for place, each in held["arrays"].items()}
    return Unpacker({}, arrays, store).value(held["node"])


def _text(values: np.ndarray) -> dict[str, Any]:
    plain = np.ascontiguousarray(values)
    content = b64encode(plain.tobytes()).decode("ascii")
    return {"dtype": plain.dtype.str, "shape": list(values.shape), "base64": content}


def _array(held: Mapping[str, Any]) -> np.ndarray:
    flat = np.frombuffer(b64decode(held["base64"]), np.dtype(held["dtype"]))
    return flat.reshape(held["shape"])
