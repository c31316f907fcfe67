"""What ends a command from outside: signals, a full disk, lack of memory; one sentence each."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from isocortex.choice import first_line, visible
from isocortex.errors import InputError, IsocortexError
from isocortex.memory import is_lack
from isocortex.store.disk_errors import in_words

_SIGNALS = ("SIGTERM", "SIGHUP")
_KEPT = " What was finished is kept."


class Stopped(KeyboardInterrupt):
    """A signal that asks the process to end, as Ctrl-C does; finished files stay whole."""

    def __init__(self, number: int):
        super().__init__(number)
        self.number = number


@contextmanager
def stoppable() -> Iterator[None]:
    """Signals that ask to end unwind the work, so that drafts are cleared and locks freed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    known = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = {number: signal.signal(number, _stop) for number in known}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, _: Any) -> None:
    raise Stopped(number)


@contextmanager
def one_sentence(say: Callable[[str], str] = str, *, kept: bool = True) -> Iterator[None]:
    """Leave the process with one sentence and its exit code, whatever has gone wrong.

    1: it went wrong on the way. 2: what was asked cannot be done as asked. 128 and more: a
    signal.

    Parameters
    ----------
    say : function
        From a sentence of the library to one of the command line.
    kept : bool
        Whether the command keeps what it has finished.
    """
    rest = _KEPT if kept else ""
    try:
        with stoppable():
            yield
            sys.stdout.flush()
    except IsocortexError as error:
        _leave(say(str(error)), 2 if isinstance(error, InputError) else 1)
    except Stopped as stopped:
        name = signal.Signals(stopped.number).name
        _leave(f"stopped by {name}.{rest}", 128 + stopped.number)
    except KeyboardInterrupt:
        _leave(f"stopped.{rest}", 130)
    except BrokenPipeError:
        _silence()
        sys.exit(1)
    except OSError as error:
        _silence()
        _leave(f"{error.filename or 'the output'}: {in_words(error)}.{rest}", 1)
    except (MemoryError, RuntimeError) as error:
        if not is_lack(error):
            raise
        _leave(f"there is too little memory ({first_line(error)}).{rest}", 1)


def _leave(sentence: str, code: int) -> None:
    print(f"isocortex: {visible(sentence)}", file=sys.stderr)
    sys.exit(code)


def _silence() -> None:
    """What could not be printed is not tried again when the process ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
