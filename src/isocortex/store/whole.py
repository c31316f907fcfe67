"""A file is there whole or not at all: written under a temporary name, then renamed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from isocortex.errors import StorageError


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary name with the same suffixes; rename it to ``path`` if all went well.

    The folder is made where it is missing. Whatever goes wrong, a file that stood at ``path``
    before is left as it was.

    Raises
    ------
    StorageError
        If the folder cannot be written to, or the disk is full.
    """
    path = Path(path)
    draft = path.with_name(f".{os.getpid()}.part.{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield draft
        draft.replace(path)
    except OSError as error:
        raise StorageError(
            f"{str(path)!r} cannot be written: {error.strerror or error}. Is the disk full, or "
            "the folder read-only?"
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink()
