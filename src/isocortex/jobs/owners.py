"""Whose a file is: a process, named so that no other is taken for it.

Names of hosts repeat (every container may be "localhost"), numbers of processes are given again,
and clocks differ. So a machine is known by its name, its start and its space of process numbers; a
process by its number and its start; and how old a file is, by the clock of the disk it lies on.
"""

import os
import re
import socket
import uuid
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

SILENT = 180.0
"""Seconds of silence after which an owner on another machine is taken for dead."""


@dataclass(frozen=True)
class Owner:
    """A process of some machine."""

    machine: str
    pid: int
    start: str
    """When it began, in ticks since the machine did; 0 where that cannot be asked."""

    def __str__(self) -> str:
        return f"{self.machine}+{self.pid}+{self.start}"

    @property
    def is_here(self) -> bool:
        """Whether it is of this machine, so that one can ask whether it lives."""
        return self.machine == machine()

    @property
    def lives(self) -> bool:
        """Whether a process of this machine is at work, and not only waiting to be reaped."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True
        state, start = _state_of(self.pid)
        return state != "Z" and start == self.start


def this_process() -> Owner:
    """The owner of what this process writes."""
    return Owner(machine(), os.getpid(), _state_of(os.getpid())[1])


def owner_in(text: str) -> Owner | None:
    """An owner from what it writes of itself; None if it is none."""
    found = re.fullmatch(r"(.+)\+(\d+)\+(\d+)", text.strip())
    return Owner(found[1], int(found[2]), found[3]) if found else None


@cache
def machine() -> str:
    """This machine: its name and what no other of that name shares with it."""
    parts = [f"{uuid.getnode()}"]
    with suppress(OSError):
        parts = [Path("/proc/sys/kernel/random/boot_id").read_text().strip()]
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    name = re.sub(r"[^A-Za-z0-9.-]", "_", socket.gethostname()) or "host"
    return f"{name}-{sha256(' '.join(parts).encode()).hexdigest()[:8]}"


def _state_of(pid: int) -> tuple[str, str]:
    """The letter of a process's state, and when it began."""
    with suppress(OSError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return fields[0], fields[19]
    return "", "0"


def is_silent(path: Path) -> bool:
    """Whether a file was not touched for long, by the clock of its own disk."""
    now = path.with_name(f"{uuid.uuid4().hex}.now")
    try:
        now.touch()
        return now.stat().st_mtime - path.stat().st_mtime > SILENT
    except OSError:
        return False
    finally:
        with suppress(OSError):
            now.unlink()
