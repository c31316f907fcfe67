"""Train a network on a task with stochastic gradient descent, resumably."""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from isocortex.choice import named
from isocortex.data.modalities.known import needs_modality
from isocortex.data.needs import door
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError, UndefinedError
from isocortex.networks.device import on_device
from isocortex.networks.hooks import evaluating, tensor_of
from isocortex.networks.inputs.look import Looking
from isocortex.networks.network import Network, needs_images
from isocortex.networks.training import checkpoints
from isocortex.networks.training.report import TrainingReport
from isocortex.networks.training.setup import (
    check_network,
    check_settings,
    in_training,
    inputs_of,
    labels_of,
    randomness,
)
from isocortex.networks.training.state import Job, Start, checkpoint_of, key_of, resume
from isocortex.networks.training.tasks import task_of
from isocortex.progress import Job as Shows
from isocortex.progress import Shown
from isocortex.types import Values


@door
def train(  # noqa: PLR0913
    network: Network,
    stimuli: Stimuli,
    labels: str | Values,
    *,
    task: str | Callable = "binary",
    epochs: int = 25,
    learning_rate: float = 5e-4,
    momentum: float = 0.99,
    batch_size: int = 100,
    seed: int | None = 0,
    checkpoint: str | Path | None = None,
    device: str = "auto",
    progress: Shown = None,
) -> TrainingReport:
    r"""Train all weights of a network by stochastic gradient descent with momentum.

    .. math:: v \leftarrow \mu v + \nabla L, \qquad w \leftarrow w - \eta v

    The stimuli are shuffled anew in each epoch and cut into mini-batches. The network that is
    given is changed; what was extracted from it before is of the old weights.

    Parameters
    ----------
    network : Network
        All its weights are trained, in place.
    stimuli : Stimuli
        Preprocessed as for :func:`extract`.
    labels : sequence of length n_stimuli, or str
        What the network shall say, or the column of ``stimuli`` where it stands.
    task : {"binary", "classes", "regression"} or callable, default="binary"
        ``"binary"``: mean binary cross-entropy between one output, a probability, and labels
        of two kinds. ``"classes"``: cross-entropy over outputs that are scores; labels are
        places of outputs, or words. ``"regression"``: mean squared error. Or a function of
        outputs and targets (both with one row for each stimulus) that gives a loss.
    epochs : int, default=25
        How often all stimuli are gone through.
    learning_rate : float, default=5e-4
        :math:`\eta`.
    momentum : float, default=0.99
        :math:`\mu`, from 0 to below 1.
    batch_size : int, default=100
        Stimuli in one step; the last one of an epoch may have fewer.
    seed : int or None, default=0
        Of the shuffling, and of dropout. With an int torch's global generator is left as it
        was; with None it is drawn from, one ``randperm`` for each epoch.
    checkpoint : path, optional
        A file that is written after each epoch. If it is there already and is of this very
        training, it is gone on from, with the same end as an unbroken one (on a CPU).
    device : str, default="auto"
        ``"auto"``: a GPU if there is one. The network comes back to where it was.
    progress : bool or function, optional
        True draws a bar; a function is told each epoch.

    Returns
    -------
    TrainingReport
        ``.step_losses`` (n_epochs, n_steps), ``.epoch_losses`` (n_epochs,), ``.accuracy``.

    Raises
    ------
    InputError
        If there is not one label of the right kind for each stimulus, the network has no
        weights to train or its outputs do not fit the task, or a setting is out of its range.
    UndefinedError
        If the loss becomes NaN or infinite; the network then has the weights of the last
        whole epoch, and so has the checkpoint.
    FormatError
        If the checkpoint is damaged, or of another training.

    See Also
    --------
    save_weights : Keeps what was learnt.
    TrainingReport : What it returns.
    plots.training : Draws the losses.

    Examples
    --------
    >>> import numpy as np
    >>> import torch
    >>> import isocortex as ic
    >>> parts = torch.nn.Flatten(), torch.nn.Linear(16 * 16, 1), torch.nn.Sigmoid()
    >>> network = ic.load_network(torch.nn.Sequential(*parts))
    >>> gratings = ic.gratings(np.linspace(-40, 40, 20), size=(16, 16))
    >>> tilted_right = ic.stimulus_values(gratings) > 0
    >>> report = ic.train(network, gratings, tilted_right, epochs=5, device="cpu")
    >>> report.epoch_losses.shape
    (5,)
    """
    needs_images(network, "train")
    settings = {
        "epochs": epochs,
        "learning_rate": learning_rate,
        "momentum": momentum,
        "batch_size": batch_size,
    }
    check_settings(settings)
    check_network(network)
    needs_modality(stimuli, "image", "train")
    what = task_of(task)
    targets, classes = what.targets(labels_of(labels, stimuli))
    with Looking(stimuli, network.preprocessing, "train") as looking:
        stimuli = looking.all().stimuli
    with on_device(network.module, device) as place, randomness(seed, place):
        inputs = inputs_of(network, stimuli, batch_size)
        targets = targets.to(place)
        first = inputs(np.arange(len(stimuli))[:2])
        network.trace(tuple(first.shape[1:]))  # Stimuli of a size that it cannot take fail here.
        with evaluating(network.module), torch.no_grad():
            what.check(_outputs(network, first), targets[:2])
        job = Job(network, inputs, targets, what, settings, len(stimuli))
        start = resume(checkpoint, job, key_of(network, stimuli, targets, task, settings, seed))
        with Shows(progress, f"train {network.name}", epochs) as shown:
            losses = _run(job, start, shown)
        accuracy = _accuracy(job)
    return TrainingReport(
        losses,
        accuracy,
        classes,
        start.done,
        {
            "network": network.name,
            "task": named(task, repr(task)),
            **settings,
            "seed": seed,
            "n_stimuli": len(stimuli),
        },
    )


