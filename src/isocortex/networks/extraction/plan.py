"""What an extraction will do and cost, known before it starts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import counted, listed, one_of
from isocortex.errors import InputError, StorageError
from isocortex.memory import available_bytes, gigabytes
from isocortex.networks.extraction.axes_given import AxesSaid, axes_said
from isocortex.networks.extraction.pooling import Pooling, check_pooling
from isocortex.networks.identity.hashes import digest, function_identity
from isocortex.networks.network import Network
from isocortex.networks.tracing.axes import is_position
from isocortex.networks.tracing.trace import Layer, Trace
from isocortex.networks.tracing.verdict import RANDOM, REMEMBERS

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
    rows_each: int = 1
    """Rows that a stimulus takes in the layer's array; more than one where they are moments."""
    frames: pd.DataFrame | None = None
    """Whose moments, and when, the rows are that are used."""

    @property
    def n_units(self) -> int:
        """How many units the layer has once it is pooled: the columns of its matrix."""
        return math.prod(self.shape)

    @property
    def numbers_each(self) -> int:
        """How many numbers are kept of a stimulus."""
        return self.rows_each * self.n_units

    def matrix(self, output: Any, n: int) -> Any:
        """The output of the module for a batch of ``n`` as a matrix (n_stimuli, n_units).

        Raises
        ------
        InputError
            If its shape is not that which the trace has found for ``n`` stimuli.
        """
        self._check(tuple(output.shape), n)
        output = self.layer.first(output)
        if self.over and self.pool is not None:
            output = self.pool(output, self.over)
        return output.reshape(output.shape[0], -1)

    def _check(self, shape: tuple[int, ...], n: int) -> None:
        expected = self.layer.shape_for(n)
        alone = self.layer.mixed is not None and n == 1
        if (math.prod(shape) != self.layer.n_units) if alone else (shape != expected):
            raise InputError(
                f"The layer {self.asked!r} gave an output of shape {shape} for "
                f"{counted(n, 'stimulus')}, but "
                f"{expected} was found when the network was traced: it depends on what is shown. "
                "Its rows cannot be told to belong to their stimuli; leave it out."
            )


def planned(
    network: Network,
    names: Mapping[str, str],
    shape: Sequence[int],
    pooling: Pooling | None,
    axes: "AxesSaid | None" = None,
) -> list[PlannedLayer]:
    """The layers called ``names``, in the order of execution, each with what it will store.

    Raises
    ------
    InputError
        If a layer cannot be pooled, or ``axes`` do not fit.
    """
    said = axes_said(axes, network, names, shape)
    order = {layer.name: (i, layer) for i, layer in enumerate(network.trace(shape).layers)}
    found: dict[str, PlannedLayer] = {}
    for asked, name in names.items():
        place, layer = order[name]
        if name not in found:
            layer = replace(layer, axes=said.get(name, layer.axes))
            found[name] = _pooled(asked, layer, place, pooling)
    return list(found.values())


def _pooled(asked: str, layer: Layer, place: int, pooling: Pooling | None) -> PlannedLayer:
    if pooling is not None:
        check_pooling(pooling, layer.axes, asked, layer.shape)
    over = pooled_axes(layer.axes) if pooling is not None else ()
    if not over or pooling is None:
        return PlannedLayer(asked, layer, place, layer.shape, layer.axes, (), None)
    import torch

    sample = pooling(torch.zeros((1, *layer.shape)), over)
    shape = tuple(sample.shape[1:])
    kept = tuple(axis for i, axis in enumerate(layer.axes, start=1) if i not in over)
    axes = kept if len(kept) == len(shape) else tuple(f"axis {i}" for i in range(len(shape)))
    return PlannedLayer(asked, layer, place, shape, axes, over, pooling)


def pooled_axes(axes: Sequence[str]) -> tuple[int, ...]:
    """Which axes of a batch are space or sequence, counted with the stimuli as 0."""
    return tuple(i for i, axis in enumerate(axes, start=1) if is_position(axis))


def pooling_identity(pooling: Pooling | None, axes: AxesSaid | None) -> str:
    """A text that changes with what a pooling does, and with axes that users have named."""
    if pooling is None:
        return "none"
    own = function_identity(pooling)
    return own if axes is None else digest([own, function_identity(axes)])


def refuse_mixed(plan: Sequence[PlannedLayer], batch: int, trace: Trace, who: str) -> None:
    """Nothing is stored whose rows are not those of their stimuli.

    Raises
    ------
    InputError
        With the layers that are random, or whose rows depend on the batch they are in.
    """
    for reason in dict.fromkeys(each.layer.unstable for each in plan):
        if reason is not None:
            layers = [each.asked for each in plan if each.layer.unstable == reason]
            raise InputError(f"{who} cannot give {listed(layers)}: {reason}. {_WAY_OUT[reason]}")
    if batch == 1 and trace.fewest == 1:
        return
    for reason in dict.fromkeys(each.layer.mixed for each in plan):
        if reason is not None:
            layers = [each.asked for each in plan if each.layer.mixed == reason]
            out = "Use batch_size=1, which shows each stimulus alone, or leave these layers out."
            if trace.fewest > 1:
                out = "The network cannot be shown one stimulus alone either; leave them out."
            raise InputError(f"{who} cannot give {listed(layers)} in batches: {reason}. {out}")


_WAY_OUT: Mapping[str, str] = {
    RANDOM: (
        "Dropout needs training=self.training to be off in evaluation. A masked autoencoder shows "
        "all patches in their order with mask_ratio=0 and a fixed noise= (passed on by a module "
        "around it). Or ask for layers before the random step."
    ),
    REMEMBERS: (
        "Let its forward begin from the same state each time, or ask for layers that do not "
        "depend on it."
    ),
}


def dtype_of(dtype: Any) -> np.dtype:
    """float32 or float16.

    Raises
    ------
    InputError
        If it is another.
    """
    name = dtype if isinstance(dtype, str) else np.dtype(dtype).name
    return DTYPES[one_of(name, DTYPES, "dtype")]


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
