"""Leases: two runs of one study at once share the work instead of doing it twice.

A lease is a file that exactly one process can make. Its owner touches it now and then; one that
was not touched for long belongs to somebody who is dead, and is taken over. Where two take one
nonetheless (a network disk that forgets), work is done twice and both write the same: a waste,
never a fault.
"""

import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from isocortex.jobs.owners import is_silent, owner_in, this_process

FOLDER = "leases"
BEAT = 20.0
"""Seconds between two touches."""


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
            os.write(file, str(this_process()).encode())
        os.close(file)
        return True
    return False


def _is_dead(path: Path) -> bool:
    """An owner on this machine is asked for; one elsewhere is judged by its silence."""
    with suppress(OSError, ValueError):
        owner = owner_in(path.read_text())
        if owner is not None and owner.is_here:
            return not owner.lives
    return is_silent(path)


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
