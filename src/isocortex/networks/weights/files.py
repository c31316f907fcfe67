"""A file of weights: which one is meant, and what it holds, without running anything of it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isocortex.choice import counted, first_line, listed
from isocortex.data.needs import door
from isocortex.display.shown import shown
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.store.sealed_weights import check_weights

TORCH_SUFFIXES = (".pth", ".pt", ".bin", ".ckpt", ".tar")
SUFFIXES = (".safetensors", *TORCH_SUFFIXES)


@door
@shown()
@dataclass(frozen=True)
class Weights:
    """A file of weights, and which of its parts is meant.

    Trainers write more than one set of weights into a checkpoint: teacher and student, a
    network and its moving average. Where several fit, :func:`load_network` lists their names
    and asks for one of them.

    Parameters
    ----------
    path : path
        Of a file, or of a folder that holds one.
    part : str, optional
        The name of the part, or one of the words of its name: ``"teacher"`` for
        ``"teacher.backbone"``.

    See Also
    --------
    load_network : Takes it as ``weights=``.
    save_weights : Writes a file that has a single part.
    datasets.local_weights : Weights that lie on this machine.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import torch
    >>> import isocortex as ic
    >>> teacher, student = (torch.nn.Linear(4, 2).state_dict() for _ in range(2))
    >>> with TemporaryDirectory() as folder:
    ...     torch.save({"teacher": teacher, "student": student}, f"{folder}/dino.pth")
    ...     weights = ic.Weights(f"{folder}/dino.pth", part="teacher")
    ...     network = ic.load_network(torch.nn.Linear(4, 2), weights=weights)
    >>> bool((network.module.weight == teacher["weight"]).all())
    True
    """

    path: str | Path
    part: str | None = None


def part_of_file(weights: str | Path | Weights) -> Weights:
    """What is meant by a path alone: whichever part of the file fits."""
    return weights if isinstance(weights, Weights) else Weights(weights)


def weights_file(path: str | Path) -> Path:
    """The file of weights at ``path``: itself, or the only one in a folder.

    Raises
    ------
    NotFoundError
        If there is none.
    InputError
        If a folder has several.
    """
    path = Path(path)
    if path.is_file():
        return path
    if not path.is_dir():
        raise NotFoundError(
            f"There are no weights at {str(path)!r}: neither a file nor a folder. Give the path "
            f"of a file ({', '.join(SUFFIXES)}) or of a folder that holds one."
        )
    for suffix in SUFFIXES:
        files = sorted(file for file in path.iterdir() if file.suffix == suffix)
        if len(files) > 1:
            raise InputError(
                f"The folder {str(path)!r} has {counted(len(files), 'file')} of weights: "
                f"{listed(file.name for file in files)}. Name one of them."
            )
        if files:
            return files[0]
    raise NotFoundError(f"The folder {str(path)!r} has no weights ({', '.join(SUFFIXES)}).")


def read_checkpoint(path: str | Path) -> Any:
    """What a file of weights holds, tensors and what stands beside them; nothing is executed.

    Raises
    ------
    FormatError
        If it is no file of weights, or holds objects that would have to be run.
    """
    file = weights_file(path)
    if file.suffix == ".safetensors":
        return _read_safetensors(file)
    import torch

    try:
        with torch.serialization.safe_globals(_plain_data()):
            return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # What torch raises depends on where it stumbles.
        raise FormatError(
            f"{str(file)!r} cannot be read as weights: {_reason(error)}. It must be a state_dict "
            "of plain tensors, saved by torch.save(module.state_dict(), file), or .safetensors."
        ) from error


def _read_safetensors(file: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    check_weights(file)
    try:
        return load_file(file)
    except Exception as error:
        raise FormatError(
            f"{str(file)!r} is not a safetensors file, or is truncated ({first_line(error)})."
        ) from error


_FORBIDDEN = re.compile(r"(?:GLOBAL|<class) '?([\w.]+)")
_BEFORE_THE_REASON = "WeightsUnpickler error:"


def _reason(error: Exception) -> str:
    """What torch stumbled over; it is long, and advises what must not be done."""
    text = str(error).rpartition(_BEFORE_THE_REASON)[2]
    found = _FORBIDDEN.search(text)
    if found:
        return f"it holds an object of {found[1]}, which would have to be run, and was not"
    return first_line(text or type(error).__name__)


def _plain_data() -> list[Any]:
    """Classes of mere data that trainers put beside tensors: settings, paths, numbers of numpy."""
    import argparse
    import pathlib

    import numpy as np
    from numpy._core import multiarray  # pyright: ignore[reportAttributeAccessIssue]

    kinds = [type(np.dtype(code)) for code in "?bBhHiIlLqQefdgFDSU"]
    paths = [pathlib.PosixPath, pathlib.WindowsPath, pathlib.PurePosixPath]
    numbers = [np.dtype, np.ndarray, *kinds]
    for name in ("scalar", "_reconstruct"):
        function = getattr(multiarray, name)
        numbers += [(function, f"numpy.{core}.multiarray.{name}") for core in ("core", "_core")]
    return [argparse.Namespace, *paths, *numbers]
