"""What an extraction will do and cost, known before it starts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.choice import choose
from isocortex.errors import InputError, StorageError
from isocortex.memory import available_bytes, gigabytes
from isocortex.networks.network import Network
from isocortex.networks.pooling import Pooling, check_pooling
from isocortex.networks.trace import Layer, axes_of

LARGEST_BATCH = 64
_BUDGET = 2**30

DTYPES: Mapping[str, np.dtype] = {
    "float32": np.dtype(np.float32),
    "float16": np.dtype(np.float16),
}


@dataclass(frozen=True)
class PlannedLayer:
    """A layer that is to be extracted, as it is stored."""

    asked: str
    layer: Layer
    order: int
    shape: tuple[int, ...]
    axes: tuple[str, ...]
    over: tuple[int, ...]
    """The axes of a batch over which it is pooled; empty where it is not."""
    pool: Pooling | None

    @property
    def n_units(self) -> int:
        """Columns of its matrix."""
        return math.prod(self.shape)

    def matrix(self, output: Any) -> Any:
        """The output of the module for a batch as a matrix (n_stimuli, n_units)."""
        if self.layer.stimulus_axis == 1:
            output = output.movedim(1, 0)
        elif self.layer.stimulus_axis == -1:
            output = output.reshape(-1, *self.layer.shape)
        if self.over and self.pool is not None:
            output = self.pool(output, self.over)
        return output.reshape(output.shape[0], -1)


def planned(
    network: Network, names: Mapping[str, str], shape: Sequence[int], pooling: Pooling | None
) -> list[PlannedLayer]:
    """The layers called ``names``, in the order of execution, each with what it will store."""
    order = {layer.name: (i, layer) for i, layer in enumerate(network.trace(shape).layers)}
    found: dict[str, PlannedLayer] = {}
    for asked, name in names.items():
        place, layer = order[name]
        if name not in found:
            found[name] = _pooled(asked, layer, place, pooling)
    return list(found.values())


def _pooled(asked: str, layer: Layer, place: int, pooling: Pooling | None) -> PlannedLayer:
    over = pooled_axes(layer.axes) if pooling is not None else ()
    if not over or pooling is None:
        return PlannedLayer(asked, layer, place, layer.shape, layer.axes, (), None)
    check_pooling(pooling, layer.axes, asked)
    import torch

    sample = pooling(torch.zeros((1, *layer.shape)), over)
    shape = tuple(sample.shape[1:])
    kept = tuple(axis for i, axis in enumerate(layer.axes, start=1) if i not in over)
    axes = kept if len(kept) == len(shape) else axes_of(shape)
    return PlannedLayer(asked, layer, place, shape, axes, over, pooling)


def pooled_axes(axes: Sequence[str]) -> tuple[int, ...]:
    """Which axes of a batch are space or sequence, counted with the stimuli as 0."""
    positions = ("row", "col", "frame", "token")
    return tuple(i for i, axis in enumerate(axes, start=1) if axis in positions)


def dtype_of(dtype: Any) -> np.dtype:
    """float32 or float16.

    Raises
    ------
    InputError
        If it is another.
    """
    name = dtype if isinstance(dtype, str) else np.dtype(dtype).name
    return choose(name, DTYPES, "dtype")  # type: ignore[return-value]


def bytes_per_stimulus(layers: Sequence[PlannedLayer], every: Sequence[Layer]) -> int:
    """Memory that one stimulus of a batch takes: two buffers of what is stored, and the pass."""
    stored = sum(4 * layer.n_units for layer in layers)
    widest = max((4 * layer.n_units for layer in every), default=0)
    return 2 * stored + 4 * widest


def batch_size_for(per_stimulus: int, n: int, wanted: int | None) -> int:
    """A number of stimuli that fits in memory, at most 64 unless more are wanted.

    Raises
    ------
    InputError
        If ``wanted`` is not a positive number.
    StorageError
        If not even one stimulus fits, or not as many as are wanted.
    """
    if wanted is not None and (int(wanted) != wanted or wanted < 1):
        raise InputError(f"batch_size={wanted!r} must be a whole number from 1.")
    available = available_bytes()
    fits = available // max(1, per_stimulus)
    if fits < (wanted or 1):
        few = f"batch_size={fits}, " if fits else ""
        raise StorageError(
            f"A batch of {wanted or 1} needs about {gigabytes((wanted or 1) * per_stimulus)} of "
            f"memory, but {gigabytes(available)} are free. Use {few}fewer layers or pooling=."
        )
    if wanted is not None:
        return min(int(wanted), n)
    budget = min(_BUDGET, available // 4)
    return int(max(1, min(LARGEST_BATCH, budget // max(1, per_stimulus), n)))


def refuse_beyond(needed: int, free: int, what: str, path: object = None) -> None:
    """Stop before work begins that cannot be finished.

    Raises
    ------
    StorageError
        If ``needed`` bytes are more than there are.
    """
    if needed > free:
        where = f" at {str(path)!r}" if path is not None else ""
        raise StorageError(
            f"This extraction needs {gigabytes(needed)} of {what}{where}, but {gigabytes(free)} "
            "are free. Extract fewer layers, use pooling='mean', dtype='float16' or "
            "keep='grams'" + (", or another disk." if path is not None else ", or into=a folder.")
        )
