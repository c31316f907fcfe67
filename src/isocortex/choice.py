"""A choice is a name in a table or a function; a wrong name is answered with the nearest."""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

from isocortex.errors import InputError

Choice = TypeVar("Choice")


def choose(
    name_or_function: "str | Callable", table: Mapping[str, Choice], what: str
) -> "Choice | Callable":
    """Return the entry of ``table`` under a name, or the function that was passed.

    Parameters
    ----------
    name_or_function : str or callable
    table : mapping from name to choice
    what : str
        The argument's name, for the error.

    Raises
    ------
    InputError
        If the name is not in the table; the message has the nearest and all known names.
    """
    if callable(name_or_function):
        return name_or_function
    try:
        return table[name_or_function]
    except (KeyError, TypeError):
        raise InputError(
            f"{what}={name_or_function!r} is not known. "
            f"{suggestion(name_or_function, table)}Known: {', '.join(table)}. Or pass a function."
        ) from None


def suggestion(name: object, known: Iterable[str]) -> str:
    """``"Did you mean 'x'? "`` for the known name nearest to ``name``, or nothing."""
    known = list(known)
    lowered = {each.lower(): each for each in known}
    near = get_close_matches(str(name).lower(), lowered, n=1, cutoff=0.6)
    return f"Did you mean {lowered[near[0]]!r}? " if near else ""


def named(name_or_function: object, nameless: str = "function") -> str:
    """What a choice is called: a name as it is, a function by its own, if it has one."""
    if isinstance(name_or_function, str):
        return name_or_function
    return getattr(name_or_function, "__name__", nameless)


def listed(names: Iterable[object], most: int = 5) -> str:
    """The first few names, quoted, and how many more there are."""
    names = list(names)
    shown = ", ".join(repr(str(each)) for each in names[:most])
    more = len(names) - most
    return f"{shown} and {more} more" if more > 0 else shown


_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


def first_line(error: BaseException | str, *, with_kind: bool = False) -> str:
    """The first line of another library's message, for a sentence of ours.

    Codes that colour a terminal are taken out; an error without a message is called by its kind.

    Parameters
    ----------
    error : exception, or its text
    with_kind : bool, default=False
        Put the kind of error before its message.
    """
    kind = type(error).__name__
    lines = [_ESCAPES.sub("", line).strip() for line in str(error).splitlines()]
    text = next((line.rstrip(".") for line in lines if line), "")
    if not text:
        return kind
    return f"{kind}: {text}" if with_kind else text
