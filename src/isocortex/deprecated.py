"""What was called otherwise in the release before: it works for one more, and says so."""

from collections.abc import Callable, Mapping
from functools import wraps
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

from isocortex.errors import warn

P = ParamSpec("P")
R = TypeVar("R")


def warn_old(old: str, new: str) -> None:
    """Say that a name is old, and what to write instead."""
    warn(f"{old} goes with the next release; write {new}.", DeprecationWarning)


def old_arguments(
    names: Mapping[str, str], translate: Callable[[dict[str, Any]], None]
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A verb that still takes keyword arguments that have left its signature.

    Parameters
    ----------
    names : mapping from each old argument to what to write instead
    translate : function that changes a dict of keyword arguments into those of today
    """

    def decorated(verb: Callable[P, R]) -> Callable[P, R]:
        called: Callable[..., R] = verb

        @wraps(verb)
        def taking_both(*args: P.args, **options: P.kwargs) -> R:
            if options.keys().isdisjoint(names):
                return verb(*args, **options)
            for old in [name for name in options if name in names]:
                warn_old(f"{old}= of {verb.__name__}", names[old])
            now: dict[str, Any] = dict(options)
            translate(now)
            return called(*args, **now)

        return taking_both

    return decorated


def renamed(**names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A verb that still takes arguments by the names that they had: ``old="new"``."""

    def translate(options: dict[str, Any]) -> None:
        for old, new in names.items():
            if old in options:
                options[new] = options.pop(old)

    return old_arguments({old: f"{new}=" for old, new in names.items()}, translate)


def moved(old: str, new: str) -> Callable[[str], Any]:
    """``__getattr__`` of a module whose content has moved: what is asked for comes from there."""

    def looked_up(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {old} has no attribute {name}")
        found = getattr(import_module(new), name)
        warn_old(f"The module {old}", new)
        return found

    return looked_up
