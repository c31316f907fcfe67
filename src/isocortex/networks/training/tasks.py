"""What a network is trained to do: targets from labels, a loss, and how often it is right.

To add a task: write its three functions, add its line to ``TASKS``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from isocortex.choice import choose, listed
from isocortex.errors import InputError

Classes = tuple[Any, ...]
Tensor = torch.Tensor


@dataclass(frozen=True)
class Task:
    """What a network is trained for: its targets, its loss and its accuracy."""

    targets: Callable[[np.ndarray], tuple[Tensor, Classes]]
    """From labels to targets (n_stimuli, …) and the classes that they stand for."""
    loss: Callable[[Tensor, Tensor], Tensor]
    """From outputs and targets, mean over a batch."""
    accuracy: Callable[[Tensor, Tensor], float]
    """The share of right answers; the explained share of variance where answers are numbers."""
    check: Callable[[Tensor, Tensor], None]
    """Whether outputs of the network fit the targets; raises InputError."""


def binary_targets(labels: np.ndarray) -> tuple[Tensor, Classes]:
    """Two kinds of labels as 0 and 1, in a column; the higher (or later in sorting) is 1."""
    if labels.ndim != 1:
        labels = _one_column(labels, "binary")
    classes = np.unique(labels)
    numbers = labels.dtype.kind in "buif"
    if len(classes) > 2 or (numbers and not np.isin(classes, (0, 1)).all()):
        raise InputError(
            f"train: task='binary' needs labels of two kinds (0 and 1, or two words), but there "
            f"are {len(classes)}: {listed(classes)}. For more, use task='classes'; for numbers, "
            "task='regression'."
        )
    if numbers:
        classes = np.array([0, 1])
    elif len(classes) < 2:
        raise InputError(f"train: all labels are {str(classes[0])!r}; two kinds are needed.")
    column = torch.from_numpy((labels == classes[1]).astype(np.float32))[:, None]
    return column, tuple(classes.tolist())


def class_targets(labels: np.ndarray) -> tuple[Tensor, Classes]:
    """Whole numbers are the places of the outputs; words are numbered as they sort."""
    if labels.ndim != 1:
        labels = _one_column(labels, "classes")
    if labels.dtype.kind in "bui":
        if labels.dtype.kind == "i" and labels.min() < 0:
            raise InputError("train: class numbers must not be negative; they count from 0.")
        return torch.from_numpy(labels.astype(np.int64)), tuple(range(int(labels.max()) + 1))
    if labels.dtype.kind not in "US":
        raise InputError(
            f"train: task='classes' needs whole numbers or words as labels, not {labels.dtype}. "
            "For numbers, use task='regression'."
        )
    classes, places = np.unique(labels, return_inverse=True)
    return torch.from_numpy(places.astype(np.int64)), tuple(classes.tolist())


def number_targets(labels: np.ndarray) -> tuple[Tensor, Classes]:
    """Numbers, (n_stimuli, n_outputs); one number a stimulus is a column."""
    if labels.dtype.kind not in "buif" or labels.ndim > 2:
        raise InputError(
            f"train: this task needs one number (or a row of numbers) for each stimulus, not "
            f"{labels.dtype} of shape {labels.shape}."
        )
    if not np.isfinite(labels).all():
        raise InputError("train: the labels hold NaN or infinite numbers.")
    columns = labels.reshape(len(labels), -1).astype(np.float32)
    return torch.from_numpy(columns), ()


def probabilities_fit(outputs: Tensor, targets: Tensor) -> None:
    """One output for each stimulus, from 0 to 1."""
    _same_shape(outputs, targets)
    if outputs.min() < 0 or outputs.max() > 1:
        raise InputError(
            "train: task='binary' needs probabilities, but the network's outputs go from "
            f"{float(outputs.min()):.3g} to {float(outputs.max()):.3g}. End it with nn.Sigmoid(), "
            "or pass task=torch.nn.BCEWithLogitsLoss()."
        )


def classes_fit(outputs: Tensor, targets: Tensor) -> None:
    """One output for each class."""
    n_outputs = outputs.shape[1] if outputs.ndim == 2 else 0
    if int(targets.max()) >= n_outputs:
        raise InputError(
            f"train: the network's outputs have shape {tuple(outputs.shape)} for a batch of "
            f"{len(outputs)}, but there are {int(targets.max()) + 1} classes; it needs one output "
            "for each."
        )


def _same_shape(outputs: Tensor, targets: Tensor) -> None:
    if outputs.shape[1:].numel() != targets.shape[1:].numel():
        raise InputError(
            f"train: the network gives {outputs.shape[1:].numel()} numbers for each stimulus, but "
            f"the labels have {targets.shape[1:].numel()}."
        )


def _shaped(loss: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """The loss for outputs with another arrangement of axes, (n,) or (n, 1, 1)."""
    return lambda outputs, targets: loss(outputs.reshape(targets.shape), targets)


def _share_above_half(outputs: Tensor, targets: Tensor) -> float:
    return float(((outputs.reshape(targets.shape) > 0.5) == (targets > 0.5)).float().mean())


def _share_highest(outputs: Tensor, targets: Tensor) -> float:
    return float((outputs.argmax(1) == targets).float().mean())


def _explained(outputs: Tensor, targets: Tensor) -> float:
    left = (outputs.reshape(targets.shape) - targets).double().square().sum()
    whole = (targets - targets.mean(0)).double().square().sum()
    return float(1 - left / whole) if whole > 0 else float("nan")


def _unknown(outputs: Tensor, targets: Tensor) -> float:  # noqa: ARG001
    return float("nan")


def _one_column(labels: np.ndarray, task: str) -> np.ndarray:
    if labels.ndim == 2 and labels.shape[1] == 1:
        return labels[:, 0]
    raise InputError(
        f"train: task={task!r} needs one label for each stimulus, not an array of shape "
        f"{labels.shape}."
    )


TASKS: Mapping[str, Task] = {
    "binary": Task(
        binary_targets,
        _shaped(functional.binary_cross_entropy),
        _share_above_half,
        probabilities_fit,
    ),
    "classes": Task(class_targets, functional.cross_entropy, _share_highest, classes_fit),
    "regression": Task(number_targets, _shaped(functional.mse_loss), _explained, _same_shape),
}


def own_task(loss: Callable[[Tensor, Tensor], Tensor]) -> Task:
    """A task from a loss of the user: labels are numbers, accuracy is unknown."""
    return Task(number_targets, loss, _unknown, lambda _outputs, _targets: None)


def task_of(task: "str | Callable") -> Task:
    """The task of a name in ``TASKS``, or of a loss."""
    found = choose(task, TASKS, "task")
    return found if isinstance(found, Task) else own_task(found)
