"""Which pixels matter to a unit, by gradients (computed by Captum)."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from isocortex.choice import choose
from isocortex.data.needs import door
from isocortex.data.stimuli import Stimuli
from isocortex.display.shown import shown
from isocortex.errors import InputError, MissingDependencyError
from isocortex.networks.hooks import evaluating
from isocortex.networks.inspect.cards import of_saliency
from isocortex.networks.inspect.forward import (
    Unit,
    check_unit,
    layer_at,
    output_of,
    prepared,
    signal,
)
from isocortex.networks.network import Network, needs_images
from isocortex.networks.tracing.trace import Layer
from isocortex.networks.weights.random_weights import drawing_from
from isocortex.types import Values


@door
@shown(of_saliency)
@dataclass(frozen=True, eq=False)
class Saliency:
    """The gradient of a unit with respect to one preprocessed image.

    Attributes
    ----------
    values : array, shape (channels, rows, columns)
        Signed; one channel where the network takes images without any.
    image : array, shape (channels, rows, columns)
        The preprocessed image.
    network : str
        The name of the network.
    layer : str
        As it was asked for.
    unit : int or tuple
        A channel, or a single unit (channel, row, col).
    method : str
        By which it was found.
    activation : float
        What the unit does for the image.

    See Also
    --------
    saliency : Returns it.
    plots.saliency : Shows it beside the image.

    Examples
    --------
    >>> import isocortex as ic
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> image = ic.textures(1, size=(32, 32)).read(0)
    >>> found = ic.saliency(network, image, "linear", unit=3)
    >>> found.values.shape, found.map.shape
    ((3, 32, 32), (32, 32))
    """

    values: np.ndarray = field(repr=False)
    image: np.ndarray = field(repr=False)
    network: str
    layer: str
    unit: Unit
    method: str
    activation: float

    def __repr__(self) -> str:
        return (
            f"Saliency({self.layer} {self.unit} of {self.network!r} by {self.method}, "
            f"activation {self.activation:.4g})"
        )

    @property
    def map(self) -> np.ndarray:
        """The largest size over input channels, shape (rows, columns)."""
        return np.abs(self.values).max(0)


class UnitModule(nn.Module):
    """The network as a function from a batch to the signal of one unit, shape (n_stimuli,)."""

    def __init__(self, network: Network, layer: Layer, unit: Unit):
        super().__init__()
        self.inner = network.module
        self._of = (network, layer, unit)

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """The whole pass is made, so that the hooks of others see an ordinary one."""
        network, layer, unit = self._of
        return signal(output_of(network, batch, layer.name, whole_pass=True), layer, unit)


@door
@shown()
@dataclass(frozen=True)
class SmoothGrad:
    """Gradients averaged over noisy copies of the image [1]_.

    Parameters
    ----------
    n_samples : int, default=25
        How many noisy copies.
    noise : float, default=0.15
        Standard deviation, as a part of the range of the image.
    seed : int, default=0
        Of the noise.

    See Also
    --------
    saliency : Takes it as ``method=``.
    plots.saliency : Shows the result.

    References
    ----------
    .. [1] Smilkov, Thorat, Kim, Viégas & Wattenberg (2017), SmoothGrad: removing noise by adding
       noise. https://arxiv.org/abs/1706.03825

    Examples
    --------
    >>> import isocortex as ic
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> image = ic.textures(1, size=(32, 32)).read(0)
    >>> smooth = ic.SmoothGrad(n_samples=4, noise=0.1)
    >>> ic.saliency(network, image, "linear", unit=3, method=smooth).map.shape
    (32, 32)
    """

    n_samples: int = 25
    noise: float = 0.15
    seed: int = 0

    def __call__(self, module: UnitModule, batch: torch.Tensor) -> torch.Tensor:
        """The mean gradient."""
        attr = _captum()
        spread = self.noise * float((batch.max() - batch.min()).detach())
        tunnel = attr.NoiseTunnel(attr.Saliency(module))
        with drawing_from(self.seed):
            return tunnel.attribute(
                batch,
                nt_type="smoothgrad",
                nt_samples=self.n_samples,
                nt_samples_batch_size=min(self.n_samples, 5),
                stdevs=spread,
                abs=False,
            )


def gradient(module: UnitModule, batch: torch.Tensor) -> torch.Tensor:
    """The gradient as it is.

    References
    ----------
    .. [1] Simonyan, Vedaldi & Zisserman (2014), Deep inside convolutional networks, ICLR
       workshop. https://arxiv.org/abs/1312.6034
    """
    return _captum().Saliency(module).attribute(batch, abs=False)


def guided(module: UnitModule, batch: torch.Tensor) -> torch.Tensor:
    """Guided backpropagation: negative gradients stop at each rectifier [1]_.

    References
    ----------
    .. [1] Springenberg, Dosovitskiy, Brox & Riedmiller (2015), Striving for simplicity: the all
       convolutional net, ICLR workshop. https://arxiv.org/abs/1412.6806
    """
    if not any(isinstance(each, nn.ReLU) for each in module.modules()):
        raise InputError(
            "saliency: guided gradients need rectifiers that are modules (nn.ReLU), and this "
            "network has none; use method='gradient' or 'smoothgrad'."
        )
    return _captum().GuidedBackprop(module).attribute(batch)


Method = Callable[[UnitModule, torch.Tensor], torch.Tensor]

SALIENCY_METHODS: Mapping[str, Method] = {
    "gradient": gradient,
    "guided": guided,
    "smoothgrad": SmoothGrad(),
}


@door
def saliency(
    network: Network,
    image: Stimuli | Path | Values,
    layer: str,
    unit: Unit,
    method: str | Method = "gradient",
) -> Saliency:
    """Which pixels of an image matter to a unit.

    Parameters
    ----------
    network : Network
        One that takes images; gradients go through all of it up to the layer.
    image : path, array or Stimuli of one
        Preprocessed as the network needs it.
    layer : str
        A name or a classic alias.
    unit : int or tuple
        An int is a channel, whose mean over space is taken (or a unit of a layer without
        space); a tuple (channel, row, col) is a single unit.
    method : str or object, default="gradient"
        ``"gradient"``, ``"guided"``, ``"smoothgrad"`` (:class:`SmoothGrad` to set the noise).

    Returns
    -------
    Saliency
        ``.values`` (channels, rows, columns), signed; ``.map`` (rows, columns).

    Raises
    ------
    InputError
        If there is no such layer, unit or method.
    MissingDependencyError
        If Captum is not installed.

    See Also
    --------
    SmoothGrad : Settings of the method ``"smoothgrad"``.
    receptive_field : What a unit sees of any image.
    optimal_stimulus : What a unit likes best.
    plots.saliency : Shows it.

    Examples
    --------
    >>> import isocortex as ic
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> image = ic.textures(1, size=(32, 32)).read(0)
    >>> found = ic.saliency(network, image, "conv1", unit=(0, 10, 10))
    >>> rows, columns = found.map.nonzero()  # a 3 x 3 kernel sees 3 x 3 pixels
    >>> sorted({int(row) for row in rows}), sorted({int(column) for column in columns})
    ([9, 10, 11], [9, 10, 11])
    """
    needs_images(network, "saliency")
    compute = choose(method, SALIENCY_METHODS, "method")
    batch = prepared(network, image)
    found = layer_at(network, layer, batch)
    check_unit(found, unit)
    _captum()
    module = UnitModule(network, found, unit)
    with evaluating(network.module), _not_in_place(network.module), _without_warnings():
        values = compute(module, batch.clone().requires_grad_())
        with torch.no_grad():
            activation = float(module(batch)[0])
    return Saliency(
        _three(values[0].detach().cpu().numpy()),
        _three(batch[0].cpu().numpy()),
        network.name,
        layer,
        unit,
        method if isinstance(method, str) else repr(method),
        activation,
    )


def _three(pixels: np.ndarray) -> np.ndarray:
    return pixels[None] if pixels.ndim == 2 else pixels


@contextmanager
def _not_in_place(module: nn.Module) -> Iterator[None]:
    """Rectifiers that write into their input would destroy what the hooks hold."""
    changed = [each for each in module.modules() if getattr(each, "inplace", False)]
    for each in changed:
        vars(each)["inplace"] = False
    try:
        yield
    finally:
        for each in changed:
            vars(each)["inplace"] = True


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Captum announces its hooks by a warning each time; they are removed by itself."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Setting backward hooks")
        yield


def _captum() -> Any:
    try:
        from captum import attr
    except ImportError:
        raise MissingDependencyError(
            "saliency needs the package captum: pip install 'isocortex[inspect]'."
        ) from None
    return attr
