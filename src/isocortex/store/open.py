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
    if overwrite:
        remove(path)
        return None
    if other:
        raise InputError(
            f"The store {str(path)!r} was made with other {' and '.join(other)} than those of "
            f"this extraction{_in_words(found, record)}. Extract into another folder, or with "
            "overwrite=True to replace it."
        )
    Store(path)  # Refuses what is damaged.
    return found


def _in_words(old: StoreRecord, new: StoreRecord) -> str:
    told = [
        f"{key} was {old.settings.get(key)!r}, now {value!r}"
        for key, value in new.settings.items()
        if old.settings.get(key) != value
    ]
    return f" ({'; '.join(told)})" if told else ""
