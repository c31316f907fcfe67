"""Rows that nobody has named: what they are called, and what is said when they meet others."""

from collections.abc import Iterable, Sequence
from uuid import uuid4

from isocortex.errors import UnnamedWarning, warn

BY_POSITION = "by position"
"""What a user gives as ``stimuli`` to say that row i is the same stimulus as row i elsewhere."""


class Unnamed(str):
    """A name that was made up, and knows for which noun: those derived from it share it.

    Parameters
    ----------
    name : str
        ``stimulus 0``, ``stimulus 1`` …
    origin : str
        Which noun, or ``"by position"`` where the user has asked for such names.
    """

    origin: str

    def __new__(cls, name: str, origin: str = "") -> "Unnamed":
        """A string with the noun that it was made up for."""
        self = super().__new__(cls, name)
        self.origin = origin
        return self


def names_or_default(
    names: Iterable[object] | None, known: Iterable[object] | None, n_rows: int
) -> Iterable[object]:
    """The names that were given, else those that are known, else made-up ones.

    Parameters
    ----------
    names : sequence, ``"by position"``, or None
        As the user has given them.
    known : sequence or None
        What the values bring, such as an index.
    n_rows : int
    """
    if names is None and known is not None:
        return known
    if names is not None and not is_by_position(names):
        return names
    origin = uuid4().hex if names is None else BY_POSITION
    return [Unnamed(f"stimulus {i}", origin) for i in range(n_rows)]


def is_by_position(names: object) -> bool:
    """Whether a user has asked for names by position."""
    return isinstance(names, str) and names == BY_POSITION


def tell_unnamed(first: Sequence[str], second: Sequence[str], who: str) -> None:
    """Say that rows meet by place, where two nouns do not both have names of their own.

    Warns
    -----
    UnnamedWarning
        If names of one were made up, and those of the other not for the same noun, unless the
        user has asked for it.
    """
    ours, theirs = (_origins(names) for names in (first, second))
    asked = BY_POSITION in ours | theirs
    if asked or ours == theirs or not any(ours | theirs):
        return
    warn(
        f"{who}: the {len(first)} rows of these two were not given names, so that they meet by "
        "place, the first with the first. Name the rows of both (stimuli=names), or, if row i of "
        'both is the same stimulus, say so: stimuli="by position".',
        UnnamedWarning,
    )


def advice_on_names(first: Sequence[str], second: Sequence[str]) -> str:
    """What to do where the made-up names of one are not those of the other; empty if none are."""
    made = [
        which for which, names in (("first", first), ("second", second)) if any(_origins(names))
    ]
    if not made:
        return ""
    return f"The rows of the {' and the '.join(made)} were not given names: stimuli=names."


def _origins(names: Sequence[str]) -> set[str]:
    """Of which nouns names are made up; the empty origin is that of names that were given."""
    return {name.origin if isinstance(name, Unnamed) else "" for name in names}
