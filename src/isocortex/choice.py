"""A choice is a name in a table or a function; a wrong name is answered with the nearest."""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from numbers import Integral, Real
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, TypeGuard, TypeVar

from isocortex.deprecated import warn_old
from isocortex.errors import InputError

Choice = TypeVar("Choice")
OR_FUNCTION = " Or pass a function."
"""What an error about a name advises besides, in Python."""


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
    name = current(name_or_function, table, what)
    if not isinstance(name, str) or name not in table:
        raise InputError(f"{_unknown(name, table, what)}{OR_FUNCTION}")
    return table[name]


def one_of(name: str, names: Iterable[str], what: str) -> str:
    """Return a name that is one of a closed set: no function can stand in its place.

    Parameters
    ----------
    name : str
    names : iterable of str, or mapping from them
    what : str
        The argument's name, for the error.

    Raises
    ------
    InputError
        If it is not among them; the message has the nearest and all known names.
    """
    names = list(names)
    name = current(name, names, what)
    if not isinstance(name, str) or name not in names:
        raise InputError(_unknown(name, names, what))
    return name


def current(name: Any, names: Iterable[str], what: str) -> Any:
    """The name of a choice as it is spelled now, in snake_case; all else as it is.

    Until 0.1 some choices were written with hyphens, plus signs or blanks (``"tau-a"``).
    These are understood for one more release, with a DeprecationWarning.

    Parameters
    ----------
    name : str or anything
    names : iterable of str
        The names that are known.
    what : str
        The argument's name, for the warning.
    """
    names = set(names)
    if not isinstance(name, str) or name in names:
        return name
    now = re.sub(r"[-+ ]", "_", name)
    if now not in names:
        return name
    warn_old(f"{what}={name!r}", f"{what}={now!r}")
    return now


def is_number(value: object) -> TypeGuard[float]:
    """Whether this is one real number (NaN too); True and False are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_whole(value: object) -> TypeGuard[int]:
    """Whether this is one whole number; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def _unknown(name: object, names: Iterable[str], what: str) -> str:
    if callable(name):
        return f"{what} must be one of {', '.join(names)}, not a function."
    return f"{what}={name!r} is not known. {suggestion(name, names)}Known: {', '.join(names)}."


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


_PLURALS = {
    "stimulus": "stimuli",
    "person": "people",
    "entry": "entries",
    "data": "data",
    "first": "first",
    "second": "second",
    "true": "true",
    "series": "series",
    "axis": "axes",
    "class": "classes",
    "matrix": "matrices",
    "pass": "passes",
}


def counted(n: int, what: str) -> str:
    """``"1 layer"``, ``"2 layers"``, ``"2 stimuli"``: a number and what is counted, in English."""
    if n == 1:
        return f"1 {what}"
    last = re.split("[ _]", what)[-1]
    return f"{n} {what.removesuffix(last)}{_PLURALS.get(last, f'{last}s')}"


def also(before: str, names: Iterable[object]) -> str:
    """``", labels: subject, region"``: what else a print tells, or nothing where there is none."""
    said = ", ".join(filter(None, map(str, names)))
    return f", {before}{said}" if said else ""


def there_are(n: int, what: str) -> str:
    """``"there is 1 layer"``, ``"there are 2 layers"``."""
    return f"there {'is' if n == 1 else 'are'} {counted(n, what)}"


def without_folders(words: str) -> str:
    """Where weights are from, as a print tells it: without the folders of this machine."""
    path, part, rest = words.partition(" (part ")
    absolute = PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute()
    return f"{PureWindowsPath(path).name}{part}{rest}" if absolute else words


_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


def visible(text: object) -> str:
    """Text with what a terminal would obey (codes, turned writing) shown as its escapes."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in str(text))


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
