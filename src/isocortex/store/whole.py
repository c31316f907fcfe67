"""A file is there whole or not at all: written under a temporary name, then renamed."""

import secrets
import shutil
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
    draft = path.with_name(_draft_name(path))
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


@contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder; rename it to ``path`` if all went well.

    A folder that is there already stays: another run was faster, and did the same.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    path = Path(path)
    draft = path.with_name(_draft_name(path))
    try:
        draft.mkdir(parents=True)
        yield draft
        if not path.exists():
            try:
                draft.rename(path)
            except OSError:
                if not path.exists():
                    raise
    except OSError as error:
        raise StorageError(
            f"The folder {str(path)!r} cannot be written: {error.strerror or error}. Is the disk "
            "full, or the folder read-only?"
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _draft_name(path: Path) -> str:
    """Hidden, and different in every process on every machine that shares the folder."""
    return f".{secrets.token_hex(8)}.part.{path.name}"
