"""Fewer units for a layer: over space for maps, over the sequence for tokens.

Each function maps what a layer gives for a batch, shape (n, channels, *space) or
(n, tokens, features), to shape (n, channels) or (n, features). ``over`` names the axes to
pool over, counted in the whole batch.
"""

from collections.abc import Callable, Mapping
from typing import Any

from isocortex.choice import choose
from isocortex.errors import InputError
from isocortex.networks.tracing.axes import is_known, is_position

Pooling = Callable[[Any, tuple[int, ...]], Any]


def mean(output: Any, over: tuple[int, ...]) -> Any:
    """The average of each channel over its positions."""
    return output.mean(over)


def largest(output: Any, over: tuple[int, ...]) -> Any:
    """The maximum of each channel over its positions."""
    return output.amax(over)


def first(output: Any, over: tuple[int, ...]) -> Any:
    """The first token (the class token, where there is one)."""
    return output.select(over[0], 0)


def last(output: Any, over: tuple[int, ...]) -> Any:
    """The last token of a sequence, for each channel."""
    return output.select(over[0], -1)


POOLINGS: Mapping[str, Pooling] = {"mean": mean, "max": largest, "first": first, "last": last}

FOR_TOKENS_ONLY = (first, last)


def pooling_of(pooling: "str | Pooling | None") -> Pooling | None:
    """A pooling by its name; None stays None.

    Raises
    ------
    InputError
        If the name is not known.
    """
    return None if pooling is None else choose(pooling, POOLINGS, "pooling")


def check_pooling(
    pooling: Pooling, axes: tuple[str, ...], layer: str, shape: tuple[int, ...]
) -> None:
    """It must be known which axes are positions; first and last are only for sequences.

    Raises
    ------
    InputError
        If it is not known of ``layer``, or it has maps instead of a sequence.
    """
    if not is_known([axis for axis, n in zip(axes, shape, strict=True) if n != 1]):
        raise InputError(
            f"pooling= needs to know which axes of {layer!r} are positions and which are "
            f"channels; of its shape {shape} only ({', '.join(axes)}) is known. Say it, such as "
            f"axes={{{layer!r}: {_example(len(shape))}}}, or extract it without pooling."
        )
    positions = [axis for axis in axes if is_position(axis)]
    if pooling in FOR_TOKENS_ONLY and len(positions) > 1:
        raise InputError(
            f"pooling={pooling.__name__!r} is for sequences of tokens, but {layer!r} gives maps "  # type: ignore[attr-defined]
            f"({', '.join(axes)}). Use 'mean' or 'max', or leave that layer out."
        )


def _example(n: int) -> tuple[str, ...]:
    examples = {2: ("token", "unit"), 3: ("row", "col", "channel")}
    return examples.get(n, ("frame", "row", "col", "channel")[-n:])
