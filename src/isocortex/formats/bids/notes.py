"""What a reader did that nobody asked for, told once for all runs and people."""

from collections.abc import Iterable

from isocortex.errors import warn


class Notes:
    """Sentences, each once, with the sum of what they count."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def add(self, text: str, count: int = 0) -> None:
        """A note; one with a count begins with their sum."""
        self._counts[text] = self._counts.get(text, 0) + count

    def extend(self, texts: Iterable[str]) -> None:
        """Take in several notes without counts."""
        for text in texts:
            self.add(text)

    def tell(self, who: str) -> None:
        """One warning with all notes, if there are some."""
        said = [f"{count} {text}" if count else text for text, count in self._counts.items()]
        if said:
            warn(f"{who}: {'; '.join(said)}.")
