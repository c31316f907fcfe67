"""One extraction at a time writes into a store; the others wait, and find what it has done."""

import errno
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from isocortex.errors import StorageError
from isocortex.store.disk_errors import writing_to

try:
    import fcntl
except ImportError:  # Not on Windows.
    fcntl = None

LOCK = ".lock"

_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
_TRIES = 100
_WITHOUT_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


@contextmanager
def alone_in(folder: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other process writes into a folder, and keep others from it meanwhile.

    The lock is the operating system's (``flock`` on a file in the folder), which is released
    with the process that holds it, however it ends: nothing is left behind that could bar the
    way. It holds between machines where the file system carries such locks, as NFS does since
    version 4. Where there are none (Windows, and some network disks), or the folder is
    read-only, all goes on without.

    Parameters
    ----------
    folder : path
        Made where it is missing; taken away again if nothing was put into it.
    waiting : function of a text
        Called once if somebody else is at work, with who it is.
    """
    made = not folder.exists()
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        held = _taken(folder / LOCK, waiting)
    try:
        yield
    finally:
        if held is not None:
            with suppress(OSError):
                (folder / LOCK).unlink()
            os.close(held)
        if made:
            with suppress(OSError):
                folder.rmdir()  # Only if it is empty.


def _taken(path: Path, waiting: Callable[[str], None]) -> int | None:
    """The open lock file, or None where there can be no lock."""
    told = False
    while True:
        file = _opened(path)
        if file is None or fcntl is None:
            return file
        try:
            if not told and not _free(file):
                told = True
                waiting(_owner(file))
            fcntl.flock(file, fcntl.LOCK_EX)
            if _is_still(path, file):
                _sign(file)
                return file
        except OSError as error:
            os.close(file)
            if error.errno in _WITHOUT_LOCKS:
                return None
            raise
        except BaseException:
            os.close(file)
            raise
        os.close(file)  # The one before us took the file with it when it was done.


def _opened(path: Path) -> int | None:
    for _ in range(_TRIES):
        # The one before us may take the folder too, if it put nothing into it.
        with suppress(FileNotFoundError):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            except OSError as error:
                if error.errno in _READ_ONLY:
                    return None
                raise
    raise StorageError(f"{str(path.parent)!r} cannot be written to: it vanishes again and again.")


def _free(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[union-attr]
    except BlockingIOError:
        return False
    return True


def _sign(file: int) -> None:
    with suppress(OSError):  # On a full disk, nobody is told who it is.
        os.truncate(file, 0)
        os.pwrite(file, f"{socket.gethostname()}, process {os.getpid()}".encode(), 0)


def _is_still(path: Path, file: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def _owner(file: int) -> str:
    with suppress(OSError):
        return os.pread(file, 200, 0).decode("utf8", errors="replace")
    return ""
