"""Nouns out of the files that ``save`` has written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isocortex.errors import FormatError
from isocortex.files.kinds import KINDS
from isocortex.store.saved.archive import read_archive, sound
from isocortex.store.saved.unpack import Unpacker


def read_noun(path: Path) -> Any:
    """The noun that ``save`` has written.

    Raises
    ------
    NotFoundError
        If there is no such file.
    FormatError
        If it is damaged, foreign, or of a newer version.
    StorageError
        If there is too little memory for it.
    """
    document, arrays = read_archive(path)
    check_version(path, document)
    with sound(path):
        return Unpacker(KINDS, arrays, path).value(document["noun"])


def check_version(path: Path, document: Mapping[str, Any]) -> None:
    """Refuse the document of another format, or of a newer one."""
    from isocortex.files.save import FORMAT, VERSION

    if document.get("format") != FORMAT:
        raise FormatError(f"{str(path)!r} was not written by ic.save.")
    if not isinstance(document.get("version"), int) or document["version"] > VERSION:
        raise FormatError(
            f"{str(path)!r} is of version {document.get('version')!r} of the format, and this "
            f"isocortex reads up to {VERSION}. Read it with a newer one: it was written by "
            f"{document.get('written_by')}."
        )
