"""Audio and video: each source is a stretch of a recording, or an array."""

import hashlib
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from isocortex.choice import listed
from isocortex.data.pixels import Background
from isocortex.errors import InputError


@runtime_checkable
class Excerpt(Protocol):
    """A stretch of a file, which knows how it is read."""

    def read(self) -> np.ndarray:
        """Its samples or frames as an array."""
        ...

    def digest(self) -> str:
        """A hash of what is read."""
        ...


class Excerpts:
    """Stretches of files, and arrays as they are.

    Parameters
    ----------
    name : str
        Of the modality.
    """

    def __init__(self, name: str):
        self.name = name
        self.one = {"audio": "sound", "video": "clip"}[name]
        self.plural = name

    def check(self, sources: Sequence[Any], names: Sequence[str]) -> None:
        """Refuse what is neither.

        Raises
        ------
        InputError
            With the names concerned.
        """
        bad = [
            name
            for name, each in zip(names, sources, strict=True)
            if not isinstance(each, np.ndarray | Excerpt)
        ]
        if bad:
            raise InputError(
                f"Stimuli: of modality {self.name!r} each source is an array or a stretch of a "
                f"file; {len(bad)} of {len(names)} are not: {listed(bad)}. "
                f"Stimuli.from_{self.name} makes them of files and arrays."
            )

    def read(self, source: Any, background: Background, who: str) -> np.ndarray:  # noqa: ARG002
        """Samples or frames as an array."""
        return source if isinstance(source, np.ndarray) else source.read()

    def digest(self, source: Any, background: Background, who: str) -> str:  # noqa: ARG002
        """A hash of samples or frames, of their type and of their shape."""
        if not isinstance(source, np.ndarray):
            return source.digest()
        array = np.ascontiguousarray(source)
        return hashlib.sha256(
            f"{array.dtype.str}{array.shape}".encode() + array.tobytes()
        ).hexdigest()

    def is_file(self, source: Any) -> bool:
        """Whether it is a stretch of a file."""
        return not isinstance(source, np.ndarray)
