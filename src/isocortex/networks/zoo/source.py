"""What every source of named networks gives."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from isocortex.errors import NotFoundError
from isocortex.networks.preprocessing import Transform


@dataclass(frozen=True)
class Source:
    """A library of named networks."""

    title: str
    names: Callable[[], list[str]]
    """All the names that it knows; empty where the library is not installed."""
    build: Callable[[str, bool], tuple[Any, Transform]]
    """From a name, and whether its own pretrained weights are wanted, to a module and its
    preprocessing."""


def unreachable(name: str, title: str, error: Exception) -> NotFoundError:
    """The sentence for weights that cannot be downloaded."""
    return NotFoundError(
        f"The weights of {name!r} could not be fetched by {title} "
        f"({type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no reason'}). "
        "Are you offline? Give weights= the path of a file or folder that holds them, or "
        "weights=None for random ones."
    )
