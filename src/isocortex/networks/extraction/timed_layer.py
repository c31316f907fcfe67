"""A layer of a network of sound or film, as it is stored: its moments as rows, or all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from isocortex.errors import InputError
from isocortex.networks.extraction.plan import PlannedLayer, pooled_axes
from isocortex.networks.extraction.pooling import Pooling, check_pooling
from isocortex.networks.extraction.time_axis import Grid


@dataclass(frozen=True)
class TimeAxis:
    """Where time is in the output of a layer."""

    output_axis: int
    """In the output for a batch."""
    folded: bool
    """Whether the stimuli lie on the same axis, one after the other."""
    place: int
    """In the output for one stimulus."""
    grid: Grid
    counts: np.ndarray
    """How many moments are of each stimulus; what follows is padding."""


@dataclass(frozen=True)
class TimedLayer(PlannedLayer):
    """A layer with a time axis."""

    time: TimeAxis | None = None
    rest: tuple[int, ...] = field(default=())
    """The shape of one moment of one stimulus."""

    def moments(self, output: Any, shown: int, stimuli: Sequence[int]) -> Any:
        """The output of a batch as (n_stimuli, n_moments, …).

        Raises
        ------
        InputError
            If its shape is not that which was found beforehand.
        """
        assert self.time is not None
        at = self.layer.placement.axis
        if self.time.folded:
            parts = output.shape[at] // shown
            split = (parts, shown) if self.layer.placement.inner else (shown, parts)
            output = output.unflatten(at, split)
            inner = self.layer.placement.inner
            found = output.movedim((at + inner, at + (not inner)), (0, 1))
        else:
            found = self._parted(output).movedim(1 + self.time.place, 1)
        fewest = int(self.time.counts[list(stimuli)].max())
        if tuple(found.shape[2:]) != self.rest or len(found) != shown or found.shape[1] < fewest:
            raise InputError(
                f"The layer {self.asked!r} gave an output of shape {tuple(output.shape)} for "
                f"{shown} stimuli, which is not as it was when the network was traced: it depends "
                "on what is shown. Leave it out."
            )
        return found

    def _parted(self, output: Any) -> Any:
        return self.layer.placement.first(output)

    def rows(self, output: Any, shown: int, stimuli: Sequence[int]) -> Any:
        """What is stored of a batch: (n_stimuli · rows_each, n_units)."""
        assert self.time is not None
        moments = self.moments(output, shown, stimuli)[: len(stimuli)]
        counts = self.time.counts[list(stimuli)]
        if self.frames is not None:
            return self._frames(moments)
        if len(set(counts.tolist())) == 1:
            return self._whole(moments[:, : int(counts[0])])
        import torch

        one_by_one = [self._whole(moments[i : i + 1, :n]) for i, n in enumerate(counts.tolist())]
        return torch.cat(one_by_one)

    def _frames(self, moments: Any) -> Any:
        """Each moment a row; shorter stimuli are filled up with zeros, which are not used."""
        import torch

        moments = moments[:, : self.rows_each]
        n = len(moments) * moments.shape[1]
        flat = moments.reshape(n, *self.rest)
        if self.over and self.pool is not None:
            flat = self.pool(flat, self.over)
        flat = flat.reshape(len(moments), -1, self.n_units)
        missing = self.rows_each - flat.shape[1]
        if missing:
            flat = torch.nn.functional.pad(flat, (0, 0, 0, missing))
        return flat.reshape(-1, self.n_units)

    def _whole(self, moments: Any) -> Any:
        assert self.time is not None
        output = moments.movedim(1, 1 + self.time.place)
        if self.over and self.pool is not None:
            output = self.pool(output, self.over)
        return output.reshape(len(output), -1)


def as_frames(
    layer: PlannedLayer, axes: tuple[str, ...], time: TimeAxis, pooling: Pooling | None
) -> TimedLayer:
    """The layer with a row for each moment; ``pooling`` goes over its space."""
    shape, rest_axes = _without_time(layer, axes, time)
    over: tuple[int, ...] = ()
    kept_shape, kept_axes = shape, rest_axes
    if pooling is not None:
        check_pooling(pooling, rest_axes, layer.asked, shape)
        over = pooled_axes(rest_axes)
        kept_shape, kept_axes = _pooled_shape(shape, rest_axes, over, pooling)
    return TimedLayer(
        layer.asked,
        layer.layer,
        layer.order,
        kept_shape or (1,),
        kept_axes or ("unit",),
        over,
        pooling if over else None,
        rows_each=int(time.counts.max()),
        time=time,
        rest=shape,
    )


def as_stimuli(
    layer: PlannedLayer, axes: tuple[str, ...], time: TimeAxis, pooling: Pooling | None
) -> TimedLayer:
    """The layer with a row for each stimulus: all its moments, or pooled over time and space.

    Raises
    ------
    InputError
        If stimuli have different numbers of moments and are not pooled.
    """
    rest, _ = _without_time(layer, axes, time)
    counts = set(time.counts.tolist())
    shape = (*rest[: time.place], max(counts), *rest[time.place :])
    over: tuple[int, ...] = ()
    kept_axes = axes
    if pooling is not None:
        check_pooling(pooling, axes, layer.asked, shape)
        over = pooled_axes(axes)
        shape, kept_axes = _pooled_shape(shape, axes, over, pooling)
    elif len(counts) > 1:
        raise InputError(
            f"The stimuli have between {min(counts)} and {max(counts)} moments in the layer "
            f"{layer.asked!r}, so that a row of all of them would not have one length. Use "
            "pooling=, rows='frames', or windows of one length (window= of Stimuli.from_audio and "
            "from_video)."
        )
    return TimedLayer(
        layer.asked,
        layer.layer,
        layer.order,
        shape or (1,),
        kept_axes or ("unit",),
        over,
        pooling if over else None,
        time=time,
        rest=rest,
    )


def _without_time(
    layer: PlannedLayer, axes: tuple[str, ...], time: TimeAxis
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    shape, at = layer.layer.shape, time.place
    folded_whole = time.folded and layer.layer.placement.parts == 1
    rest = shape if folded_whole else (*shape[:at], *shape[at + 1 :])
    return rest, (*axes[:at], *axes[at + 1 :])


def _pooled_shape(
    shape: tuple[int, ...], axes: tuple[str, ...], over: tuple[int, ...], pooling: Pooling
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    if not over:
        return shape, axes
    import torch

    sample = pooling(torch.zeros((1, *shape)), over)
    left = tuple(sample.shape[1:])
    kept = tuple(axis for i, axis in enumerate(axes, start=1) if i not in over)
    return left, kept if len(kept) == len(left) else tuple(f"axis {i}" for i in range(len(left)))
