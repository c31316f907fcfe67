"""One guard around every reader: what a damaged or hostile file does is a sentence with its name.

Libraries of formats have errors of their own for damage, dozens of kinds of them, and believe
the sizes that a file declares. Here all of them become one, and nothing is allocated that the
file cannot hold or that memory cannot.
"""

import errno
import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import ParamSpec, TypeVar

from isocortex.choice import first_line
from isocortex.errors import (
    FormatError,
    InputError,
    IsocortexError,
    MissingDependencyError,
    NotFoundError,
    StorageError,
)
from isocortex.memory import available_bytes, gigabytes, is_lack, refuse_beyond

P = ParamSpec("P")
R = TypeVar("R")

MOST_PACKED = 1040
"""Nothing that zlib has packed is larger than so many times what it takes in a file."""

LONGEST_NAME = 255
"""Of a file or folder, on all usual file systems."""

AGAIN = "Copy, fetch or write it again."
_NO_ENTRY = (errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE)


def check_path(given: object, who: str) -> None:
    """No part of a path may be longer than file systems take, who would raise errors of their own.

    Raises
    ------
    InputError
    """
    if isinstance(given, str | Path):
        longest = max(map(len, str(given).replace("\\", "/").split("/")))
        if longest > LONGEST_NAME:
            raise InputError(
                f"{who}: the path {str(given)[:60]!r}... has a name of {longest} letters; names of "
                f"files and folders have at most {LONGEST_NAME}."
            )


@contextmanager
def reading(path: str | Path, what: str, *, alone: bool = False) -> Iterator[None]:
    """Turn whatever reading a file raises into a sentence that names it.

    Parameters
    ----------
    path : path
    what : str
        What the file should be, such as ``"a brain image"``.
    alone : bool, default=False
        Whether nothing but the file decides, so that a fault of any argument is one of the file.

    Raises
    ------
    FormatError
        For whatever a library says of a file that is damaged, truncated or foreign.
    StorageError
        If it may not be read, or memory is lacking.
    """
    try:
        yield
    except (NotFoundError, MissingDependencyError):
        raise
    except InputError as error:
        if alone:
            raise told(error, path, what) from error
        _name(error, Path(path))
        raise
    except IsocortexError as error:
        _name(error, Path(path))
        raise
    except Exception as error:  # Which kinds there are, no library tells.
        raise told(error, path, what) from error


def told(error: Exception, path: str | Path, what: str) -> IsocortexError:
    """What another library has raised for a file, as a sentence of ours."""
    if is_lack(error):
        free = gigabytes(available_bytes())
        return StorageError(
            f"{str(path)!r} cannot be read: there is too little memory for it; {free} are free."
        )
    if isinstance(error, OSError) and error.errno in _NO_ENTRY:
        return StorageError(f"{str(path)!r} cannot be read: {error.strerror}.")
    missing = getattr(error, "filename", None) if isinstance(error, FileNotFoundError) else None
    if missing is not None and Path(str(missing)) != Path(path):
        name = Path(str(missing)).name
        return FormatError(
            f"{str(path)!r} is {what} in several files, of which {name!r} is not there. Put it "
            "beside it."
        )
    said = first_line(error, with_kind=not isinstance(error, IsocortexError))[:200]
    return FormatError(f"{str(path)!r} is not {what}, or is truncated or damaged ({said}). {AGAIN}")


def reader(what: str, *, alone: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The same as a decorator, of functions whose first argument is a path (or, if not, a noun)."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        first = next(iter(inspect.signature(function).parameters))

        @wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            path = args[0] if args else kwargs.get(first)
            if not isinstance(path, str | Path):
                return function(*args, **kwargs)
            with reading(path, what, alone=alone):
                return function(*args, **kwargs)

        return guarded

    return decorate


def check_room(path: str | Path, declared: int, what: str = "It") -> None:
    """Refuse what a file declares before anything of it is allocated.

    Raises
    ------
    StorageError
        If it is more than there is.
    """
    refuse_beyond(declared, f"{str(path)!r}: {what} needs")


def check_declared(path: str | Path, declared: int, held: int, what: str) -> None:
    """Refuse a file that declares more bytes than it can hold, or than memory can.

    Parameters
    ----------
    path : path
    declared : int
        Bytes that the file says ``what`` has.
    held : int
        Bytes that it can have at most, as the file is.
    what : str

    Raises
    ------
    FormatError, StorageError
    """
    if declared < 0 or declared > held:
        raise FormatError(
            f"{str(path)!r} declares {gigabytes(declared)} for {what}, which the file cannot hold; "
            f"it is truncated or damaged. {AGAIN}"
        )
    check_room(path, declared, what)


def leads_out(name: str) -> bool:
    """Whether a name would leave the folder that it is joined to, on any system.

    So do absolute paths, ``..``, drive letters and what ends a name for the system.
    """
    if not name or "\0" in name:
        return True
    forms = PurePosixPath(name), PureWindowsPath(name)
    windows = os.name == "nt" and forms[1].drive
    return bool(windows) or any(each.root or ".." in each.parts for each in forms)


def _name(error: IsocortexError, path: Path) -> None:
    """Begin with the file, where a check of what was read does not know of it."""
    text = str(error)
    if path.name not in text and error.args:
        error.args = (f"{str(path)!r}: {text}", *error.args[1:])
