"""The image that drives a unit most, found by climbing its gradient."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch.nn import functional

from isocortex.choice import is_whole
from isocortex.data.needs import door
from isocortex.data.stimuli import Stimuli
from isocortex.display.shown import shown
from isocortex.errors import InputError, UndefinedError
from isocortex.networks.hooks import evaluating
from isocortex.networks.inputs.preprocessing import Preprocessing
from isocortex.networks.inspect.cards import of_optimal
from isocortex.networks.inspect.forward import Unit, check_unit, layer_at, output_of, signal
from isocortex.networks.inspect.regularizers import Jitter, TotalVariation
from isocortex.networks.network import Network, needs_images
from isocortex.networks.tracing.trace import Layer
from isocortex.progress import Job, Shown

SILENT = 0.01
"""What counts of the negative part of a channel."""

NATURAL = (Jitter(8), TotalVariation(0.5))
"""Small movements, and few edges: enough for images that make sense."""


@door
@shown(of_optimal)
@dataclass(frozen=True, eq=False)
class OptimalStimulus:
    """An image made for one unit.

    Attributes
    ----------
    image : array, shape (rows, columns, 3) or (rows, columns)
        From 0 to 1.
    activations : array, shape (n_steps + 1,)
        The unit for the image (without transformations) before the first step and, as it was seen
        during each step (with them), and at last for the final image.
    penalties : array, shape (n_steps,)
        What the regularizers cost at each step.
    network : str
        The name of the network.
    layer : str
        As it was asked for.
    unit : int or tuple
        A channel, or a single unit (channel, row, col).
    settings : dict
        Steps, learning rate, seed and regularizers.

    See Also
    --------
    optimal_stimulus : Makes one.
    plots.optimal_stimulus : Shows it.
    top_stimuli : The best of given stimuli instead.

    Examples
    --------
    >>> import isocortex as ic
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> found = ic.optimal_stimulus(network, "conv1", unit=2, steps=3)
    >>> found.image.shape, len(found.activations)
    ((32, 32, 3), 4)
    >>> found.stimuli().names
    ('optimal for conv1 2',)
    """

    image: np.ndarray = field(repr=False)
    activations: np.ndarray = field(repr=False)
    penalties: np.ndarray = field(repr=False)
    network: str
    layer: str
    unit: Unit
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def activation(self) -> float:
        """What the unit does for the image."""
        return float(self.activations[-1])

    def stimuli(self) -> Stimuli:
        """The image as Stimuli of one."""
        table = {"network": self.network, "layer": self.layer, "unit": str(self.unit)}
        return Stimuli.from_arrays([self.image], [f"optimal for {self.layer} {self.unit}"], table)

    def table(self) -> pd.DataFrame:
        """One row for each step."""
        steps = np.arange(len(self.penalties))
        return pd.DataFrame(
            {
                "step": steps,
                "activation": self.activations[: len(steps)],
                "penalty": self.penalties,
            }
        )


@door
def optimal_stimulus(  # noqa: PLR0913
    network: Network,
    layer: str,
    unit: Unit,
    *,
    regularizers: Sequence[Any] = NATURAL,
    steps: int = 200,
    learning_rate: float = 0.05,
    size: tuple[int, int] | None = None,
    seed: int = 0,
    progress: Shown = None,
) -> OptimalStimulus:
    """An image that drives a unit as strongly as possible.

    The image is described by its Fourier spectrum, each frequency scaled as in natural images
    and colours as they vary together in them [1]_, and squeezed between 0 and 1; Adam climbs
    the unit's activation less the penalties.

    Parameters
    ----------
    network : Network
        One that takes images; its weights are not changed.
    layer : str
        A name or a classic alias.
    unit : int or tuple
        An int is a channel (or a unit of a layer without space): what is raised is the mean
        over space of its positive part, and of a hundredth of its negative part, so that a
        silent one can be woken. A tuple (channel, row, col) is a single unit as it is.
    regularizers : sequence, default=(Jitter(8), TotalVariation(0.5))
        Of :class:`Jitter`, :class:`Blur`, :class:`TotalVariation`, :class:`L1`, :class:`L2`, or
        any objects with ``penalty(image)`` or ``transform(image, generator)``.
    steps : int, default=200
        How often the image is changed.
    learning_rate : float, default=0.05
        Of Adam, on the spectrum of the image.
    size : (int, int), optional
        Rows and columns of the image; default what the network takes.
    seed : int, default=0
        Of the first image and of the movements.
    progress : bool or function, optional
        True draws a bar; a function is told each step.

    Returns
    -------
    OptimalStimulus
        ``.image``, ``.activations``, ``.activation`` of the final image.

    Raises
    ------
    InputError
        If there is no such layer or unit, a setting is out of its range, or a regularizer has
        neither method.
    UndefinedError
        If the activation becomes NaN, or no gradient reaches the image.

    See Also
    --------
    OptimalStimulus : What it returns.
    top_stimuli : The best of given stimuli instead.
    saliency : Which pixels of an image matter.
    plots.optimal_stimulus : Shows it.

    References
    ----------
    .. [1] Olah, Mordvintsev & Schubert (2017), Feature visualization, Distill.
       https://doi.org/10.23915/distill.00007

    Examples
    --------
    >>> import isocortex as ic
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> found = ic.optimal_stimulus(network, "conv1", unit=2, steps=10)
    >>> bool(found.activations[-1] > found.activations[0])
    True
    """
    needs_images(network, "optimal_stimulus")
    if steps < 1 or not learning_rate > 0:
        raise InputError(
            "optimal_stimulus needs at least 1 step and a positive learning_rate, not "
            f"{steps} and {learning_rate}."
        )
    transforms, penalties = _sorted(regularizers)
    shape = _shape(network, size)
    found = _layer(network, layer, shape)
    check_unit(found, unit)
    climb = _Climb(network, found, unit, transforms, penalties)
    generator = torch.Generator().manual_seed(seed)
    picture = _Spectrum(shape, generator)
    with evaluating(network.module):
        with Job(progress, f"optimal stimulus of {layer}", steps) as job:
            trace, costs = climb.run(picture, steps, learning_rate, generator, job)
        with torch.no_grad():
            final = picture()
            trace.append(float(climb.activation(final)))
    image = final[0].movedim(0, -1).numpy()
    return OptimalStimulus(
        image[..., 0] if image.shape[-1] == 1 else image,
        np.array(trace),
        np.array(costs),
        network.name,
        layer,
        unit,
        {
            "steps": steps,
            "learning_rate": learning_rate,
            "seed": seed,
            "regularizers": regularizers,
        },
    )


@dataclass(frozen=True)
class _Climb:
    network: Network
    layer: Layer
    unit: Unit
    transforms: Sequence[Any]
    penalties: Sequence[Any]

    def activation(self, image: torch.Tensor) -> torch.Tensor:
        if len(self.network.input_shape) == 2:  # It takes pictures without an axis of channels.
            image = image[:, 0]
        ready = self.network.as_batch(_normalized(self.network, image))
        output = output_of(self.network, ready, self.layer.name)
        if not isinstance(self.unit, tuple):
            # The mean of a linear filter over space is that of the edges of the image alone.
            output = functional.leaky_relu(output, SILENT)
        return signal(output, self.layer, self.unit)[0]

    def run(
        self,
        picture: "_Spectrum",
        steps: int,
        rate: float,
        generator: torch.Generator,
        job: Job,
    ) -> tuple[list[float], list[float]]:
        optimizer = torch.optim.Adam([picture.values], lr=rate)
        activations, costs = [], []
        for step in range(steps):
            image = picture()
            seen = image
            for each in self.transforms:
                seen = each.transform(seen, generator)
            activation = self.activation(seen)
            cost = sum((each.penalty(image) for each in self.penalties), torch.zeros(()))
            picture.climb(optimizer, activation, cost)
            activations.append(float(activation.detach()))
            costs.append(float(cost.detach()))
            if not np.isfinite(activations[-1]):
                raise UndefinedError(
                    f"optimal_stimulus: the activation became {activations[-1]} at step {step}; "
                    "use a smaller learning_rate."
                )
            job.step()
        return activations, costs


class _Spectrum:
    """An image by its spectrum: amplitudes are divided by frequency, colours are mixed."""

    # How the colours of natural images vary together: its square root, normalized (Distill 2017).
    MIXING = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))

    def __init__(self, shape: tuple[int, ...], generator: torch.Generator):
        channels, rows, columns = shape
        self.size = (rows, columns)
        down = torch.fft.fftfreq(rows)[:, None]
        right = torch.fft.rfftfreq(columns)[None, :]
        lowest = 1 / max(rows, columns)
        self.scale = (rows * columns) ** 0.5 / torch.clamp(torch.hypot(down, right), min=lowest)
        self.scale = self.scale * lowest * 4
        self.mixing = torch.eye(channels)
        if channels == 3:
            mixing = torch.tensor(self.MIXING)
            self.mixing = mixing / mixing.norm(dim=0).max()
        spectrum = (channels, rows, columns // 2 + 1, 2)
        self.values = (0.01 * torch.randn(spectrum, generator=generator)).requires_grad_()

    def __call__(self) -> torch.Tensor:
        """The image, shape (1, channels, rows, columns), from 0 to 1."""
        spectrum = torch.view_as_complex(self.values) * self.scale
        flat = torch.fft.irfft2(spectrum, s=self.size)
        return torch.sigmoid(torch.einsum("ij,jhw->ihw", self.mixing, flat))[None]

    def climb(
        self, optimizer: torch.optim.Optimizer, activation: torch.Tensor, cost: torch.Tensor
    ) -> None:
        """One step up. The parameters of the network get no gradients."""
        if not activation.requires_grad:
            raise UndefinedError("optimal_stimulus: the unit does not depend on the image.")
        (self.values.grad,) = torch.autograd.grad(cost - activation, [self.values])
        optimizer.step()


def _normalized(network: Network, image: torch.Tensor) -> torch.Tensor:
    own = network.preprocessing
    if not isinstance(own, Preprocessing):
        return image
    for numbers, combine in ((own.mean, torch.sub), (own.std, torch.div)):
        if numbers is not None:
            image = combine(image, torch.tensor(numbers)[:, None, None])
    return image


def _shape(network: Network, size: tuple[int, int] | None) -> tuple[int, ...]:
    shape = network.input_shape
    if len(shape) == 2:
        shape = (1, *shape)
    if len(shape) != 3:
        raise InputError(
            f"optimal_stimulus needs a network of images; {network.name} takes {shape}."
        )
    if size is None:
        return shape
    whole = isinstance(size, Sequence | np.ndarray) and not isinstance(size, str)
    if not whole or len(size) != 2 or not all(is_whole(each) and each > 0 for each in size):
        raise InputError(
            f"optimal_stimulus: size is two whole numbers above 0, (rows, columns), not {size!r}."
        )
    return (shape[0], int(size[0]), int(size[1]))


def _layer(network: Network, name: str, shape: tuple[int, ...]) -> Layer:
    """The layer for pictures of this shape, which may be too small for what comes before it."""
    blank = torch.zeros((1, *shape[-len(network.input_shape) :]))
    usual = network.layer(name)
    try:
        return layer_at(network, usual.name, network.as_batch(blank))
    except InputError as error:
        rows, columns = shape[-2:]
        raise InputError(
            f"optimal_stimulus: {network.name} cannot take pictures of size ({rows}, {columns}) as "
            f"far as {name!r}; leave size out, or give a larger one. {error}"
        ) from error


def _sorted(regularizers: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    for each in regularizers:
        if not hasattr(each, "penalty") and not hasattr(each, "transform"):
            raise InputError(
                f"optimal_stimulus: {each!r} is no regularizer; it has neither penalty(image) nor "
                "transform(image, generator)."
            )
    return (
        [each for each in regularizers if hasattr(each, "transform")],
        [each for each in regularizers if hasattr(each, "penalty")],
    )
