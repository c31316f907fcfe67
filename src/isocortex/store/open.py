"""May what is about to be extracted go into this folder?"""

from pathlib import Path

from isocortex.errors import FormatError, InputError
from isocortex.store.record import StoreRecord, differences, read_record, remove
from isocortex.store.store import Store


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
    if not path.is_dir():
        raise FormatError(f"{str(path)!r} is a file; a store is a folder. Give another into=.")
    if not any(path.iterdir()):
        return None
    found = read_record(path)
    other = differences(found.identity, record.identity)
    if not other:
        return found if _sound(path, overwrite) else None
    if overwrite or not _holds_anything(path):
        remove(path)
        return None
    raise InputError(
        f"The store {str(path)!r} was made with other {' and '.join(other)} than those of "
        f"this extraction{_in_words(found, record)}. Extract into another folder, or with "
        "overwrite=True to replace it."
    )


def _sound(path: Path, overwrite: bool) -> bool:
    """Whether a store can be used; a damaged one is refused, or removed."""
    try:
        Store(path)
    except FormatError:
        if not overwrite:
            raise
        remove(path)
        return False
    return True


def _holds_anything(path: Path) -> bool:
    """Not so if an extraction was refused, or stopped before its first batch."""
    return any(path.glob("layers/*/c/*/*")) or any(path.glob("grams/*/zarr.json"))


def _in_words(old: StoreRecord, new: StoreRecord) -> str:
    told = [
        f"{key} was {old.settings.get(key)!r}, now {value!r}"
        for key, value in new.settings.items()
        if old.settings.get(key) != value
    ]
    return f" ({'; '.join(told)})" if told else ""
