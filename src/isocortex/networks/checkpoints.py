"""A training on disk: written whole or not at all, read without running any code."""

import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from isocortex.errors import FormatError
from isocortex.store.whole import whole

FORMAT = "isocortex training 1"


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
    with whole(path) as draft, draft.open("wb") as file:
        torch.save({"format": FORMAT, **vars(checkpoint)}, file)
        file.flush()
        os.fsync(file.fileno())


def load(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    FormatError
        If it is truncated, or no checkpoint of a training.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, pickle.UnpicklingError) as error:
        reason = str(error).split("\n")[0][:120]
        raise FormatError(
            f"{str(path)!r} is not a whole checkpoint ({reason}). Delete it to begin anew."
        ) from error
    if not isinstance(state, dict) or state.pop("format", None) != FORMAT:
        raise FormatError(
            f"{str(path)!r} is not a checkpoint of a training by this version. Give another name."
        )
    return Checkpoint(**state)