def _run(job: Job, start: Start, shown: Shows) -> np.ndarray:
    """All epochs that are left; step losses (n_epochs, n_steps)."""
    module, epochs = job.network.module, job.settings["epochs"]
    if start.done:
        shown.step(start.done, f"{start.done} were there")
    with in_training(module):
        for epoch in range(start.done, epochs):
            good = copy.deepcopy(module.state_dict())
            losses = _epoch(job, start.optimizer)
            if not np.isfinite(losses[-1]) or not _finite(module):
                module.load_state_dict(good)
                raise UndefinedError(_diverged(job, start, epoch, losses))
            start.losses.append(losses)
            if start.path is not None:
                checkpoints.save(start.path, checkpoint_of(job, start))
            note = f"loss {losses[-1]:.2e}"
            shown.step(1, note)
    return np.array(start.losses, dtype=np.float64)


def _epoch(job: Job, optimizer: torch.optim.Optimizer) -> list[float]:
    """One pass over the stimuli in a new order; stops early at a loss that is not finite."""
    losses = []
    order = torch.randperm(job.n_stimuli)
    for rows in torch.split(order, job.settings["batch_size"]):
        batch = job.inputs(rows.numpy())
        outputs = tensor_of(job.network.module(batch))
        loss = job.task.loss(outputs, job.targets[rows.to(job.targets.device)])
        losses.append(float(loss.detach()))
        if not np.isfinite(losses[-1]):
            break
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


def _diverged(job: Job, start: Start, epoch: int, losses: Sequence[float]) -> str:
    kept = f" The checkpoint {str(start.path)!r} keeps them." if start.path and epoch else ""
    what = "loss" if not np.isfinite(losses[-1]) else "weights"
    value = "NaN" if np.isnan(losses[-1]) or what == "weights" else "infinite"
    return (
        f"train: the {what} became {value} in epoch {epoch + 1}, step {len(losses)}, so training "
        f"stopped; {job.network.name} has its weights of the end of epoch {epoch} again.{kept} "
        f"Try a learning rate below {job.settings['learning_rate']:g}, or look at the stimuli."
    )


def _finite(module: torch.nn.Module) -> bool:
    return all(bool(torch.isfinite(each).all()) for each in module.parameters())


def _accuracy(job: Job) -> float:
    with evaluating(job.network.module), torch.no_grad():
        size = job.settings["batch_size"]
        rows = np.arange(job.n_stimuli)
        parts = [rows[i : i + size] for i in range(0, len(rows), size)]
        outputs = torch.cat([_outputs(job.network, job.inputs(part)) for part in parts])
    return job.task.accuracy(outputs, job.targets)


def _outputs(network: Network, batch: torch.Tensor) -> torch.Tensor:
    outputs = tensor_of(network.module(batch))
    if outputs is None:
        raise InputError(f"train: {network.name} gives no tensor for a batch of stimuli.")
    return outputs
