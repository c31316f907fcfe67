"""Layers and recordings from files, as the command line names them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import isocortex as ic
from isocortex.choice import listed, suggestion
from isocortex.errors import InputError, NotFoundError


def layers_at(path: Path, layers: Sequence[str] | None = None) -> Any:
    """What a store or another file holds, or only some layers of it.

    Raises
    ------
    InputError
        If a layer is asked for that is not there.
    """
    noun = ic.read(path)
    if layers is None:
        return noun
    if not isinstance(noun, ic.Store):
        raise InputError(f"--layers choose from a store, and {str(path)!r} is none.")
    for name in layers:
        if name not in noun:
            near = suggestion(name, noun)
            raise InputError(f"{str(path)!r} has no layer {name!r}. {near}Known: {listed(noun)}.")
    return [noun[name] for name in layers]


def recording_at(path: Path, mask: Path | None = None, stimuli: Path | None = None) -> Any:
    """A recording; of an image of volumes with the names of their stimuli, one a line.

    Raises
    ------
    InputError
        If an image comes without names, or another file with a mask or names.
    """
    if path.name.lower().endswith((".nii", ".nii.gz", ".mgz", ".mgh")):
        if stimuli is None:
            raise InputError(
                f"{str(path)!r} has volumes without names: --stimuli names.txt says which "
                "stimulus each of them is of, one a line."
            )
        return ic.read_nifti(path, mask, lines_of(stimuli))
    if mask is not None or stimuli is not None:
        raise InputError(f"--mask and --stimuli are for images of a brain, not {str(path)!r}.")
    return ic.read(path)


def lines_of(path: Path) -> list[str]:
    """The lines of a text file that hold anything.

    Raises
    ------
    NotFoundError
    """
    if not path.is_file():
        raise NotFoundError(f"There is no file {str(path)!r}.")
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
