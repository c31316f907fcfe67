"""Records of what is done: one line for each task, in a file that one process alone writes.

A line is whole or not there: it carries a checksum and ends in a newline, so that a process which
is killed in the middle of one loses that line and no other. Nothing is locked, nothing is renamed,
and ten thousand tasks are some files, not ten thousand.
"""

import json
import os
import socket
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

from isocortex.errors import StorageError
from isocortex.jobs.leases import lives
from isocortex.store.disk_errors import in_words

FOLDER = "records"
_DIGITS = 8

Record = Mapping[str, Any]


class Recorder:
    """Appends records to a file of its own."""

    def __init__(self, results: Path):
        name = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}.jsonl"
        self.path = results / FOLDER / name
        self._file: Any = None

    def write(self, record: Record) -> None:
        """Add one record; it is on its way to the disk when this returns.

        Raises
        ------
        StorageError
            If the disk is full or the folder cannot be written to.
        """
        try:
            if self._file is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self.path.open("ab", buffering=0)
            line = line_of(record)
            if self._file.write(line) != len(line):
                raise OSError(28, os.strerror(28))
        except OSError as error:
            raise StorageError(
                f"The record of a task cannot be written into {str(self.path.parent)!r}: "
                f"{in_words(error)}. What was recorded before is kept; run the study again when "
                "there is room."
            ) from error

    def close(self) -> None:
        """Close the file; a further record opens it again."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None


@lru_cache(maxsize=4)
def recorder_of(results: Path) -> Recorder:
    """The recorder of this process for a folder of results."""
    return Recorder(results)


def line_of(record: Record) -> bytes:
    """A record as a line: eight digits of checksum, a blank, JSON."""
    body = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
    return f"{crc32(body):08x} ".encode() + body + b"\n"


def read_records(results: Path) -> Iterator[dict[str, Any]]:
    """All whole records of a folder of results, in no order that means anything."""
    folder = results / FOLDER
    for path in sorted(folder.glob("*.jsonl")) if folder.is_dir() else ():
        yield from records_in(path)


def records_in(path: Path) -> Iterator[dict[str, Any]]:
    """The whole records of one file; what a killed process has begun is left out."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:  # Compacted by another run just now.
        return
    except OSError as error:
        raise StorageError(f"{str(path)!r} cannot be read: {in_words(error)}.") from error
    for line in content.split(b"\n")[:-1]:
        digits, body = line[:_DIGITS], line[_DIGITS + 1 :]
        if digits == f"{crc32(body):08x}".encode():
            yield json.loads(body)


def finished(path: Path) -> bool:
    """Whether nobody will add to a file of records: its process was here, and is no more."""
    host, _, rest = path.stem.rpartition("-")[0].rpartition("-")
    return host == socket.gethostname() and rest.isdigit() and not lives(int(rest))
