"""What a training was like."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import counted
from isocortex.data.frozen import frozen_fields
from isocortex.data.needs import door
from isocortex.display.shown import shown
from isocortex.networks.training.card import of_training


@door
@shown(of_training)
@frozen_fields
@dataclass(frozen=True, eq=False)
class TrainingReport:
    """The losses of a training, and what it was.

    Parameters
    ----------
    step_losses : array, shape (n_epochs, n_steps)
        The loss of each mini-batch before its step.
    accuracy : float
        After training, on the stimuli of the training: the share that is right; for regression, the
        explained share of variance; NaN for a loss of one's own.
    classes : tuple, optional
        What the outputs stand for: of a binary task, the labels that count as 0 and 1.
    resumed : int, default=0
        How many epochs came from a checkpoint.
    settings : mapping, optional
        Network, task, epochs, learning rate, momentum, batch size, seed, number of stimuli.

    See Also
    --------
    train : Returns it.
    plots.training : Draws it.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> report = ic.TrainingReport(np.array([[0.7, 0.6], [0.4, 0.3]]), accuracy=0.9)
    >>> report.epoch_losses
    array([0.65, 0.35])
    >>> report.table()
       epoch  step  loss
    0      1     1   0.7
    1      1     2   0.6
    2      2     1   0.4
    3      2     2   0.3
    """

    step_losses: np.ndarray
    accuracy: float
    classes: tuple[Any, ...] = ()
    resumed: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def epoch_losses(self) -> np.ndarray:
        """Shape (n_epochs,): the mean over the steps of each epoch."""
        return self.step_losses.mean(1)

    def table(self) -> pd.DataFrame:
        """One row for each step: epoch and step (from 1) and the loss."""
        epochs, steps = np.indices(self.step_losses.shape).reshape(2, -1) + 1
        return pd.DataFrame({"epoch": epochs, "step": steps, "loss": self.step_losses.ravel()})

    def __repr__(self) -> str:
        epochs, steps = self.step_losses.shape
        return (
            f"TrainingReport({counted(epochs, 'epoch')} of {counted(steps, 'step')}, last loss "
            f"{self.step_losses[-1, -1]:.3g}, accuracy {self.accuracy:.3g})"
        )
