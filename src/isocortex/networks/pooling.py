"""Fewer units for a layer: over space for maps, over the sequence for tokens.

Each function maps what a layer gives for a batch, shape (n, channels, *space) or
(n, tokens, features), to shape (n, channels) or (n, features). ``over`` names the axes to
pool over, counted in the whole batch.
"""

from collections.abc import Callable, Mapping
from typing import Any

from isocortex.choice import choose
from isocortex.errors import InputError

Pooling = Callable[[Any, tuple[int, ...]], Any]


def mean(output: Any, over: tuple[int, ...]) -> Any:
    """The average over positions."""
    return output.mean(over)


def largest(output: Any, over: tuple[int, ...]) -> Any:
    """The maximum over positions."""
    return output.amax(over)


def first(output: Any, over: tuple[int, ...]) -> Any:
    """The first token (the class token, where there is one)."""
    return output.select(over[0], 0)


def last(output: Any, over: tuple[int, ...]) -> Any:
    """The last token."""
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


def check_pooling(pooling: Pooling | None, axes: tuple[str, ...], layer: str) -> None:
    """First and last token are only for sequences.

    Raises
    ------
    InputError
        If ``layer`` has maps instead.
    """
    if pooling in FOR_TOKENS_ONLY and "row" in axes:
        raise InputError(
            f"pooling={pooling.__name__!r} is for sequences of tokens, but {layer!r} gives maps "  # type: ignore[union-attr]
            f"({', '.join(axes)}). Use 'mean' or 'max', or leave that layer out."
        )
