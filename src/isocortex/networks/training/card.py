"""What a notebook shows of a training."""

from typing import TYPE_CHECKING

from isocortex.choice import counted
from isocortex.display.card import Card, Picture, facts_of
from isocortex.display.pictures import POINTS, lines, picked

if TYPE_CHECKING:
    from isocortex.networks.training.report import TrainingReport


def of_training(noun: "TrainingReport") -> Card:
    """The mean loss of each epoch."""
    n_epochs, n_steps = noun.step_losses.shape
    facts = {"accuracy": noun.accuracy, "classes": noun.classes, **facts_of(noun.settings)}
    if noun.resumed:
        facts["resumed"] = counted(noun.resumed, "epoch")
    what = f"{counted(n_epochs, 'epoch')} of {counted(n_steps, 'step')}"
    return Card("TrainingReport", what, facts, picture=_losses(noun))


def _losses(noun: "TrainingReport") -> Picture | None:
    """Of epochs, or of the steps where there is one epoch."""
    several = len(noun.step_losses) > 1
    losses = noun.epoch_losses if several else noun.step_losses.ravel()
    if not len(losses):
        return None
    some = picked(len(losses), POINTS)
    label = "epoch" if several else "step"
    alt = f"The loss of each {label}, {losses[0]:.3g} to {losses[-1]:.3g}."
    return lines({"loss": losses[some]}, some + 1, (label, "loss"), alt)
