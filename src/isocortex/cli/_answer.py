"""What commands answer: lines for people, or with ``--json`` one JSON object for machines.

With ``--json`` the standard output holds that object and nothing else::

    {"tables": [{"title": "...", "rows": [{"layer": "conv1", "score": 0.25}]}],
     "text": ["what would be said besides"],
     "facts": {"stimuli": 92},
     "files": {"table": "scores.csv"}}

Numbers are whole, not rounded; what is undefined is null. Warnings, errors and progress go to the
error stream, and exit codes are the same.
"""

import inspect
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Annotated, Any, TypeAlias

from cyclopts import Parameter

Answer: TypeAlias = dict[str, Any]
_AS_JSON = Annotated[
    bool,
    Parameter(
        name="--json",
        negative="",
        help="Print one JSON object (tables, text, facts, files) instead, with all digits.",
    ),
]
_asked: ContextVar[Answer | None] = ContextVar("answer", default=None)


def answers(command: Callable[..., None]) -> Callable[..., None]:
    """A command that has ``--json`` besides its own options."""

    @wraps(command)
    def run(*given: Any, as_json: bool = False, **options: Any) -> None:
        with _answering(as_json):
            command(*given, **options)

    signature = inspect.signature(command)
    extra = inspect.Parameter(
        "as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_AS_JSON
    )
    shown = signature.replace(parameters=[*signature.parameters.values(), extra])
    run.__signature__ = shown  # pyright: ignore[reportAttributeAccessIssue]
    run.__annotations__ = {**command.__annotations__, "as_json": _AS_JSON}
    return run


def gathered() -> Answer | None:
    """The object under ``--json``; None where lines are printed for people."""
    return _asked.get()


@contextmanager
def _answering(as_json: bool) -> Iterator[None]:
    """Gather what is shown and print it at the end, also where some of many things failed."""
    if not as_json:
        yield
        return
    answer: Answer = {"tables": [], "text": [], "facts": {}, "files": {}}
    token = _asked.set(answer)
    try:
        yield
    except SystemExit:
        _print(answer)
        raise
    finally:
        _asked.reset(token)
    _print(answer)


def _print(answer: Answer) -> None:
    text = json.dumps(_plain(answer), ensure_ascii=False, indent=1, allow_nan=False)
    # What a terminal would obey is escaped inside strings, where JSON allows it.
    escaped = (c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
    sys.stdout.write("".join(escaped) + "\n")


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else value
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Sequence) or hasattr(value, "tolist"):
        return [_plain(each) for each in value]
    return str(value)
