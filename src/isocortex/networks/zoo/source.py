"""What every source of named networks gives."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from isocortex.choice import first_line
from isocortex.errors import NotFoundError
from isocortex.networks.inputs.preprocessing import Transform


@dataclass(frozen=True, eq=False)
class Built:
    """A module as a library makes it."""

    module: Any
    preprocessing: Transform
    weights: str = ""
    """Whose weights it has, where they are the library's own."""
    missing: tuple[str, ...] = ()
    """Names of the parameters that those lack; they are NaN."""
    modality: str = "image"
    """Of the stimuli that it takes."""


@dataclass(frozen=True)
class Source:
    """A library of named networks."""

    title: str
    names: Callable[[], list[str]]
    """All the names that it knows; empty where the library is not installed."""
    build: Callable[[str, bool], Built]
    """From a name, and whether its own pretrained weights are wanted."""


def unreachable(name: str, title: str, error: Exception) -> NotFoundError:
    """The sentence for weights that cannot be downloaded."""
    return NotFoundError(
        f"The weights of {name!r} could not be fetched by {title} "
        f"({first_line(error, with_kind=True)}). "
        "Are you offline? Give weights= the path of a file or folder that holds them, or "
        "weights=None for random ones."
    )
