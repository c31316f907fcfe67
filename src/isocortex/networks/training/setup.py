"""What a training needs before it begins: checks, stimuli in memory, the device, the seed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from isocortex.choice import listed
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.networks.hooks import evaluating
from isocortex.networks.inputs.loader import prepared
from isocortex.networks.network import Network

MOST_IN_MEMORY = 2 * 2**30
"""Bytes of stimuli that are kept; more are read anew in each epoch."""


def check_settings(settings: dict[str, Any]) -> None:
    """Raise InputError for a setting out of its range."""
    for name in ("epochs", "batch_size"):
        if int(settings[name]) != settings[name] or settings[name] < 1:
            raise InputError(
                f"train: {name} must be a whole number from 1, not {settings[name]!r}."
            )
    if not settings["learning_rate"] > 0 or not np.isfinite(settings["learning_rate"]):
        raise InputError(f"train: learning_rate={settings['learning_rate']!r} must be positive.")
    if not 0 <= settings["momentum"] < 1:
        raise InputError(f"train: momentum={settings['momentum']!r} must be from 0 to below 1.")


def check_network(network: Network) -> None:
    """Raise InputError for what has no weights to train."""
    if not isinstance(network, Network):
        raise InputError(
            f"train needs a Network, not {type(network).__name__}; "
            "load_network(module) makes one of any torch module."
        )
    if not any(each.requires_grad for each in network.module.parameters()):
        raise InputError(
            f"train: {network.name} has no parameters that can be trained; nothing can be learnt."
        )
    if network.missing:
        raise InputError(
            f"train: {network.name} lacks weights ({listed(network.missing, 3)}); load it with "
            "weights=None for random ones, or with all of them."
        )


def labels_of(labels: Any, stimuli: Stimuli) -> np.ndarray:
    """One label for each stimulus, from a column, a list, an array or a tensor."""
    if isinstance(labels, str):
        if labels not in stimuli.table.columns:
            raise InputError(
                f"train: the stimuli have no column {labels!r}; they have "
                f"{listed(stimuli.table.columns, 20) or 'none'}."
            )
        labels = stimuli.table[labels].to_numpy()
    labels = labels.detach().cpu().numpy() if torch.is_tensor(labels) else np.asarray(labels)
    if labels.dtype == object:
        labels = np.asarray(labels.tolist())
    if labels.ndim < 1 or len(labels) != len(stimuli):
        found = len(labels) if labels.ndim else "a single one"
        raise InputError(
            f"train needs one label for each of {len(stimuli)} stimuli, but there are {found}."
        )
    return labels


def inputs_of(
    network: Network, stimuli: Stimuli, batch_size: int
) -> Callable[[np.ndarray], torch.Tensor]:
    """Gives the preprocessed stimuli of some rows; keeps all of them if there is room."""

    def read(rows: Any) -> torch.Tensor:
        ready = [prepared(stimuli, int(row), network.preprocessing) for row in rows]
        sizes = {each.shape for each in ready}
        if len(sizes) > 1:
            raise InputError(
                f"train: {network.name} gets stimuli of different sizes "
                f"({listed(sorted(sizes), 3)}); use preprocessing that makes them one."
            )
        return network.as_batch(np.stack(ready))

    first = read([0])
    if first.nbytes * len(stimuli) > MOST_IN_MEMORY:
        return read
    rows = np.arange(len(stimuli))
    whole = torch.cat([read(rows[i : i + batch_size]) for i in range(0, len(rows), batch_size)])
    return lambda rows: whole[torch.from_numpy(np.asarray(rows)).to(whole.device)]


@contextmanager
def in_training(module: torch.nn.Module) -> Iterator[None]:
    """Training mode; each submodule's own mode comes back afterwards."""
    with evaluating(module):
        module.train()
        yield


@contextmanager
def randomness(seed: int | None, place: torch.device) -> Iterator[None]:
    """Numbers from the seed, and the global generators as they were afterwards."""
    if seed is None:
        yield
        return
    devices = [place] if place.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.default_generator.manual_seed(seed)
        for each in devices:
            with torch.cuda.device(each):
                torch.cuda.manual_seed(seed)
        yield
