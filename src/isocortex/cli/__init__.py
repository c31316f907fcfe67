"""The command line: one file for each command, which parses, calls a verb, and prints.

To add a command: its file, and its line in ``COMMANDS``. A command's signature is its parser
and its docstring its help; nothing of it is imported before it is called.
"""

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from isocortex import __version__
from isocortex.choice import visible
from isocortex.cli._completion import add_completion
from isocortex.cli._speech import translator
from isocortex.cli._stopped import one_sentence
from isocortex.cli._usage import explained, with_usage
from isocortex.errors import IsocortexWarning

if TYPE_CHECKING:
    from cyclopts import App

COMMANDS: Mapping[str, str] = {
    "extract": "isocortex.cli.extract:extract",
    "rdm": "isocortex.cli.rdm:rdm",
    "compare": "isocortex.cli.compare:compare",
    "similarity": "isocortex.cli.similarity:similarity",
    "encode": "isocortex.cli.encode:encode",
    "decode": "isocortex.cli.decode:decode",
    "probe": "isocortex.cli.probe:probe",
    "decoding": "isocortex.cli.decoding:decoding",
    "infer": "isocortex.cli.infer:infer",
    "info": "isocortex.cli.info:info",
    "demo": "isocortex.cli.demo:demo",
    "study": "isocortex.cli.study:study",
    "searchlight": "isocortex.cli.searchlight:searchlight",
    "bh": "isocortex.cli.bh:bh",
    "train": "isocortex.cli.train:train",
    "rf": "isocortex.cli.rf:rf",
    "topstim": "isocortex.cli.topstim:topstim",
    "saliency": "isocortex.cli.saliency:saliency",
    "optimize": "isocortex.cli.optimize:optimize",
    "ablate": "isocortex.cli.ablate:ablate",
}
"""For each command, where its function (or, for a group of commands, its App) is."""

KEEPING = ("extract", "study", "searchlight", "train", "bh", "demo")
"""Commands that go on where they were stopped: what was finished is kept."""


def app(summaries: bool = True) -> "App":
    """The application, with or without importing each command for its line in the help."""
    from cyclopts import App, Parameter

    application = App(
        name="isocortex",
        help="Compare deep networks with brains. To see it work: `isocortex demo`",
        version=__version__,
        help_format="markdown",
        default_parameter=Parameter(negative=(), consume_multiple=True),
        suppress_keyboard_interrupt=False,
    )
    for name, place in COMMANDS.items():
        application.command(place, name=name)
    if summaries:
        for name in COMMANDS:
            application[name]
    add_completion(application)
    return application


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command, and leave the process with its exit code.

    0: done. 1: it went wrong on the way. 2: what was asked cannot be done as asked.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    say = translator(lambda: app(summaries=False), arguments)
    with one_sentence(say, kept=bool(arguments) and arguments[0] in KEEPING), _plain_warnings(say):
        application = app(summaries=not arguments or arguments[0] in ("--help", "-h"))
        _run(application, arguments)


def _run(application: "App", arguments: Sequence[str]) -> None:
    from cyclopts import CycloptsError

    with_usage(application, arguments)
    try:
        application(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        print(explained(error, application, arguments), file=sys.stderr)
        sys.exit(2)


@contextmanager
def _plain_warnings(say: Callable[[str], str]) -> Iterator[None]:
    """Our own warnings as a sentence, without the line of code that they come from."""
    with warnings.catch_warnings():
        usual = warnings.showwarning

        def show(message: Any, category: type[Warning], *rest: Any, **more: Any) -> None:
            if issubclass(category, IsocortexWarning):
                print(f"isocortex: {visible(say(str(message)))}", file=sys.stderr)
            else:
                usual(message, category, *rest, **more)

        warnings.showwarning = show
        yield
