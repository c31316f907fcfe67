"""Where the stimuli are in the output of a module, as passes of several numbers of them show."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Placement:
    """The axis of the stimuli, and how it is to be read where it counts other things as well."""

    axis: int = 0
    parts: int = 1
    """How many entries of the axis belong to each stimulus, such as windows of a picture."""
    inner: bool = False
    """Whether the stimuli run fastest: all first parts, then all second ones."""

    def first(self, output: Any) -> Any:
        """The output with the stimuli as its first axis, shape (n_stimuli, …).

        Parts of one stimulus become an axis of their own, where the axis of stimuli was.
        """
        if self.parts > 1:
            split = (self.parts, -1) if self.inner else (-1, self.parts)
            output = output.unflatten(self.axis, split)
        return output.movedim(self.axis + (self.parts > 1 and self.inner), 0)

    def of_one(self, shape: Sequence[int]) -> Shape:
        """The shape for one stimulus, of the shape for several."""
        parts = (self.parts,) if self.parts > 1 else ()
        return (*shape[: self.axis], *parts, *shape[self.axis + 1 :]) or (1,)

    def of_many(self, one: Sequence[int], n: int, ndim: int) -> Shape:
        """The shape of the output for ``n`` stimuli, of the shape for one."""
        if ndim == 1:
            return (n * self.parts,)
        rest = list(one)
        if self.parts > 1:
            rest.pop(self.axis)
        return (*rest[: self.axis], n * self.parts, *rest[self.axis :])


def placements(one: Sequence[int], other: Sequence[int], sizes: tuple[int, int]) -> list[Placement]:
    """All ways to read an output whose shape was ``one`` and ``other`` for two numbers of stimuli.

    Empty where no axis follows the number of stimuli, or more than one does.
    """
    if len(one) != len(other):
        return []
    differing = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(differing) != 1:
        return []
    (axis,) = differing
    parts, rest = divmod(one[axis], sizes[0])
    if rest or not parts or other[axis] != parts * sizes[1]:
        return []
    ways = [Placement(axis, parts)]
    return ways if parts == 1 else [*ways, Placement(axis, parts, inner=True)]


_ENTRIES = 4096
"""How many numbers of a stimulus are compared, for each axis that may be that of the stimuli."""


def sample(output: Any, axis: int, n: int) -> Any:
    """Numbers of an output by their place along one axis, shape (length, some of the others).

    All of them where they are few; the same ones for each number ``n`` of stimuli.
    """
    import torch

    others = [n for i, n in enumerate(output.shape) if i != axis]
    size, length = math.prod(others), output.shape[axis]
    moved = output.movedim(axis, 0)
    few = max(16, _ENTRIES * n // length)
    if size <= few:
        return moved.reshape(length, -1).float().cpu().clone()
    # Spread over all axes: a stride that shares no factor with their lengths.
    step = size // few
    while math.gcd(step, size) > 1:
        step += 1
    flat = (torch.arange(few, device=output.device) * step) % size
    places = torch.unravel_index(flat, others)
    return moved[(slice(None), *places)].float().cpu().clone()
