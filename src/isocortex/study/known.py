"""What is recorded of each key in a folder of results, and what has come to it since."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from isocortex.errors import MissingDependencyError
from isocortex.jobs.records import ENDED, OPEN, files_of, records_from
from isocortex.reading import reading

DONE = "done.parquet"
"""Every number that was ever computed here, by its key."""
ABOUT = "about.json"
"""Whose results these are; each run writes it anew."""

Records = dict[str, dict[str, Any]]


class Known:
    """The records of a folder, each read once: a look reads on from where the last one ended."""

    def __init__(self, results: Path):
        self._results = results
        self._begin()

    def _begin(self) -> None:
        self._places: dict[str, int] = {}
        self._done: Any = None
        self._signed = _state(self._results / ABOUT)
        self.records: Records = {}

    def look(self) -> Records:
        """All that is recorded by now.

        Lines are read before the file of what was put together, which is written before lines are
        deleted: so nothing is missed that moves from the one to the other meanwhile. Each run signs
        the folder, after which all is read anew: it may have been emptied between two.
        """
        if _state(self._results / ABOUT) != self._signed:
            self._begin()
        for path in files_of(self._results):
            name = path.name.removesuffix(ENDED).removesuffix(OPEN)
            found, self._places[name] = records_from(path, self._places.get(name, 0))
            for record in found:
                keep(self.records, record)
        state = _state(self._results / DONE)
        if state != self._done:
            for record in compacted(self._results):
                keep(self.records, record)
            self._done = state
        return self.records


@lru_cache(maxsize=4)
def known_of(results: Path) -> Known:
    """What this process knows of a folder of results."""
    return Known(results)


def known_records(results: Path) -> Records:
    """What is known of each key: its number, or why there is none; a number outweighs a reason."""
    return Known(results).look()


def has_number(records: Mapping[str, Mapping[str, Any]], key: str) -> bool:
    """Whether a number is recorded under a key, and not only why there is none."""
    return key in records and "error" not in records[key]


def keep(found: Records, record: dict[str, Any]) -> None:
    """Add a record; a number is not replaced by a reason why there is none."""
    before = found.get(record["key"])
    if before is None or "error" in before or "error" not in record:
        found[record["key"]] = record


def compacted(results: Path) -> list[dict[str, Any]]:
    """The records that were put together into one file."""
    path = results / DONE
    if not path.is_file():
        return []
    with reading(path, "a file of results", alone=True):
        rows = arrow().parquet.read_table(path).to_pylist()
    for row in rows:
        row["notes"] = json.loads(row["notes"]) if row.get("notes") else None
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def _state(path: Path) -> Any:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def arrow() -> Any:
    """pyarrow with its module of Parquet.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingDependencyError(
            "Results of studies are Parquet files, for which pyarrow is needed: pip install "
            "'isocortex[study]'"
        ) from None
    return pyarrow
