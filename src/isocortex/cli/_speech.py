"""Sentences of the library in the words of the command line: its options for Python's arguments."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from isocortex.choice import OR_FUNCTION

if TYPE_CHECKING:
    from cyclopts import App

SYNONYMS = {"n": "samples", "n_permutations": "permutations"}
"""Arguments that an option has another name for; where a command has both, its own counts."""

PHRASES = {
    "Name the column of files with file=…": "Call the column of files 'file'.",
    "; or pass a torch.nn.Module, or a folder": ", and a folder",
    OR_FUNCTION: "",
}
"""Advice that only Python can follow, and what can be done here."""

_WITHOUT = ("weights", "pooling")
"""Options that take the word none."""

# What is quoted, and calls of Python with what stands in them, are left as they are.
_KEPT = r"(?<![\w=])'[^'\n]*'|`[^`]*`|[\w.]+\((?:[^()]|\([^()]*\))*\)"
_VALUE = r"'[^'\n]*'|\[[^\]\n]*\]|…|\.\.\.|[\w.-]*\w"
_ARGUMENT = re.compile(rf"(?P<kept>{_KEPT})|(?<![\w.-])(?P<name>[a-z_]+)=(?P<value>{_VALUE})?")


def in_options(text: str, options: Mapping[str, str]) -> str:
    """A sentence with ``--pooled`` for ``pooled=True``, for those options that a command has.

    Parameters
    ----------
    text : str
    options : mapping from str to str
        The name of each argument, and the option that it is.
    """
    for phrase, instead in PHRASES.items():
        text = text.replace(phrase, instead)
    return _ARGUMENT.sub(lambda found: _as_option(found, options), text)


def _as_option(found: "re.Match[str]", options: Mapping[str, str]) -> str:
    name, value = found["name"], found["value"]
    option = options.get(name or "") or options.get(SYNONYMS.get(name or "", ""))
    if option is None:
        return found[0]
    if value in (None, "True", "…", "..."):
        return option
    if value == "None" and name in _WITHOUT:
        return f"{option} none"
    if value in ("None", "False"):
        return f"no {option}"
    return f"{option} {' '.join(re.sub(r'[][,]', ' ', value).replace(chr(39), '').split())}"


def options_of(app: "App", words: Sequence[str]) -> dict[str, str]:
    """The options of the command that ``words`` call, by the names of its arguments."""
    _, apps, _ = app.parse_commands(list(words))
    if apps[-1] is app or apps[-1].default_command is None:
        return {}
    names = [name for each in apps[-1].assemble_argument_collection() for name in each.names]
    return {n.removeprefix("--").replace("-", "_"): n for n in names if n.startswith("--")}


def translator(app: "Callable[[], App]", words: Sequence[str]) -> Callable[[str], str]:
    """:func:`in_options` of a command; its options are looked up when there is a sentence."""
    return lambda text: in_options(text, options_of(app(), words))
