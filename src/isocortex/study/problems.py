"""What is wrong with a study: all of it in one list, each with its line in the file."""

import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from isocortex.choice import suggestion
from isocortex.errors import InputError, IsocortexError

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
        self._text = text
        self._statements: list[tuple[int, Any]] | None = None

    def of(self, where: Path) -> int | None:
        """The first line of the statement that gives the value, or the table it is missing from."""
        for n in range(len(where), 0, -1):
            for line, data in self._parsed():
                if _has(data, where[:n]):
                    return line
        return None

    def _parsed(self) -> list[tuple[int, Any]]:
        if self._statements is None:
            self._statements = list(statements(self._text))
        return self._statements


def statements(text: str) -> Iterator[tuple[int, Any]]:
    """The line where each statement of a TOML text begins, and all that is known at its end."""
    rows, first = text.splitlines(keepends=True), 1
    for k, row in enumerate(rows, start=1):
        if first == k and (not row.strip() or row.lstrip().startswith("#")):
            first = k + 1
            continue
        try:
            data = tomllib.loads("".join(rows[:k]))
        except tomllib.TOMLDecodeError:
            continue
        yield first, data
        first = k + 1


def _has(data: Any, where: Path) -> bool:
    for step in where:
        known = range(len(data)) if isinstance(data, list) else data
        if not isinstance(data, dict | list) or step not in known:
            return False
        data = data[step]  # pyright: ignore[reportCallIssue, reportArgumentType]
    return True


def of_schema(error: dict[str, Any], data: Any, model: Any) -> Problem:
    """One error of pydantic as a sentence, with the nearest name for one that is misspelt."""
    where = _in_file(tuple(error["loc"]), data)
    shown = dotted(where or tuple(error["loc"]))
    last = error["loc"][-1] if error["loc"] else ""
    kind = error["type"]
    if kind == "extra_forbidden":
        known = fields_at(model, error["loc"][:-1])
        return Problem(
            f"{shown} is not known. {suggestion(last, known)}Known: {', '.join(known)}.", where
        )
    if kind == "missing":
        table = where[:-1] if where and where[-1] == last else where
        return Problem(f"{dotted(table) or 'the file'} lacks {last!r}.", where)
    if kind == "union_tag_invalid":
        known = error["ctx"]["expected_tags"].replace("'", "").split(", ")
        tag = error["ctx"]["tag"]
        near = suggestion(tag, known)
        return Problem(
            f"{shown}: kind = {tag!r} is no method. {near}Known: {', '.join(known)}.",
            (*where, "kind"),
        )
    if kind == "union_tag_not_found":
        return Problem(f"{shown} lacks 'kind'.", where)
    if kind == "literal_error":
        known = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        near = suggestion(error["input"], known) if isinstance(error["input"], str) else ""
        return Problem(
            f"{shown} = {error['input']!r} is not known. {near}Known: {', '.join(known)}.", where
        )
    said = error["msg"].removeprefix("Value error, ")
    said = said[:1].lower() + said[1:]
    given = "" if kind == "value_error" else f" (it is {error['input']!r:.60})"
    return Problem(f"{shown or 'the file'}: {said}{given}.", where)


def _in_file(loc: Path, data: Any) -> Path:
    """Tags of unions are steps of pydantic's, not of the file."""
    kept: list[str | int] = []
    for step in loc:
        if (
            isinstance(step, str)
            and isinstance(data, dict)
            and step not in data
            and data.get("kind") == step
        ):
            continue
        kept.append(step)
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
    return tuple(kept)


def dotted(where: Sequence[str | int]) -> str:
    """A path in words: ``network[2].layers``, counted from 1."""
    shown = ""
    for step in where:
        shown += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if shown else str(step)
    return shown


def fields_at(model: Any, loc: Sequence[str | int]) -> list[str]:
    """The names that may stand in a table of the file."""
    from isocortex.study.settings import METHODS

    for step in loc:
        if isinstance(step, int):
            continue
        if step in METHODS:
            model = METHODS[step]
        elif step in model.model_fields:
            model = _model_in(model.model_fields[step].annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> Any:
    """The one model in list[Model], Model | None, or the like."""
    if hasattr(annotation, "model_fields"):
        return annotation
    found = [_model_in(each) for each in getattr(annotation, "__args__", ())]
    return next((each for each in found if each is not None), None)
