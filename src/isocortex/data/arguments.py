"""Arguments of a call by their names, and what is said where they do not fit a signature."""

import inspect
from collections.abc import Callable
from typing import Any

from isocortex.choice import listed
from isocortex.errors import InputError


def bound_by(signature: inspect.Signature) -> Callable[[Any, Any], dict[str, Any]]:
    """What gives arguments by their names, as ``signature.bind``, which takes ten times as long."""
    known = signature.parameters.values()
    simple = all(each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY) for each in known)
    placed = [each.name for each in known if each.kind is each.POSITIONAL_OR_KEYWORD]
    names = {each.name for each in known}
    wanted = {each.name for each in known if each.default is each.empty}

    def bound(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        found = dict(zip(placed, args, strict=False))
        fit = simple and len(args) <= len(placed) and kwargs.keys() <= names
        if fit and found.keys().isdisjoint(kwargs) and wanted <= found.keys() | kwargs.keys():
            return found | kwargs
        return signature.bind(*args, **kwargs).arguments

    return bound


class ArgumentsError(InputError, TypeError):
    """An argument is missing, or there is none of its name."""


def wrong_arguments(who: str, problem: TypeError, signature: inspect.Signature) -> InputError:
    """What is said of arguments that do not fit."""
    names = [name for name, each in signature.parameters.items() if each.kind != each.VAR_KEYWORD]
    return ArgumentsError(f"{who}: {problem}. It takes {listed(names, 20)}.")
