"""Layers and recordings from files, as the command line names them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import isocortex as ic
from isocortex.choice import listed, suggestion
from isocortex.cli._own_arrays import WAYS, own_responses
from isocortex.errors import FormatError, InputError, NotFoundError

NO_RESPONSES = {
    "RDMs": "RDMs, and not the responses that they are of",
    "Stimuli": "stimuli, and no responses to them; `isocortex extract` makes those of a network",
    "Scores": "scores, and no responses",
    "BData": "BData, of which columns must be chosen: ic.save(ic.read(path).responses('ROI_V1 = "
    "1'), 'voxels.npz')",
}
"""What may be at a path where responses should be, and is something else."""


def layers_at(path: Path, layers: Sequence[str] | None = None, names: Path | None = None) -> Any:
    """What a store or another file holds, or only some layers of it.

    Raises
    ------
    InputError
        If a layer is asked for that is not there, or it holds no responses.
    """
    noun = recording_at(path, stimuli=names)
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
    """A recording; of an image or a bare matrix with the names of its stimuli, one a line.

    What says nothing of itself is called by its file, under the label ``recording``.

    Raises
    ------
    InputError
        If it has no names, has names of its own beside others, or holds no responses.
    """
    noun = _read(path, mask, None if stimuli is None else lines_of(stimuli))
    if not isinstance(noun, ic.Responses | ic.Trials) or _CALLED & set(noun.labels):
        return noun
    return noun.replace(labels={**noun.labels, "recording": stem_of(path)})


_CALLED = {"subject", "region", "network", "layer", "label", "recording"}


def called(recording: Any, label: str, name: str | None = None) -> Any:
    """A recording that is called by its file has that name, or another, under another label."""
    labels = dict(getattr(recording, "labels", {}))
    own = labels.pop("recording", None)
    if own is None and name is None:
        return recording
    return recording.replace(labels={**labels, label: own if name is None else name})


def _read(path: Path, mask: Path | None, names: list[str] | None) -> Any:
    if path.name.lower().endswith((".nii", ".nii.gz", ".mgz", ".mgh")):
        if names is None:
            raise InputError(
                f"{str(path)!r} has volumes without names: --stimuli names.txt says which "
                "stimulus each of them is of, one a line."
            )
        return ic.read_nifti(path, mask, names)
    if mask is not None:
        raise InputError(f"--mask is for images of a brain, not for {str(path)!r}.")
    found = own_responses(path, names)
    if found is not None:
        return found
    if names is not None:
        raise InputError(
            f"--stimuli is for images and bare matrices; {str(path)!r} names its stimuli itself."
        )
    noun = ic.read(path)
    what = NO_RESPONSES.get(type(noun).__name__)
    if what is not None:
        raise InputError(f"{str(path)!r} holds {what}. {WAYS}")
    return noun


def rdms_at(path: Path) -> ic.RDMs:
    """RDMs from a file; where it has none, a sentence says what makes them.

    Raises
    ------
    NotFoundError, FormatError
    """
    try:
        return ic.read_rdms(path)
    except FormatError as error:
        raise FormatError(
            f"{error} Of responses or a store they are made by `isocortex rdm {path} --into "
            "rdms.npz`."
        ) from error


def stem_of(path: Path) -> str:
    """The name of a file without its endings, of which some have two."""
    return path.name.partition(".")[0] or path.name


def check_places(layers: Any, recording: Any, paths: tuple[Path, Path], command: str) -> None:
    """Refuse layers in the place of a recording, where the recording is in that of layers.

    Parameters
    ----------
    layers, recording
        What was read for each place.
    paths : tuple of Path
        Of the first and the second argument.
    command : str
        The one that takes them in the other order.

    Raises
    ------
    InputError
    """
    if not _of_network(recording) or _of_network(layers):
        return
    first, second = paths
    other = "encode" if command == "decode" else "decode"
    raise InputError(
        f"{command} takes {_ORDER[command]}, but of {str(first)!r} and {str(second)!r} the layers "
        f"stand where the recording should: were they given in each other's place? Then "
        f"isocortex {command} {second} {first}; or the other way round, isocortex {other} {first} "
        f"{second}."
    )


_ORDER = {
    "encode": "the layers first and the recording second",
    "decode": "the recording first and the layers second",
}


def _of_network(noun: Any) -> bool:
    """Whether it is a store, layers of one, or says that it is a layer."""
    return isinstance(noun, ic.Store | list) or "layer" in getattr(noun, "labels", ())


def lines_of(path: Path) -> list[str]:
    """The lines of a text file that hold anything.

    Raises
    ------
    NotFoundError
    """
    if not path.is_file():
        raise NotFoundError(f"There is no file {str(path)!r}.")
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
