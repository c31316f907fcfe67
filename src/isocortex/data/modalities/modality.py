"""What every modality can do with one source of stimuli."""

from collections.abc import Sequence
from typing import Any, Protocol

from isocortex.data.pixels import Background


class Modality(Protocol):
    """How sources of one kind are checked, read and told from each other."""

    one: str
    """What one of them is called: an image, a sound."""
    plural: str
    """What several are called, in sentences."""

    def check(self, sources: Sequence[Any], names: Sequence[str]) -> None:
        """Refuse sources that are not of this kind, by name; nothing is read."""
        ...

    def read(self, source: Any, background: Background, who: str) -> Any:
        """What a network gets to see of one source."""
        ...

    def digest(self, source: Any, background: Background, who: str) -> str:
        """A hash of what is read: equal content, equal digests."""
        ...

    def is_file(self, source: Any) -> bool:
        """Whether the source is a file, and not in memory."""
        ...
