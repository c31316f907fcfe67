"""Names of unfinished files and folders: they tell whose they are, and a dead writer's go.

A draft is called ``.part-<place>-<process>-<start>-<token>.<name>``. The place stands for a
machine (and its space of process numbers, of which containers have their own), the start for
the moment at which the process began, since process numbers are used again.
"""

import os
import re
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from isocortex.store.checksum import crc32c

ABANDONED_AFTER = 3 * 24 * 3600.0
"""Seconds after which a draft of another machine counts as left behind."""

_DRAFT = re.compile(r"\.part-([0-9a-f]{8})-(\d+)-(\d+)-[0-9a-f]{8}\..+")
_SHARE = 50
"""A folder of many files is looked through for at most a fiftieth of the time."""

_REMEMBERED = 1000

_DEAD = ("Z", "X")
"""States of processes that have ended, but whose parents have not asked how."""

_looked: dict[Path, tuple[float, float]] = {}


def draft_of(path: Path) -> Path:
    """A hidden name beside ``path`` that no other writer has, with the same suffixes."""
    return path.with_name(f".part-{_owner(os.getpid())}-{secrets.token_hex(4)}.{path.name}")


@cache
def _owner(process: int) -> str:
    """How this process signs; the number is asked for each time, since it changes in a fork."""
    return f"{place()}-{process}-{started(process) or 0}"


def is_draft(path: Path) -> bool:
    """Whether it is an unfinished file or folder."""
    return _DRAFT.fullmatch(path.name) is not None


def clear_drafts(folder: Path) -> None:
    """Delete drafts in a folder whose writers are dead; those of other machines after days.

    A folder that is written to again and again is not looked through each time.
    """
    now = time.monotonic()
    when, took = _looked.get(folder, (-1e9, 0.0))
    if now - when < _SHARE * took:
        return
    with suppress(OSError):
        for each in _drafts(folder):
            if _abandoned(each):
                _delete(each)
    if len(_looked) >= _REMEMBERED:
        _looked.clear()
    _looked[folder] = (now, time.monotonic() - now)


def _drafts(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        yield from [Path(each.path) for each in entries if _DRAFT.fullmatch(each.name)]


def _abandoned(draft: Path) -> bool:
    found = _DRAFT.fullmatch(draft.name)
    if found is None:
        return False
    process, start = int(found[2]), int(found[3])
    if found[1] == place():
        return started(process) != start if start else not _alive(process)
    with suppress(OSError):
        return time.time() - draft.stat().st_mtime > ABANDONED_AFTER
    return False


def _delete(draft: Path) -> None:
    if draft.is_dir():
        shutil.rmtree(draft, ignore_errors=True)
    else:
        with suppress(OSError):
            draft.unlink()


@cache
def place() -> str:
    """Eight digits that stand for this machine and its space of process numbers."""
    space = ""
    with suppress(OSError):
        space = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - no file is at its end.
    return f"{crc32c([socket.gethostname().encode(), space.encode()]):08x}"


def started(process: int) -> int | None:
    """When a process began, in ticks since the machine did; None where it is dead or unknown."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf8", errors="replace")
    except OSError:
        return None
    # The second field is a name in parentheses and may hold spaces; the start is the 22nd.
    fields = text.rsplit(")", 1)[-1].split()
    return None if fields[0] in _DEAD else int(fields[19])


def _alive(process: int) -> bool:
    if os.name == "nt":
        return True  # There, the question below would be an order.
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
