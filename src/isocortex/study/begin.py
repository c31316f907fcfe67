"""A study file to begin with, and the schema by which editors complete it."""

import json
from importlib.resources import files
from pathlib import Path

from isocortex.errors import InputError, MissingDependencyError
from isocortex.store.atomic import whole

SCHEMA = "study.schema.json"


def begin(path: str | Path) -> Path:
    """Write a commented study that runs as it is, with its schema beside it.

    Raises
    ------
    InputError
        If there is a file at the path already.
    MissingDependencyError
        If pydantic is not installed.
    """
    path = Path(path)
    if path.exists():
        raise InputError(f"{str(path)!r} is there already, and is not written over.")
    try:
        from isocortex.study.settings import schema
    except ImportError:
        raise MissingDependencyError(
            "Studies need pydantic, which is not installed: pip install 'isocortex[study]'"
        ) from None
    with whole(path.with_name(SCHEMA)) as draft:
        draft.write_text(json.dumps(schema(), indent=1), encoding="utf-8")
    with whole(path) as draft:
        draft.write_text(example(), encoding="utf-8")
    return path


def example() -> str:
    """The text of the example."""
    return files("isocortex.study").joinpath("example.toml").read_text(encoding="utf-8")
