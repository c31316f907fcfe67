"""A training on disk: written whole or not at all, read without running any code."""

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from isocortex.errors import FormatError
from isocortex.reading import reading
from isocortex.store.atomic import whole
from isocortex.store.checksum import N_BYTES, behind

FORMAT = "isocortex training 2"
"""Format 1, of isocortex 0.1, had no checksum."""

_MARK = b"isocortex crc32c"
"""Stands between what torch reads and the checksum; torch itself does not mind it."""


@dataclass(frozen=True)
class Checkpoint:
    """All that a training needs to go on as if nothing had happened."""

    key: Mapping[str, str]
    """Hashes and settings of the training; another training never goes on from here."""
    step_losses: torch.Tensor
    """Shape (n_epochs_done, n_steps), float64."""
    module: Mapping[str, Any]
    optimizer: Mapping[str, Any]
    random: torch.Tensor
    """State of the random generator at the end of the last epoch."""
    device_random: torch.Tensor | None = None


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write to a temporary name, then rename: whatever happens, a whole file is there.

    Raises
    ------
    StorageError
        If the disk is full or the folder is not writable.
    """
    content = io.BytesIO()
    torch.save({"format": FORMAT, **vars(checkpoint)}, content)
    data = np.frombuffer(content.getbuffer(), np.uint8)
    with whole(path) as draft, draft.open("wb") as file:
        file.write(memoryview(data))  # type: ignore[arg-type]
        file.write(_MARK + behind(data))
        file.flush()
        os.fsync(file.fileno())


def load(path: Path) -> Checkpoint:
    """Read a checkpoint, if it is to the bit what was written.

    Raises
    ------
    FormatError
        If it is truncated or damaged, or no checkpoint of a training.
    """
    with reading(path, "a whole checkpoint of a training by this version"):
        content = io.BytesIO(_checked(np.fromfile(path, np.uint8)))  # type: ignore[arg-type]
        state = torch.load(content, map_location="cpu", weights_only=True)
    if not isinstance(state, dict) or state.pop("format", None) != FORMAT:
        raise FormatError(
            f"{str(path)!r} is not a checkpoint of a training by this version. Give another name."
        )
    return Checkpoint(**state)


def _checked(raw: np.ndarray) -> np.ndarray:
    """What stands before the mark and the checksum, with which the file ends."""
    content, end = np.split(raw, [max(0, len(raw) - len(_MARK) - N_BYTES)])
    if end[:-N_BYTES].tobytes() != _MARK:
        raise ValueError("it does not end with the checksum that this version writes")
    if behind(content) != end[-N_BYTES:].tobytes():
        raise ValueError("its checksum differs")
    return content
