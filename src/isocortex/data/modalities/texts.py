"""Text: each source is a string, a word of a running text or a sentence."""

import hashlib
from collections.abc import Sequence
from typing import Any

from isocortex.choice import listed
from isocortex.data.pixels import Background
from isocortex.errors import InputError


class Text:
    """Strings as they are written."""

    one = "text"
    plural = "text"

    def check(self, sources: Sequence[Any], names: Sequence[str]) -> None:
        """Refuse what is no string, or an empty one.

        Raises
        ------
        InputError
            With the names concerned.
        """
        for bad, what in (
            ([not isinstance(each, str) for each in sources], "no strings"),
            ([isinstance(each, str) and not each.strip() for each in sources], "empty"),
        ):
            if any(bad):
                some = [name for name, each in zip(names, bad, strict=True) if each]
                raise InputError(
                    f"Stimuli: of modality 'text' each source is a string with something in it; "
                    f"{len(some)} of {len(names)} are {what}: {listed(some)}."
                )

    def read(self, source: str, background: Background, who: str) -> str:  # noqa: ARG002
        """The string as it is written."""
        return source

    def digest(self, source: str, background: Background, who: str) -> str:  # noqa: ARG002
        """A hash of the string."""
        return hashlib.sha256(source.encode()).hexdigest()

    def is_file(self, source: str) -> bool:  # noqa: ARG002
        """No: text is in memory."""
        return False
