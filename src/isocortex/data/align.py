"""Rows meet by name: the only place where two nouns are brought into one order."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np

from isocortex.choice import counted, one_of
from isocortex.data.names import Names, check_same, positions
from isocortex.data.needs import door
from isocortex.data.trials import Trials
from isocortex.data.unnamed import tell_unnamed
from isocortex.errors import MisalignedError


@runtime_checkable
class HasStimuli(Protocol):
    """Responses, Gram, RDMs and Trials: rows with names, of which some can be taken."""

    @property
    def stimuli(self) -> Names:
        """The name of each row."""
        ...

    def take(self, rows: Any, /) -> Any:
        """The rows at integer positions."""
        ...


First = TypeVar("First", bound=HasStimuli)
Second = TypeVar("Second", bound=HasStimuli)


@door
def align(first: First, second: Second, *, join: str = "same") -> tuple[First, Second]:
    """Bring ``second`` into the order of ``first``, by the names of the stimuli.

    Trials keep their order, since a stimulus has many: of them the trials of the stimuli in
    common are kept, each once.

    Parameters
    ----------
    first, second : Responses, Gram, RDMs or Trials
        Any two of these nouns; the order of ``first`` is that of both results.
    join : {"same", "inner"}, default="same"
        ``"same"``: both must have the same stimuli. ``"inner"``: those in common are kept.

    Returns
    -------
    first, second
        The very objects that were given, where nothing had to be moved.

    Raises
    ------
    MisalignedError
        If the stimuli differ (``"same"``) or fewer than two are in common (``"inner"``).

    Warns
    -----
    UnnamedWarning
        If rows meet by place, since they were given no names.

    See Also
    --------
    average : Mean response to each stimulus over its trials.
    RDMs.reorder : These stimuli in this order, by name.
    encode, rdms, compare : Verbs that align for themselves.

    Examples
    --------
    >>> import isocortex as ic
    >>> layer = ic.Responses([[1.0], [2.0], [3.0]], ["cat", "dog", "car"])
    >>> voxels = ic.Responses([[30.0], [10.0], [40.0]], ["car", "cat", "bus"])
    >>> layer, voxels = ic.align(layer, voxels, join="inner")
    >>> voxels.stimuli, voxels.numpy().ravel()
    (('cat', 'car'), array([10., 30.]))
    """
    return aligned(first, second, join)


def aligned(
    first: First, second: Second, join: str = "same", who: str = "align"
) -> tuple[First, Second]:
    """The same for verbs, whose own door has been passed, and by whose name errors speak."""
    names = JOINS[one_of(join, JOINS, "join")](_once(first), _once(second), who)
    return _in_order(first, names), _in_order(second, names)


def _once(noun: Any) -> Names:
    return noun.conditions if isinstance(noun, Trials) else noun.stimuli


def _same(first: Names, second: Names, who: str) -> Names:
    check_same(first, second, who)
    return first


def _common(first: Names, second: Names, who: str) -> Names:
    tell_unnamed(first, second, who)
    there = set(second)
    names = tuple(name for name in first if name in there)
    if len(names) < 2:
        raise MisalignedError(
            f"{who}: only {counted(len(names), 'stimulus')} in common; at least 2 are needed."
        )
    return names


def _in_order(noun: Any, names: Names) -> Any:
    if isinstance(noun, Trials):
        keep = np.isin(noun.stimuli, names)
        return noun if keep.all() else noun.take(np.nonzero(keep)[0])
    if noun.stimuli == names:
        return noun
    return noun.take(np.asarray(positions(noun.stimuli, names, "align")))


JOINS: Mapping[str, Callable[[Names, Names, str], Names]] = {"same": _same, "inner": _common}
