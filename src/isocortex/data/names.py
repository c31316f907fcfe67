"""Names of stimuli: unique, in natural order, and the way that rows of two nouns meet."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from isocortex.choice import counted, listed
from isocortex.data.plain import list_of_names, plain_name, plain_names, spellings
from isocortex.data.unnamed import advice_on_names, tell_unnamed
from isocortex.errors import InputError, MisalignedError

Names = tuple[str, ...]


def natural_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key under which ``img2`` comes before ``img10``, and ``S  2`` before ``S 10``.

    Blanks before a number do not count. No two names have the same key, so that the order of a
    set never depends on how it was stored.
    """
    parts = re.split(r"\s*(\d+)", str(name))
    numbers = [(0, int(p), p) if p.isdecimal() else (1, 0, p.lower()) for p in parts]
    return numbers, str(name)


def checked_names(names: Iterable[object], n_rows: int, who: str) -> Names:
    """``names`` as a tuple of unique strings, one for each of ``n_rows`` rows.

    Raises
    ------
    InputError
        If their number is not ``n_rows`` or a name occurs twice.
    """
    given = list_of_names(names, who)
    names = plain_names(given, who)
    if len(names) != n_rows:
        raise InputError(
            f"{who} has {counted(n_rows, 'row')} but {len(names)} stimulus names; give one name "
            "for each row."
        )
    if len(set(names)) != n_rows:
        seen: set[str] = set()
        twice = dict.fromkeys(name for name in names if name in seen or seen.add(name))
        if len({str(each) for each in given}) == n_rows and (alike := spellings(given)):
            raise InputError(
                f"{who}: {listed(alike)} occur twice, composed and decomposed in Unicode (as from "
                "a table and from a Mac's folder), which is one name. Rename one, or leave it out."
            )
        raise InputError(
            f"{who}: stimulus names must be unique, but {listed(twice)} occur more than once. "
            "Average repeated presentations first (Trials and average), or rename them."
        )
    return names


def positions(names: Sequence[str], wanted: Sequence[str], who: str) -> np.ndarray:
    """Where each of ``wanted`` stands in ``names``.

    Raises
    ------
    MisalignedError
        If one is missing; the message lists them.
    InputError
        If ``names`` are not unique, so that a name has no one place.
    """
    place = {name: i for i, name in enumerate(names)}
    if len(place) < len(names):
        raise InputError(
            f"{who}: {len(names)} rows have {len(place)} different names, so that a name does not "
            "tell a row. Average the trials of each stimulus first: average(trials)."
        )
    try:
        found = [place[name] for name in wanted]
    except (KeyError, TypeError):  # Written in another form, or not there.
        check_there(names, wanted, who)
        found = [place[plain_name(name)] for name in wanted]
    return np.array(found, dtype=np.intp)


def check_there(names: Sequence[str], wanted: Sequence[str], who: str) -> None:
    """Each of ``wanted`` must be among ``names``, where it may stand many times.

    Raises
    ------
    MisalignedError
        If one is missing; the message lists them.
    """
    there = set(names)
    missing = [name for name in wanted if plain_name(name) not in there]
    if missing:
        raise MisalignedError(
            f"{who} has no rows for {len(missing)} of {len(wanted)} stimuli: {listed(missing)}."
        )


def looked_up(table: Mapping[Any, Any], names: Sequence[str], who: str) -> list[Any]:
    """What a mapping from stimulus says of each name.

    Raises
    ------
    MisalignedError
        If it says nothing of one; the message lists them.
    """
    known = {plain_name(name): value for name, value in table.items()}
    positions(list(known), list(dict.fromkeys(names)), who)
    return [known[name] for name in names]


def _advice_on_files(first: set[str], second: set[str]) -> str:
    """What to do where one side names files and the other what is in them; else nothing."""
    for which, files, names in (("first", first, second), ("second", second, first)):
        if {PurePosixPath(name.replace("\\", "/")).stem for name in files} & (names - files):
            return (
                f"The {which} names files, whose names without folder and ending are known to the "
                "other: noun.replace(stimuli=[Path(name).stem for name in noun.stimuli])."
            )
    return ""


def check_same(first: Sequence[str], second: Sequence[str], who: str, advice: str = "") -> None:
    """Both must hold the same stimuli, in any order.

    Raises
    ------
    MisalignedError
        With the names that stand on one side only, and how to restrict both to the rest.
    """
    if tuple(first) == tuple(second) or set(first) == set(second):
        tell_unnamed(first, second, who)
        return
    a, b = set(first), set(second)
    only_a = [name for name in first if name not in b]
    only_b = [name for name in second if name not in a]
    sides = [
        f"{len(only)} only in the {which} ({listed(only)})"
        for only, which in ((only_a, "first"), (only_b, "second"))
        if only
    ]
    advice = advice or "To go on with those in common, use align(first, second, join='inner')."
    if len(a & b) < 2:
        advice = "Are these the same stimuli under other names?"
    advice = advice_on_names(first, second) or _advice_on_files(a, b) or advice
    raise MisalignedError(
        f"{who}: the two have different stimuli: {'; '.join(sides)}; {len(a & b)} in common. "
        f"{advice}"
    )
