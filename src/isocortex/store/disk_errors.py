"""What the operating system says of a disk, as sentences."""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from isocortex.errors import IsocortexError, StorageError

_NUMBER = re.compile(r"(?:errno = |os error )(\d+)")
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def writing_to(path: str | Path) -> Iterator[None]:
    """Turn a full disk, a read-only folder and the like into a :class:`StorageError`."""
    try:
        yield
    except IsocortexError:
        raise
    except OSError as error:
        raise StorageError(_sentence(Path(path), error)) from error


def number_of(error: Exception) -> int | None:
    """The system's number of an error, also where a library tells it in its text alone."""
    told = _NUMBER.search(str(error))
    return getattr(error, "errno", None) or (int(told[1]) if told else None)


def in_words(error: Exception) -> str:
    """What went wrong in one line, without the addresses and sizes that libraries add."""
    number = number_of(error)
    if number is not None:
        return os.strerror(number)
    return str(error).strip().split("\n")[0] or type(error).__name__


def _sentence(path: Path, error: OSError) -> str:
    number = number_of(error)
    if number in _FULL:
        return (
            f"The disk of {str(path)!r} is full. What was finished is kept: make room and run "
            "the same again, and it goes on from there."
        )
    if number in (errno.EROFS, errno.EACCES, errno.EPERM):
        return (
            f"{str(path)!r} cannot be written to: the folder is read-only for this user. "
            "Give another folder with into=."
        )
    return f"{str(path)!r} cannot be written to ({in_words(error)})."


def free_bytes(path: str | Path) -> int:
    """Free bytes on the disk where ``path`` is, or will be."""
    folder = Path(path).absolute()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
