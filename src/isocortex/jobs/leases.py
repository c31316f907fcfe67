"""Leases: two runs of one study at once share the work instead of doing it twice.

A lease is a file that exactly one process can make. Its owner touches it now and then; one that
was not touched for long belongs to somebody who is dead, and is taken over. Where two take one
nonetheless (a network disk that forgets), work is done twice and both write the same: a waste,
never a fault.
"""

import os
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOLDER = "leases"
BEAT = 20.0
"""Seconds between two touches."""
DEAD = 180.0
"""Seconds without one after which an owner is taken for dead."""


@contextmanager
def lease(results: Path, name: str) -> Iterator[bool]:
    """Whether the work called ``name`` is ours; while the block lasts, nobody else takes it."""
    path = results / FOLDER / f"{name}.lease"
    if not _taken(path):
        yield False
        return
    stop = threading.Event()
    beat = threading.Thread(target=_beat, args=(path, stop), daemon=True)
    beat.start()
    try:
        yield True
    finally:
        stop.set()
        beat.join()
        with suppress(OSError):
            path.unlink()


def _beat(path: Path, stop: threading.Event) -> None:
    while not stop.wait(BEAT):
        with suppress(OSError):
            os.utime(path)


def _taken(path: Path) -> bool:
    for _ in range(2):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        except FileExistsError:
            if not _is_dead(path) or not _moved_away(path):
                return False
            continue
        except OSError:
            return True  # No lease can be had here: work as if there were nobody else.
        with suppress(OSError):
            os.write(file, f"{socket.gethostname()} {os.getpid()}".encode())
        os.close(file)
        return True
    return False


def _is_dead(path: Path) -> bool:
    """An owner on this machine is asked for; one elsewhere is judged by the server's clock."""
    with suppress(OSError, ValueError):
        host, pid = path.read_text().split()
        if host == socket.gethostname():
            return not lives(int(pid))
    now = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.now")
    try:
        now.touch()
        return now.stat().st_mtime - path.stat().st_mtime > DEAD
    except OSError:
        return False
    finally:
        with suppress(OSError):
            now.unlink()


def lives(pid: int) -> bool:
    """Whether a process of this machine is at work, and not only waiting to be reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    with suppress(OSError, IndexError):
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z"
    return True


def _moved_away(path: Path) -> bool:
    """Of several that find an owner dead, one moves its lease away."""
    gone = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        path.rename(gone)
    except OSError:
        return False
    with suppress(OSError):
        gone.unlink()
    return True
