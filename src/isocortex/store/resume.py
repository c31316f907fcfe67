"""May what is about to be extracted go into this folder?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from isocortex.errors import FormatError, InputError
from isocortex.store.damage import clear_away, damages
from isocortex.store.documents import own_attributes
from isocortex.store.drafts import is_draft
from isocortex.store.lock import LOCK, alone_in
from isocortex.store.record import GRAMS, LAYERS, StoreRecord, differences, read_record, remove
from isocortex.store.store import Store


@contextmanager
def alone_at(path: Path | None, waiting: Callable[[str], None]) -> Iterator[None]:
    """:func:`isocortex.store.lock.alone_in` for what may be a store, nothing, or None.

    Raises
    ------
    FormatError
        If it is a file.
    """
    if path is None:
        yield
        return
    if path.exists() and not path.is_dir():
        raise FormatError(f"{str(path)!r} is a file; a store is a folder. Give another into=.")
    with alone_in(path, waiting):
        yield


def existing(path: Path | None, record: StoreRecord, overwrite: bool) -> StoreRecord | None:
    """The record of a store at ``path`` that the same extraction began, or None.

    Raises
    ------
    InputError
        If it was made with other weights, stimuli or settings (and is not to be overwritten).
    FormatError
        If there is something else, or the store is damaged.
    """
    if path is None or not path.exists():
        return None
    if is_empty(path):
        return None
    try:
        found = read_record(path)
    except FormatError:
        if not overwrite or not _is_ours(path):
            raise
        remove(path)
        return None
    other = differences(found.identity, record.identity)
    if not other:
        _check_sound(path, overwrite)
        return found
    if overwrite or not _holds_anything(path):
        remove(path)
        return None
    raise InputError(
        f"The store {str(path)!r} was made with other {' and '.join(other)} than those of "
        f"this extraction{_in_words(found, record)}. Extract into another folder, or with "
        "overwrite=True to replace it."
    )


def is_empty(path: Path) -> bool:
    """Whether a folder holds nothing but a lock, and what was left of making a store."""
    if (path / "zarr.json").exists():
        return False
    parts = {path / LAYERS, path / GRAMS}
    rest = [each for each in path.iterdir() if each.name != LOCK and not is_draft(each)]
    return all(each in parts and _is_bare(each) for each in rest)


def _is_bare(part: Path) -> bool:
    return part.is_dir() and all(
        each.name == "zarr.json" or is_draft(each) for each in part.iterdir()
    )


def _is_ours(path: Path) -> bool:
    """Whether a folder whose description cannot be used is a store all the same.

    It is, if the description is of another version, or that of a part of it is whole.
    """
    for file in (path / "zarr.json", path / LAYERS / "zarr.json", path / GRAMS / "zarr.json"):
        with suppress(FormatError):
            own_attributes(file, "")
            return True
    return False


def _check_sound(path: Path, overwrite: bool) -> None:
    """Refuse a damaged store, or take away what is damaged in it."""
    if overwrite:
        clear_away(path, list(damages(path)))
    Store(path)


def _holds_anything(path: Path) -> bool:
    """Not so if an extraction was refused, or stopped before its first batch."""
    return any(path.glob("layers/*/c/*/*")) or any(path.glob("grams/*/zarr.json"))


def _in_words(old: StoreRecord, new: StoreRecord) -> str:
    told = [
        f"{key} was {_as_asked(old.settings.get(key))!r}, now {_as_asked(value)!r}"
        for key, value in new.settings.items()
        if old.settings.get(key) != value
    ]
    return f" ({'; '.join(told)})" if told else ""


def _as_asked(setting: Any) -> Any:
    """A setting as it is asked for; stores keep the name of the function that it stands for."""
    return {"largest": "max"}.get(setting, setting) if isinstance(setting, str) else setting
