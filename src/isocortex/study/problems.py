"""What is wrong with a study: all of it in one list, each with its line in the file."""

import tomllib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from isocortex.errors import InputError, IsocortexError

_ENDS = ("]", "}", '"""', "'''")
"""One of them is in the last line of a statement of several."""
Path = tuple[str | int, ...]
"""Keys and places from the top of the file to a value, such as ("network", 0, "layers")."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where."""

    what: str
    """A sentence."""
    where: Path = ()
    """The value in the file; empty where it is no value of its."""
    line: int | None = None


class StudyError(InputError):
    """A study cannot be run as it is written; ``problems`` has each reason with its line."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()):
        super().__init__(message)
        self.problems = tuple(problems)

    def __reduce__(self):
        return StudyError, (str(self), self.problems)


class MisplacedError(InputError):
    """Something is wrong with a value of a table; ``where`` says which."""

    def __init__(self, message: str, where: Path):
        super().__init__(message)
        self.where = where

    def __reduce__(self):
        return MisplacedError, (str(self), self.where)


@contextmanager
def misplaced(*where: str) -> Iterator[None]:
    """Whatever is refused inside is the fault of one key of the table that is looked at."""
    try:
        yield
    except MisplacedError:
        raise
    except IsocortexError as error:
        raise MisplacedError(str(error).removeprefix("read_bids: "), where) from error


def refuse(problems: Sequence[Problem], text: str, name: str) -> None:
    """Nothing, if there are no problems.

    Raises
    ------
    StudyError
        With all of them, in the order of their lines.
    """
    if not problems:
        return
    lines = Lines(text)
    placed = [
        Problem(each.what, each.where, each.line or lines.of(each.where)) for each in problems
    ]
    placed.sort(key=lambda each: (each.line is None, each.line or 0))
    shown = [
        f"  {f'line {each.line}' if each.line else 'as a whole'}: {each.what}" for each in placed
    ]
    count = "1 thing is" if len(placed) == 1 else f"{len(placed)} things are"
    message = "\n".join(
        [f"The study {name} cannot be run as it is written; {count} wrong:", *shown]
    )
    raise StudyError(message, placed)


class Lines:
    """In which line of a TOML text a value is given."""

    def __init__(self, text: str):
        self._rows = text.splitlines(keepends=True)
        self._known: dict[int, Any] = {}

    def of(self, where: Path) -> int | None:
        """The first line of the statement that gives the value, or the table it is missing from."""
        for n in range(len(where), 0, -1):
            ends = self._statements
            k = bisect_left(ends, True, key=lambda span: _has(self._until(span[1]), where[:n]))
            if k < len(ends):
                return ends[k][0]
        return None

    @cached_property
    def _statements(self) -> list[tuple[int, int]]:
        return list(statements(self._rows))

    def _until(self, last: int) -> Any:
        """All that is known after a line."""
        if last not in self._known:
            self._known[last] = tomllib.loads("".join(self._rows[:last]))
        return self._known[last]


def statements(rows: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The first and last line of each statement of a TOML text.

    One of several lines is tried where it could end, so that a list of thousands stays quick.
    """
    first = 1
    for k, row in enumerate(rows, start=1):
        if first == k and (not row.strip() or row.lstrip().startswith("#")):
            first = k + 1
            continue
        if first < k and not any(end in row for end in _ENDS):
            continue
        try:
            tomllib.loads("".join(rows[first - 1 : k]))
        except tomllib.TOMLDecodeError:
            continue
        yield first, k
        first = k + 1


def _has(data: Any, where: Path) -> bool:
    for step in where:
        known = range(len(data)) if isinstance(data, list) else data
        if not isinstance(data, dict | list) or step not in known:
            return False
        data = data[step]  # pyright: ignore[reportCallIssue, reportArgumentType]
    return True
