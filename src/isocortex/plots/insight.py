"""What was found inside a network: losses, fields, saliency, the images that drive a unit."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from isocortex.data.modalities.known import needs_modality
from isocortex.data.names import positions
from isocortex.data.needs import door, needs
from isocortex.data.scores import Scores
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.networks.training.report import TrainingReport
from isocortex.plots._panels import even_titles, panels, picture, shown
from isocortex.plots._style import NOTE, QUIET, TITLE, axes, bare, colour, scale_beside


@runtime_checkable
class _Field(Protocol):
    """What ``receptive_field`` finds."""

    size: tuple[int, int]
    map: Any
    centre: Any
    layer: str
    method: str


@runtime_checkable
class _Saliency(Protocol):
    """What ``saliency`` finds."""

    image: np.ndarray
    map: np.ndarray
    layer: str
    unit: Any
    method: str


@runtime_checkable
class _Optimum(Protocol):
    """What ``optimal_stimulus`` finds."""

    image: np.ndarray
    layer: str
    unit: Any
    activation: float


def _several(found: Any, kind: type, who: str) -> list[Any]:
    """One of a kind, or several; each member is looked at, whatever holds them."""
    several = list(found) if isinstance(found, Sequence) else [found]
    if not several:
        raise InputError(f"{who}: the list is empty, so there is nothing to draw.")
    return [needs(each, kind, who) for each in several]


@door
def training(report: TrainingReport, *, ax: Axes | None = None) -> Axes:
    """The loss of each step, and the mean of each epoch, on a logarithmic scale.

    Parameters
    ----------
    report : TrainingReport
        From :func:`isocortex.train`.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    See Also
    --------
    isocortex.train : Makes the report.
    isocortex.TrainingReport : Its losses.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> import isocortex as ic
    >>> report = ic.TrainingReport(np.array([[0.7, 0.6], [0.4, 0.3]]), accuracy=0.9)
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.training(report, ax=ax)
    >>> ax.get_yscale()
    'log'
    >>> plt.close(figure)
    """
    ax = bare(axes(ax, (4.8, 3.2)))
    n_epochs, n_steps = report.step_losses.shape
    steps = (np.arange(n_epochs * n_steps) + 1) / n_steps
    ax.plot(steps, report.step_losses.ravel(), color=QUIET, linewidth=0.8, label="step")
    middles = np.arange(n_epochs) + 0.5
    ax.plot(middles, report.epoch_losses, color=colour(0), linewidth=2, label="mean of the epoch")
    if (report.step_losses > 0).all():
        ax.set_yscale("log")
    ax.set(xlabel="epoch", ylabel="loss")
    if np.isfinite(report.accuracy):
        ax.set_title(f"accuracy in training {report.accuracy:.3f}", fontsize=TITLE)
    ax.legend(frameon=False, fontsize=NOTE)
    return ax


@door
def receptive_field(
    fields: _Field | Sequence[_Field], *, image: np.ndarray | None = None, ax: Axes | None = None
) -> Axes:
    """Receptive fields as squares; one that was measured with its map.

    Parameters
    ----------
    fields : ReceptiveField or sequence of them
        Several are drawn round one centre, smallest innermost.
    image : array, shape (rows, columns[, 3]), optional
        What is drawn behind the squares, such as a stimulus.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    See Also
    --------
    isocortex.receptive_field : Finds the field.
    saliency : What matters in one image.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import isocortex as ic
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> fields = [ic.receptive_field(network, name) for name in ("conv1", "layer1.0.conv1")]
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.receptive_field(fields, ax=ax)
    >>> [(square.get_height(), square.get_width()) for square in ax.patches]
    [(3, 3), (5, 5)]
    >>> plt.close(figure)
    """
    several = _several(fields, _Field, "plots.receptive_field")
    ax = axes(ax, (5.8, 3.8))
    alone = several[0] if len(several) == 1 else None
    if alone is not None and alone.map is not None:
        scale_beside(ax, ax.imshow(alone.map, cmap="magma"), "how much it matters")
        middle = alone.centre
        ax.set_title(f"{alone.layer}, by {alone.method}", fontsize=TITLE)
    else:
        room = np.max([field.size for field in several], axis=0) * 1.12
        middle = (room[0] / 2, room[1] / 2)
        ax.set(
            xlim=(0, room[1]), ylim=(room[0], 0), aspect="equal", xlabel="pixels", ylabel="pixels"
        )
        if image is not None:
            ax.imshow(shown(image), extent=(0, room[1], room[0], 0), cmap="gray")
    for i, field in enumerate(several):
        height, width = field.size
        corner = (middle[1] - width / 2, middle[0] - height / 2)
        name = f"{field.layer}: {height} × {width}"
        square = Rectangle(corner, width, height, fill=False, edgecolor=colour(i), label=name)
        square.set_linewidth(1.8)
        ax.add_patch(square)
    # Beside the picture; a measured map has its colour bar there, and room inside.
    beside = {} if alone is not None and alone.map is not None else {"bbox_to_anchor": (1.02, 0.5)}
    where = "center left" if beside else "lower left"
    legend = ax.legend(frameon=False, fontsize=NOTE, loc=where, **beside)
    if not beside:
        legend.get_texts()[0].set_color("white")
    return ax


@door
def saliency(found: _Saliency | Sequence[_Saliency], *, ax: Axes | None = None) -> Axes:
    """An image, and beside it how much each of its pixels matters to a unit.

    Parameters
    ----------
    found : Saliency or sequence of them
        Of one image; the map of each stands in a panel. The image is shown as the network
        takes it, brought back to between black and white.
    ax : matplotlib Axes, optional
        Where to draw; panels share its room. Default a new figure.

    Returns
    -------
    matplotlib Axes

    See Also
    --------
    isocortex.saliency : Finds what matters.
    receptive_field : What a unit sees of any image.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import isocortex as ic
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> image = ic.textures(1, size=(32, 32)).read(0)
    >>> found = ic.saliency(network, image, "linear", unit=3)
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.saliency(found, ax=ax)
    >>> len(ax.child_axes)  # panels
    2
    >>> plt.close(figure)
    """
    several = _several(found, _Saliency, "plots.saliency")
    ax, boxes = panels(ax, len(several) + 1, (2.4, 2.5))
    seen = several[0].image
    low, high = float(seen.min()), float(seen.max())
    picture(boxes[0], shown((seen - low) / max(high - low, 1e-12)), "image")
    for box, each in zip(boxes[1:], several, strict=True):
        # The few strongest pixels would leave all others black.
        top = float(np.quantile(each.map, 0.995)) or 1.0
        picture(
            box, np.clip(each.map / top, 0, 1), f"{each.layer}, unit {each.unit}\n{each.method}"
        )
    even_titles(boxes)
    return ax


@door
def optimal_stimulus(
    found: _Optimum | Sequence[_Optimum], *, columns: int | None = None, ax: Axes | None = None
) -> Axes:
    """Images that were made for units.

    Parameters
    ----------
    found : OptimalStimulus or sequence of them
        What :func:`isocortex.optimal_stimulus` returned, a panel for each.
    columns : int, optional
        How many stand in a row; default four.
    ax : matplotlib Axes, optional
        Where to draw; panels share its room. Default a new figure.

    Returns
    -------
    matplotlib Axes

    See Also
    --------
    isocortex.optimal_stimulus : Makes the image.
    top_stimuli : The best of given stimuli.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import isocortex as ic
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> found = [ic.optimal_stimulus(network, "conv1", unit, steps=2) for unit in (0, 1)]
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.optimal_stimulus(found, ax=ax)
    >>> len(ax.child_axes)  # panels
    2
    >>> plt.close(figure)
    """
    several = _several(found, _Optimum, "plots.optimal_stimulus")
    ax, boxes = panels(ax, len(several), (2.2, 2.4), columns or 4)
    for box, each in zip(boxes, several, strict=True):
        picture(
            box,
            shown(each.image),
            f"{each.layer}, unit {each.unit}\nactivation {each.activation:.3g}",
        )
    even_titles(boxes)
    return ax


@door
def top_stimuli(
    top: Scores, stimuli: Stimuli, *, columns: int | None = None, ax: Axes | None = None
) -> Axes:
    """The stimuli that drive a unit most, best first, with what it does.

    Parameters
    ----------
    top : Scores
        From :func:`isocortex.top_stimuli`.
    stimuli : Stimuli
        Where the pictures are; met by name.
    columns : int, optional
        How many stand in a row; default all in one, up to nine.
    ax : matplotlib Axes, optional
        Where to draw; panels share its room. Default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If a stimulus is not among those given.

    See Also
    --------
    isocortex.top_stimuli : Finds them.
    optimal_stimulus : An image made for the unit.
    stimuli : Any stimuli.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import isocortex as ic
    >>> gratings = ic.gratings([-60, -30, 0, 30, 60, 90])
    >>> v1 = ic.simulate_responses(gratings, n_units=10)
    >>> top = ic.top_stimuli(v1, None, unit=0, n=3)
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.top_stimuli(top, gratings, ax=ax)
    >>> len(ax.child_axes)  # panels
    3
    >>> plt.close(figure)
    """
    needs_modality(stimuli, "image", "plots.top_stimuli")
    names = list(top.tables["stimulus"]["stimulus"])
    rows = positions(stimuli.names, names, "plots.top_stimuli: stimuli")
    ax, boxes = panels(ax, len(names), (1.6, 1.7), columns or min(9, len(names)))
    for box, row, value in zip(boxes, rows, top.values, strict=True):
        picture(box, shown(stimuli.read(int(row))), f"{value:.3g}")
    even_titles(boxes)
    layer = top.notes.get("layer", "")
    unit = f"unit {top.notes['unit']}" if "unit" in top.notes else ""
    named = ", ".join(each for each in (str(layer), unit) if each)
    ax.set_title(f"{named}: response to each" if named else "response to each", fontsize=TITLE)
    return ax
