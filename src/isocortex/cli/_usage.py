"""How commands are called, and what is said of words that make no command."""

import inspect
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_origin

from isocortex.choice import visible

if TYPE_CHECKING:
    from cyclopts import App, CycloptsError

FLAGS = ("--help", "--version", "--install-completion")


def with_usage(app: "App", words: Sequence[str]) -> None:
    """Let the help of the command that ``words`` begin with say how it is called."""
    named = list(takewhile(lambda word: not word.startswith("-"), words))
    chain, apps, _ = app.parse_commands(named)
    called = apps[-1].default_command
    if called is not None and apps[-1] is not app:
        apps[-1].usage = f"Usage: {' '.join(['isocortex', *chain])} {_arguments(called)}\n"


def explained(error: "CycloptsError", app: "App", words: Sequence[str]) -> str:
    """What is wrong, with the nearest command; how it is called; where help is."""
    from cyclopts.exceptions import UnknownCommandError

    chain, apps, _ = app.parse_commands(list(words))
    error.verbose = False
    said = str(error)
    if isinstance(error, UnknownCommandError) and error.unused_tokens:
        known = [name for name in apps[-1] if not name.startswith("-")]
        said = _unknown(error.unused_tokens[0], known)
    usage = apps[-1].usage or f"Usage: {' '.join(['isocortex', *chain])} COMMAND\n"
    asked = " ".join(["isocortex", *chain, "--help"])
    return visible(f"isocortex: {said}\n{usage}Help, with an example: {asked}")


def _unknown(word: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, [*known, *FLAGS], n=1, cutoff=0.6)
    meant = f' Did you mean "{near[0]}"?' if near else ""
    return f'Unknown command "{word}".{meant} Commands: {", ".join(sorted(known))}.'


def _arguments(command: Callable[..., Any]) -> str:
    """The arguments by position, then the options that must be there, then the others."""
    places, musts = [], []
    for name, each in inspect.signature(command).parameters.items():
        needed = each.default is inspect.Parameter.empty
        shown = name.upper().replace("_", "-")
        if each.kind is inspect.Parameter.POSITIONAL_ONLY:
            shown += " ..." if get_origin(each.annotation) is list else ""
            places.append(shown if needed else f"[{shown}]")
        elif needed:
            kind = "PATH" if each.annotation is Path else "TEXT"
            musts.append(f"--{name.replace('_', '-')} {kind}")
    return " ".join([*places, *musts, "[OPTIONS]"])
