"""The command ``train``."""

from pathlib import Path
from typing import Literal

from isocortex.cli._answer import answers


@answers
def train(
    network: str,
    images: Path,
    /,
    *,
    labels: str,
    into: Path,
    task: Literal["binary", "classes", "regression"] = "classes",
    weights: str = "none",
    epochs: int = 25,
    learning_rate: float = 5e-4,
    momentum: float = 0.99,
    batch_size: int = 100,
    seed: int = 0,
    checkpoint: Path | None = None,
    device: str = "auto",
    figure: Path | None = None,
) -> None:
    """Train a network on images, and write its weights.

    Example: images and their labels are listed in stimuli.csv (columns file, tilt).

        isocortex train orientation_cnn stimuli.csv --labels tilt --task binary \\
          --into trained.safetensors --checkpoint training.pt

    If it is stopped, the same command with --checkpoint goes on after the last whole epoch.

    Parameters
    ----------
    network
        orientation_cnn, or a torchvision or timm name.
    images
        A CSV file with a column `file` and the labels.
    labels
        The column of labels.
    into
        The file of weights to write; its name ends in .safetensors.
    task
        binary (the network ends in one probability), classes or regression.
    weights
        none (random), default (downloaded once), or the path of a file or folder.
    epochs
        How often all images are shown.
    learning_rate
        Of stochastic gradient descent.
    momentum
        From 0 to below 1.
    batch_size
        Images in a mini-batch.
    seed
        Of the order of the images.
    checkpoint
        A file to go on from.
    device
        auto, cpu, cuda.
    figure
        A picture of the losses.
    """
    import isocortex as ic
    from isocortex.cli._endings import WEIGHTS, check_endings
    from isocortex.cli._figures import draw_to_file
    from isocortex.cli._show import progress, say, show_written
    from isocortex.cli._stimuli import check_column, stimuli_of
    from isocortex.cli._units import network_of

    check_endings(into, WEIGHTS, figure=figure)
    stimuli = stimuli_of(images)
    check_column(stimuli, labels, images)
    loaded = network_of(network, weights)
    with progress() as listener:
        report = ic.train(
            loaded,
            stimuli,
            labels,
            task=task,
            epochs=epochs,
            learning_rate=learning_rate,
            momentum=momentum,
            batch_size=batch_size,
            seed=seed,
            checkpoint=checkpoint,
            device=device,
            progress=listener,
        )
    ic.save_weights(loaded, into)
    if figure is not None:
        draw_to_file(figure, ic.plots.training, report)
    resumed = f", {report.resumed} of them from the checkpoint" if report.resumed else ""
    loss, accuracy = float(report.epoch_losses[-1]), float(report.accuracy)
    said = f"{epochs} epochs{resumed}: last loss {loss:.3g}, accuracy {accuracy:.3f}"
    say(said, epochs=epochs, loss=loss, accuracy=accuracy)
    show_written(weights=into, checkpoint=checkpoint, figure=figure)
