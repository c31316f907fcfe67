"""What the operating system says of a disk, as sentences."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from isocortex.errors import StorageError

_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def writing_to(path: str | Path) -> Iterator[None]:
    """Turn a full disk, a read-only folder and the like into a :class:`StorageError`."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(_sentence(Path(path), error)) from error


def _sentence(path: Path, error: OSError) -> str:
    if error.errno in _FULL:
        return (
            f"The disk of {str(path)!r} is full. What was finished is kept: make room and run "
            "the same again, and it goes on from there."
        )
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return (
            f"{str(path)!r} cannot be written to: the folder is read-only for this user. "
            "Give another folder with into=."
        )
    return f"{str(path)!r} cannot be written to ({error.strerror or error})."


def free_bytes(path: str | Path) -> int:
    """Free bytes on the disk where ``path`` is, or will be."""
    folder = Path(path).absolute()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
