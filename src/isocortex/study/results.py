"""The folder of results: records compacted into one file, a copy of the study, versions."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from isocortex.errors import FormatError, InputError
from isocortex.jobs.leases import lease
from isocortex.jobs.records import ended, files_of, finished, recorder_of, records_in
from isocortex.reading import reading
from isocortex.store.atomic import whole
from isocortex.study.known import ABOUT, DONE, Records, arrow, compacted, keep
from isocortex.study.study import Study

TABLE = "results.parquet"
"""The table of the study as it is now."""
COPY = "study.toml"

FIELDS = {
    "key": "str",
    "score": "float64",
    "p": "float64",
    "n": "Int64",
    "unit": "str",
    "solver": "str",
    "ceiling": "float64",
    "ceiling_high": "float64",
    "seconds": "float64",
    "error": "str",
    "notes": "str",
}


def compact(results: Path) -> None:
    """Put all records into one file, and delete the files of processes that are no more.

    Of two runs that end at once, one does so for both. Files are renamed before they are read, so
    that what is recorded meanwhile goes elsewhere, and deleted after the new file is written, so
    that a kill in between loses nothing.
    """
    recorder_of(results).close()
    with lease(results, "compact") as ours:
        if not ours:
            return
        paths = [ended(path) for path in files_of(results) if finished(path)]
        found: Records = {}
        for record in compacted(results):
            keep(found, record)
        for path in paths:
            for record in records_in(path) if path else ():
                keep(found, record)
        if any(paths):
            _write(found, results / DONE)
        for path in paths:
            if path is not None:
                with suppress(OSError):
                    path.unlink()


def _write(found: Records, path: Path) -> None:
    pa = arrow()
    columns = {name: [_cell(row.get(name)) for row in found.values()] for name in FIELDS}
    kinds = {"str": pa.string(), "float64": pa.float64(), "Int64": pa.int64()}
    types = pa.schema([(name, kinds[kind]) for name, kind in FIELDS.items()])
    with whole(path) as draft:
        pa.parquet.write_table(pa.table(columns, schema=types), draft, compression="zstd")


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def about(results: Path) -> dict[str, Any]:
    """What a folder of results says of itself; nothing if it is new."""
    path = results / ABOUT
    if not path.is_file():
        return {}
    with reading(path, "a JSON file", alone=True):
        held = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(held, dict):
        raise FormatError(f"{str(path)!r} does not say whose results these are.")
    return held


def sign(study: Study, files: Mapping[str, Any]) -> None:
    """Write the copy of the study, versions, and the hashes of files that were read."""
    study.results.mkdir(parents=True, exist_ok=True)
    with whole(study.results / COPY) as draft:
        draft.write_text(study.text, encoding="utf-8")
    held = {"study": study.name, "versions": versions(), "files": dict(files)}
    with whole(study.results / ABOUT) as draft:
        draft.write_text(json.dumps(held, indent=1, ensure_ascii=False), encoding="utf-8")


def versions() -> dict[str, str]:
    """Of this package and those that numbers rest on."""
    from importlib.metadata import version
    from platform import python_version

    from isocortex import __version__

    names = ("numpy", "scipy", "scikit-learn", "torch", "torchvision")
    return {"isocortex": __version__, "python": python_version(), **{n: version(n) for n in names}}


def write_table(table: pd.DataFrame, path: Path, notes: Mapping[str, Any]) -> None:
    """A tidy table as Parquet, with what is true of all of it beside its columns."""
    pa = arrow()
    held = pa.Table.from_pandas(table, preserve_index=False)
    own = {b"isocortex": json.dumps(dict(notes), ensure_ascii=False).encode()}
    held = held.replace_schema_metadata({**(held.schema.metadata or {}), **own})
    with whole(path) as draft:
        pa.parquet.write_table(held, draft, compression="zstd")


def write_any(table: pd.DataFrame, path: Path) -> None:
    """A table as CSV or Parquet, by the end of the name.

    Raises
    ------
    InputError
        If it ends otherwise.
    """
    if path.suffix == ".parquet":
        write_table(table, path, {})
    elif path.suffix in (".csv", ".tsv"):
        with whole(path) as draft:
            table.to_csv(draft, index=False, sep="\t" if path.suffix == ".tsv" else ",")
    else:
        raise InputError(f"{path.name!r} must end in .csv, .tsv or .parquet.")
