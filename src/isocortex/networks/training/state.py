"""Where a training stands, and how it goes on from a checkpoint."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from isocortex.data.stimuli import Stimuli
from isocortex.errors import FormatError, InputError
from isocortex.networks.identity.hashes import digest, weights_identity
from isocortex.networks.network import Network
from isocortex.networks.training import checkpoints
from isocortex.networks.training.tasks import Task


@dataclass(frozen=True)
class Job:
    """What is trained on what."""

    network: Network
    inputs: Callable[[np.ndarray], torch.Tensor]
    targets: torch.Tensor
    task: Task
    settings: dict[str, Any]
    n_stimuli: int


@dataclass
class Start:
    """Where a training stands: at its beginning, or at a checkpoint."""

    optimizer: torch.optim.Optimizer
    losses: list[list[float]]
    path: Path | None
    key: dict[str, str]
    done: int = 0


def key_of(
    network: Network,
    stimuli: Stimuli,
    targets: torch.Tensor,
    task: str | Callable,
    settings: dict[str, Any],
    seed: int | None,
) -> dict[str, str]:
    """What a training is, but for its number of epochs."""
    content = digest(stimuli.digest(row) for row in range(len(stimuli)))
    return {
        "weights": weights_identity(network.module),
        "stimuli": content,
        "labels": digest([str(targets.cpu().numpy().tobytes())]),
        "task": task if isinstance(task, str) else getattr(task, "__qualname__", repr(task)),
        **{name: repr(settings[name]) for name in ("learning_rate", "momentum", "batch_size")},
        "seed": repr(seed),
    }


def resume(checkpoint: str | Path | None, job: Job, key: dict[str, str]) -> Start:
    """The beginning of a training, or where its checkpoint stands.

    Raises
    ------
    FormatError
        If the checkpoint is damaged, or of another training.
    """
    optimizer = torch.optim.SGD(
        job.network.module.parameters(),
        lr=job.settings["learning_rate"],
        momentum=job.settings["momentum"],
    )
    start = Start(optimizer, [], None if checkpoint is None else Path(checkpoint), key)
    if start.path is None or not start.path.is_file():
        return start
    kept = checkpoints.load(start.path)
    _check_same(start, job, kept)
    job.network.module.load_state_dict(dict(kept.module))
    optimizer.load_state_dict(dict(kept.optimizer))
    torch.set_rng_state(kept.random)
    if kept.device_random is not None and torch.cuda.is_available():
        torch.cuda.set_rng_state(kept.device_random)
    start.losses = kept.step_losses.tolist()
    start.done = len(start.losses)
    start.key = dict(kept.key)
    return start


def _check_same(start: Start, job: Job, kept: checkpoints.Checkpoint) -> None:
    other = [name for name, value in start.key.items() if kept.key.get(name) != value]
    # The network may come as it was before the training, or as the checkpoint left it.
    if "weights" in other and _same_weights(job.network.module.state_dict(), kept.module):
        other.remove("weights")
    if other:
        raise FormatError(
            f"The checkpoint {str(start.path)!r} is of another training: its {', '.join(other)} "
            "differ. Delete it to begin anew, or give another name."
        )
    if len(kept.step_losses) > job.settings["epochs"]:
        raise InputError(
            f"The checkpoint {str(start.path)!r} has {len(kept.step_losses)} epochs already, more "
            f"than the {job.settings['epochs']} that are asked for."
        )


def _same_weights(mine: Any, kept: Any) -> bool:
    return mine.keys() == kept.keys() and all(
        torch.equal(value.cpu(), kept[name].cpu()) for name, value in mine.items()
    )


def checkpoint_of(job: Job, start: Start) -> checkpoints.Checkpoint:
    """All that has to be kept after an epoch."""
    on_gpu = job.targets.device.type == "cuda"
    return checkpoints.Checkpoint(
        start.key,
        torch.tensor(start.losses, dtype=torch.float64),
        job.network.module.state_dict(),
        start.optimizer.state_dict(),
        torch.get_rng_state(),
        torch.cuda.get_rng_state() if on_gpu else None,
    )
