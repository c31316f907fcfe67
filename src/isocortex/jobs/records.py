"""Records of what is done: one line for each task, in a file that one process alone writes.

A line is whole or not there: it carries a checksum and ends in a newline, so that a process which
is killed in the middle of one loses that line and no other. Nothing is locked, and ten thousand
tasks are some files, not ten thousand.

Files of processes that are no more are put together into one. Whether a process on another machine
is no more can only be guessed from its silence. So its file is renamed first, then read: a writer
that was taken for dead sees after each line that its file has gone, and writes the line again.
"""

import json
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

from isocortex.errors import StorageError
from isocortex.jobs.owners import is_silent, owner_in, this_process
from isocortex.store.disk_errors import in_words

FOLDER = "records"
OPEN, ENDED = ".jsonl", ".ended.jsonl"
_DIGITS = 8

Record = Mapping[str, Any]


class Recorder:
    """Appends records to a file of its own."""

    def __init__(self, results: Path):
        self._folder = results / FOLDER
        self._file: Any = None
        self.path = self._new_path()

    def _new_path(self) -> Path:
        return self._folder / f"{this_process()}+{uuid.uuid4().hex[:8]}{OPEN}"

    def write(self, record: Record) -> None:
        """Add one record; it is on its way to the disk when this returns.

        Raises
        ------
        StorageError
            If the disk is full or the folder cannot be written to.
        """
        line = line_of(record)
        try:
            self._append(line)
            while not self.path.exists():
                self.close()
                self._append(line)
        except OSError as error:
            self.close()  # Half a line may stand at the end: nothing is to follow it.
            raise StorageError(
                f"The record of a task cannot be written into {str(self.path.parent)!r}: "
                f"{in_words(error)}. What was recorded before is kept; run the study again when "
                "there is room."
            ) from error

    def _append(self, line: bytes) -> None:
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("ab", buffering=0)
        if self._file.write(line) != len(line):
            raise OSError(28, os.strerror(28))

    def close(self) -> None:
        """End the file; a further record begins another."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None
            ended(self.path)
            self.path = self._new_path()


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
    for path in files_of(results):
        yield from records_in(path)


def files_of(results: Path) -> list[Path]:
    """The files of records in a folder of results."""
    folder = results / FOLDER
    return sorted(folder.glob(f"*{OPEN}")) if folder.is_dir() else []


def records_in(path: Path) -> Iterator[dict[str, Any]]:
    """The whole records of one file; what a killed process has begun is left out."""
    yield from records_from(path, 0)[0]


def records_from(path: Path, start: int) -> tuple[list[dict[str, Any]], int]:
    """The whole records behind a place in a file, and the place up to which it was read.

    Raises
    ------
    StorageError
        If it is there and cannot be read.
    """
    content = b""
    for each in (path, _name_of_ended(path)):
        try:
            with each.open("rb") as file:
                file.seek(start)
                content = file.read()
            break
        except FileNotFoundError:  # Ended or put together with others just now.
            continue
        except OSError as error:
            raise StorageError(f"{str(each)!r} cannot be read: {in_words(error)}.") from error
    lines = content.split(b"\n")[:-1]
    found = []
    for line in lines:
        digits, body = line[:_DIGITS], line[_DIGITS + 1 :]
        if digits == f"{crc32(body):08x}".encode():
            found.append(json.loads(body))
    return found, start + sum(len(line) + 1 for line in lines)


def ended(path: Path) -> Path | None:
    """Give a file the name of those that nobody adds to; None if somebody else did."""
    if path.name.endswith(ENDED):
        return path
    try:
        return path.rename(_name_of_ended(path))
    except OSError:
        return None


def finished(path: Path) -> bool:
    """Whether nobody will add to a file: its process is no more, or was not heard of for long."""
    if path.name.endswith(ENDED):
        return True
    owner = owner_in(path.name.removesuffix(OPEN).rpartition("+")[0])
    if owner is not None and owner.is_here:
        return not owner.lives
    return is_silent(path)


def _name_of_ended(path: Path) -> Path:
    return path if path.name.endswith(ENDED) else path.with_name(path.stem + ENDED)
