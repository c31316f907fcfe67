"""How much of the text before a word its network sees: a window, blocks, or all of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from isocortex.data.needs import door
from isocortex.display.shown import shown
from isocortex.errors import InputError

USUAL = 40
"""Words before each word, where nothing is said."""


class Context(Protocol):
    """What stands before each word of a run."""

    @property
    def cache(self) -> bool:
        """Whether words whose contexts begin at the same word share a pass."""
        ...

    @property
    def n_words(self) -> int | None:
        """The longest context, in words before a word; None where it grows with the text."""
        ...

    def first(self, n: int) -> np.ndarray:
        """The first word that each of ``n`` words sees, shape (n,)."""
        ...


@dataclass(frozen=True)
class Window:
    """The same number of words before each word, fewer at the start of a run."""

    size: int
    cache: bool = True

    @property
    def n_words(self) -> int | None:
        """The longest context, in words before a word."""
        return self.size

    def first(self, n: int) -> np.ndarray:
        """The first word that each of ``n`` words sees."""
        return np.maximum(np.arange(n) - self.size, 0)

    def __repr__(self) -> str:
        return f"the {self.size} words before"


@door
@shown()
@dataclass(frozen=True)
class Blocks:
    """Contexts that begin at every so many words: between ``size`` and 2 ``size`` − 1 words long.

    The words of a block of ``size`` see the block before and what stands before them in their
    own. A causal network reads both blocks in one pass, in which each word sees what it would
    see in a pass of its own: about two tokens of work for each token of the text, where a window
    that slides takes as many as it is long. No cache can slide: keys and values of all layers
    but the first have seen the words that should have left.

    Parameters
    ----------
    size : int
        Words in a block.
    cache : bool, default=True
        Whether the words of a block share one pass. False gives each word a pass of its own: the
        same numbers (to about 1e-6), and the only way for a network that reads both ways.

    Raises
    ------
    InputError
        If the size is no whole number from 1.

    See Also
    --------
    extract : Takes it as ``context=``; a number of words is a window that slides.
    Growing : All that stands before, from the start of the run.

    Examples
    --------
    >>> import isocortex as ic
    >>> ic.Blocks(3).first(8).tolist()
    [0, 0, 0, 0, 0, 0, 3, 3]
    """

    size: int
    cache: bool = True

    def __post_init__(self):
        _check_number(self.size, 1, "Blocks")

    @property
    def n_words(self) -> int | None:
        """The longest context, in words before a word."""
        return 2 * self.size - 1

    def first(self, n: int) -> np.ndarray:
        """The first word that each of ``n`` words of a run sees, shape (n,)."""
        return np.maximum(np.arange(n) // self.size - 1, 0) * self.size


@door
@shown()
@dataclass(frozen=True)
class Growing:
    """All words before each word, from the start of its run.

    A causal network reads a whole run in one pass. The run must fit into the network.

    Parameters
    ----------
    cache : bool, default=True
        As of :class:`Blocks`.

    See Also
    --------
    extract : Takes it as ``context=``.
    Blocks : For texts that are longer than what a network reads at once.

    Examples
    --------
    >>> import isocortex as ic
    >>> ic.Growing().first(4).tolist()
    [0, 0, 0, 0]
    """

    cache: bool = True

    @property
    def n_words(self) -> int | None:
        """None: as long as the run."""
        return None

    def first(self, n: int) -> np.ndarray:
        """The first word that each of ``n`` words of a run sees: the first of all."""
        return np.zeros(n, dtype=np.intp)


def context_of(context: "int | Blocks | Growing | None") -> Context:
    """A context by its object, or a window of so many words.

    Raises
    ------
    InputError
        If it is neither.
    """
    if isinstance(context, Blocks | Growing):
        return context
    if isinstance(context, Callable):
        context = None if context in (Blocks, Growing) else context
        if context is None:
            raise InputError("context= takes an object: Blocks(40) or Growing(), with brackets.")
    number = USUAL if context is None else context
    _check_number(number, 0, "context=")
    return Window(int(number))


def _check_number(number: object, least: int, who: str) -> None:
    whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
    if not whole or number < least:  # type: ignore[operator]
        raise InputError(
            f"{who} takes a whole number of words from {least}, not {number!r}"
            + (", or Blocks(40) or Growing()." if who == "context=" else ".")
        )
