"""The descriptions in a store, which zarr reads as ``zarr.json``: each carries its checksum."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isocortex.errors import FormatError
from isocortex.store.atomic import replacing
from isocortex.store.checksum import BLANK, SEAL, is_whole, sealed
from isocortex.store.disk_errors import in_words

OWN = "isocortex"
"""The attribute under which all that is ours stands."""


def write_group(folder: Path, own: Mapping[str, Any]) -> None:
    """The description of a zarr group with attributes of ours."""
    with replacing(folder / "zarr.json") as draft:
        draft.write_bytes(
            _sealed({"attributes": {OWN: own}, "zarr_format": 3, "node_type": "group"})
        )


def seal_file(file: Path) -> None:
    """Add the checksum to a description that zarr has written."""
    file.write_bytes(_sealed(json.loads(file.read_bytes())))


def _sealed(document: Mapping[str, Any]) -> bytes:
    attributes = {**document["attributes"], SEAL: BLANK}
    return sealed(json.dumps({**document, "attributes": attributes}, indent=2).encode())


def read_document(file: Path, what: str) -> dict[str, Any]:
    """A description, if it is to the bit what was written.

    Raises
    ------
    FormatError
        If it is not; begins with ``what``.
    """
    try:
        raw = file.read_bytes()
        if is_whole(raw) is False:
            raise ValueError("its checksum differs")
        found = dict(json.loads(raw))
        # Those of version 0.1 had no checksum; who reads them says so by their format.
        if is_whole(raw) is None and _format(found) != 1:
            raise ValueError("it has no checksum of isocortex")
    except (OSError, ValueError, TypeError) as error:
        raise FormatError(
            f"{what}: its description {file.name!r} is missing, truncated, damaged or foreign "
            f"({in_words(error)}). Give the folder that extract(into=…) wrote, or extract again "
            "with overwrite=True or into a new one."
        ) from error
    return found


def own_attributes(file: Path, what: str) -> dict[str, Any]:
    """The attributes of ours in a description.

    Raises
    ------
    FormatError
        If it is damaged or foreign.
    """
    found = read_document(file, what)
    try:
        return dict(found["attributes"][OWN])
    except (KeyError, TypeError) as error:
        raise FormatError(f"{what}: {str(file)!r} was not written by isocortex.") from error


def _format(document: Mapping[str, Any]) -> Any:
    try:
        return document["attributes"][OWN]["format"]
    except (KeyError, TypeError):
        return None
