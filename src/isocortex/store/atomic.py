"""A file is there whole or not at all: written under a temporary name, then renamed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from isocortex.errors import IsocortexError, StorageError
from isocortex.store.disk_errors import in_words
from isocortex.store.drafts import clear_drafts, draft_of


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary name with the same suffixes; rename it to ``path`` if all went well.

    The folder is made where it is missing. Whatever goes wrong, a file that stood at ``path``
    before is left as it was. What writers that were killed have left in the folder is deleted.

    Raises
    ------
    StorageError
        If the folder cannot be written to, or the disk is full.
    """
    try:
        with replacing(Path(path)) as draft:
            yield draft
    except IsocortexError:
        raise
    except OSError as error:
        raise StorageError(
            f"{str(path)!r} cannot be written: {in_words(error)}. Is the disk full, or "
            "the folder read-only?"
        ) from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """The same, for those who have a sentence of their own for errors of the disk."""
    draft = draft_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        clear_drafts(path.parent)
        yield draft
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink()


@contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder; rename it to ``path`` if all went well.

    A folder that is there already stays: another run was faster, and did the same. What
    writers that were killed have left beside it is deleted.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    path = Path(path)
    draft = draft_of(path)
    try:
        draft.mkdir(parents=True)
        clear_drafts(path.parent)
        yield draft
        if not path.exists():
            try:
                draft.rename(path)
            except OSError:
                if not path.exists():
                    raise
    except IsocortexError:
        raise
    except OSError as error:
        raise StorageError(
            f"The folder {str(path)!r} cannot be written: {in_words(error)}. Is the disk "
            "full, or the folder read-only?"
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
