"""What a schema refuses, as sentences: one for each value, with the nearest name."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any

from isocortex.choice import suggestion
from isocortex.study.problems import Path, Problem

Errors = Sequence[Mapping[str, Any]]
_KINDS = {
    "string_type": "text",
    "list_type": "a list",
    "dict_type": "a table",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
}


def of_schema(errors: Errors, data: Any, model: Any) -> list[Problem]:
    """Errors of pydantic as sentences.

    A value of which several kinds are allowed has an error for each of them, which become one; if
    it is a list or table of an allowed kind, what counts is what is wrong inside.
    """
    alone: list[Mapping[str, Any]] = []
    values: dict[Path, list[Mapping[str, Any]]] = {}
    for error in errors:
        root = _value_of_kinds(error, data)
        (alone if root is None else values.setdefault(root, [])).append(error)
    found = [_one(error, data, model) for error in alone]
    for root, held in values.items():
        found += _of_value(root, held, data, model)
    return found


def _of_value(root: Path, errors: Errors, data: Any, model: Any) -> Iterator[Problem]:
    inside: dict[Path, list[Mapping[str, Any]]] = {}
    for error in errors:
        inside.setdefault(_in_file(error, data), []).append(error)
    if len(inside) > 1:
        inside.pop(root, None)
    for where, held in inside.items():
        given = held[0]["input"]
        wanted = "literal_error" if isinstance(given, str) else "string_type"
        nearest = [each for each in held if each["type"] == wanted]
        if len(held) == 1 or (nearest and (isinstance(given, str) or _advice(given))):
            yield _one((nearest or held)[0], data, model)
        else:
            kinds = dict.fromkeys(_kind(each) for each in held)
            said = f"it should be {' or '.join(kinds)}"
            yield Problem(f"{dotted(where)}: {said} (it is {held[0]['input']!r:.60}).", where)


def _kind(error: Mapping[str, Any]) -> str:
    if error["type"] == "literal_error":
        return error["ctx"]["expected"]
    said = error["msg"].removeprefix("Input should be ")
    return _KINDS.get(str(error["type"])) or str(said)


def _one(error: Mapping[str, Any], data: Any, model: Any) -> Problem:
    where = _in_file(error, data)
    shown = dotted(where)
    last = error["loc"][-1] if error["loc"] else ""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        known = fields_at(model, error["loc"][:-1])
        return Problem(
            f"{shown} is not known. {suggestion(last, known)}Known: {', '.join(known)}.", where
        )
    if kind == "missing":
        table = where[:-1] if where and where[-1] == last else where
        return Problem(f"{dotted(table) or 'the file'} lacks {last!r}.", where)
    if kind == "union_tag_not_found":
        return Problem(f"{shown} lacks 'kind'.", where)
    if kind == "union_tag_invalid":
        known = context["expected_tags"].replace("'", "").split(", ")
        return _unknown(f"{shown}: kind", context["tag"], "no method", known, (*where, "kind"))
    if kind == "literal_error" and not isinstance(error["input"], date | time):
        known = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return _unknown(shown, error["input"], "not known", known, where)
    return Problem(f"{shown or 'the file'}: {_said(error)}.", where)


def _said(error: Mapping[str, Any]) -> str:
    given, kind = error["input"], error["type"]
    if kind == "string_type" or isinstance(given, date | time):
        advice = _advice(given)
        if advice:
            return advice
    said = error["msg"].removeprefix("Value error, ")
    said = said[:1].lower() + said[1:]
    return said if kind == "value_error" else f"{said} (it is {given!r:.60})"


def _unknown(shown: str, given: Any, what: str, known: Sequence[str], where: Path) -> Problem:
    near = suggestion(given, known) if isinstance(given, str) else ""
    return Problem(f"{shown} = {given!r} is {what}. {near}Known: {', '.join(known)}.", where)


def _advice(given: Any) -> str:
    """What TOML makes of text without quotes."""
    kinds = {bool: "a truth value", int: "a number", float: "a number"}
    if isinstance(given, date | time):
        return f'{given} without quotes is a date or a time; as text it is "{given}"'
    if type(given) not in kinds:
        return ""
    written = str(given).lower()
    return f'{written} without quotes is {kinds[type(given)]}; as text it is "{written}"'


def _steps(error: Mapping[str, Any], data: Any) -> Iterator[tuple[str | int, bool, Any]]:
    """Each step of an error's place: whether it is one in the file, and the table it is taken from.

    Others are pydantic's: the method of a table, or which of several kinds was tried.
    """
    loc = error["loc"]
    for place, step in enumerate(loc):
        lacking = error["type"] == "missing" and place == len(loc) - 1
        known = range(len(data)) if isinstance(data, list) else data
        there = isinstance(data, dict | list) and step in known
        yield step, there or lacking, data
        if there:
            data = data[step]


def _in_file(error: Mapping[str, Any], data: Any) -> Path:
    return tuple(step for step, real, _ in _steps(error, data) if real)


def _value_of_kinds(error: Mapping[str, Any], data: Any) -> Path | None:
    """The value of which several kinds were tried."""
    where: list[str | int] = []
    for step, real, table in _steps(error, data):
        if real:
            where.append(step)
        elif not (isinstance(table, dict) and table.get("kind") == step):
            return tuple(where)
    return None


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
