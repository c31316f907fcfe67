"""``Mask``: which channels, rows and columns of which layers."""

from typing import Any

import numpy as np

from isocortex.errors import InputError
from isocortex.formats.dnnbrain.dmask import UnitMask, read_dmask_csv, write_dmask_csv


class Mask:
    """A mask of layers; numbers count from 1, ``"all"`` keeps all.

    Parameters
    ----------
    layer : str, optional
    channels, rows, columns : "all" or sequence of int, default="all"
    """

    def __init__(
        self, layer: str | None = None, channels: Any = "all", rows: Any = "all",
        columns: Any = "all",
    ):  # fmt: skip
        self._layers: dict[str, UnitMask] = {}
        if layer is not None:
            self.set(layer, channels, rows, columns)

    def load(self, fname: Any) -> None:
        """Read a .dmask.csv file."""
        self._layers = read_dmask_csv(fname)

    def save(self, fname: Any) -> None:
        """Write a .dmask.csv file."""
        write_dmask_csv(self._layers, fname)

    def get(self, layer: str) -> dict[str, Any]:
        """``{"chn": ..., "row": ..., "col": ...}`` of a layer."""
        mask = self.units(layer)
        return {"chn": mask.channels, "row": mask.rows, "col": mask.columns}

    def units(self, layer: str) -> UnitMask:
        """The same as one noun."""
        if layer not in self._layers:
            raise InputError(f"The mask has no layer {layer!r}; it has {', '.join(self._layers)}.")
        return self._layers[layer]

    def set(self, layer: str, channels: Any = None, rows: Any = None, columns: Any = None) -> None:
        """Set what is kept of a layer; what is not given stays, or is ``"all"``."""
        old = self._layers.get(layer, UnitMask())
        self._layers[layer] = UnitMask(
            old.channels if channels is None else _numbers(channels),
            old.rows if rows is None else _numbers(rows),
            old.columns if columns is None else _numbers(columns),
        )

    def copy(self) -> "Mask":
        """A copy."""
        copied = Mask()
        copied._layers = dict(self._layers)
        return copied

    def delete(self, layer: str) -> None:
        """Remove a layer."""
        self.units(layer)
        del self._layers[layer]

    def clear(self) -> None:
        """Remove all layers."""
        self._layers.clear()

    @property
    def layers(self) -> list[str]:
        """The names of the layers."""
        return list(self._layers)


def _numbers(given: Any) -> Any:
    return given if isinstance(given, str) else [int(n) for n in np.asarray(given).ravel()]
