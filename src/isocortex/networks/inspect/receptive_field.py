"""What a unit sees of the input: by arithmetic, by gradient, by covering parts of the input."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch

from isocortex.choice import choose
from isocortex.data.modalities.known import needs_modality
from isocortex.data.needs import door
from isocortex.data.stimuli import Stimuli
from isocortex.display.shown import shown
from isocortex.errors import InputError, UndefinedError
from isocortex.networks.hooks import evaluating
from isocortex.networks.inspect.cards import of_field
from isocortex.networks.inspect.field_graph import Span, spans_at_input
from isocortex.networks.inspect.forward import (
    channel_axis,
    check_unit,
    layer_at,
    output_of,
    signal,
    spatial_axes,
)
from isocortex.networks.inspect.linear import as_if_linear
from isocortex.networks.network import Network, needs_images
from isocortex.networks.tracing.trace import Layer

Pair = tuple[float, float]


@door
@shown(of_field)
@dataclass(frozen=True, eq=False)
class ReceptiveField:
    """The part of the input that a unit of a layer sees; rows first, in pixels.

    Attributes
    ----------
    network : str
        The name of the network.
    layer : str
        The name of the layer.
    size : (int, int)
        Height and width, in pixels.
    stride : (float, float)
        How far apart the fields of neighbouring units are, in pixels; NaN if they are the whole
        input.
    centre : (float, float)
        Of the field of the first unit (0, 0), by arithmetic; of the unit itself, otherwise. Pixels
        are counted from 0, and may lie in the padding.
    method : str
        By which it was found.
    whole : bool
        Whether each unit sees the whole input.
    map : array of the shape of the input, or None
        How strongly each pixel matters; None by arithmetic.

    See Also
    --------
    receptive_field : Returns it.
    plots.receptive_field : Draws it.

    Examples
    --------
    >>> import isocortex as ic
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> field = ic.receptive_field(network, "conv1")
    >>> field.size, field.stride, field.centre
    ((3, 3), (1, 1), (0.0, 0.0))
    """

    network: str
    layer: str
    size: tuple[int, int]
    stride: Pair
    centre: Pair
    method: str
    whole: bool = False
    map: np.ndarray | None = dataclasses.field(default=None, repr=False)

    def table(self) -> pd.DataFrame:
        """One row with all but the map."""
        row = {"network": self.network, "layer": self.layer, "method": self.method}
        for name in ("size", "stride", "centre"):
            pair = getattr(self, name)
            row |= {f"{name}_rows": pair[0], f"{name}_cols": pair[1]}
        return pd.DataFrame([{**row, "whole": self.whole}])


@door
@shown()
@dataclass(frozen=True)
class Occlusion:
    """Cover a square of the input, and see how the unit changes.

    Parameters
    ----------
    window : int, default=8
        Side of the square, in pixels.
    step : int, default=4
        How far it moves each time; the field is known to this many pixels.
    fill : float, default=0
        What the square is filled with, after preprocessing (0: the mean colour).

    See Also
    --------
    receptive_field : Takes it as ``method=``.
    saliency : Gradients instead.

    Examples
    --------
    >>> import isocortex as ic
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> covered = ic.Occlusion(window=4, step=1)
    >>> field = ic.receptive_field(network, "conv1", covered, unit=0)
    >>> field.size
    (3, 3)
    """

    window: int = 8
    step: int = 4
    fill: float = 0.0

    def __call__(
        self, network: Network, layer: Layer, unit: Any, images: torch.Tensor
    ) -> ReceptiveField:
        """The mean absolute change, spread over the pixels of the square."""
        if self.window < 1 or self.step < 1:
            raise InputError("Occlusion: window and step must be at least 1 pixel.")
        where = _seen_by(network, layer, unit, images)
        changes = np.zeros(images.shape[-2:])
        corners = [_positions(low, high, self.window, self.step) for low, high in where]
        bounds = [[np.inf, -np.inf], [np.inf, -np.inf]]
        with torch.no_grad():
            base = _unit_at(network, layer, unit, images)
            for row in corners[0]:
                rows = slice(max(row, 0), max(row + self.window, 0))
                change = self._row(network, layer, unit, (images, base, rows), corners[1])
                for column, size in zip(corners[1], change, strict=True):
                    columns = slice(max(column, 0), max(column + self.window, 0))
                    changes[rows, columns] += size
                    if size > 0:
                        _widen(bounds[0], row, self.window)
                        _widen(bounds[1], column, self.window)
        return _measured(network, layer, "occlusion", (changes, bounds), images.shape[1:])

    def _row(
        self, network: Network, layer: Layer, unit: Any, given: tuple, columns: list[int]
    ) -> list[float]:
        images, base, rows = given
        sizes = []
        for column in columns:
            covered = images.clone()
            covered[..., rows, max(column, 0) : max(column + self.window, 0)] = self.fill
            now = _unit_at(network, layer, unit, covered)
            sizes.append(float((now - base).abs().mean()))
        return sizes


def theoretical(network: Network, layer: Layer, unit: Any, images: torch.Tensor) -> ReceptiveField:
    """Size, stride and centre by the arithmetic of windows; the unit does not matter."""
    del unit
    probe = images[:1].clone().requires_grad_()
    output = output_of(network, probe, layer.name)
    rows, columns = spans_at_input(output, probe, spatial_axes(layer) is not None)
    shape = images.shape[-2:]
    if rows.whole or columns.whole:
        middle = ((shape[0] - 1) / 2, (shape[1] - 1) / 2)
        nowhere = (float("nan"), float("nan"))
        size = (int(shape[0]), int(shape[1]))
        return ReceptiveField(
            network.name, layer.name, size, nowhere, middle, "theoretical", whole=True
        )
    return ReceptiveField(
        network.name,
        layer.name,
        (_length(rows), _length(columns)),
        (rows.stride, columns.stride),
        ((rows.low + rows.high) / 2, (columns.low + columns.high) / 2),
        "theoretical",
    )


def gradient(network: Network, layer: Layer, unit: Any, images: torch.Tensor) -> ReceptiveField:
    """Where the gradient of the unit is not zero, in the network made linear.

    Rectifiers let everything pass and maxima become means, so that no path is shut; the map
    is the mean size of the gradient over images and input channels.
    """
    probe = images.clone().requires_grad_()
    output = output_of(network, probe, layer.name, around=as_if_linear)
    total = _chosen(output, layer, unit).sum()
    (slope,) = torch.autograd.grad(total, probe)
    return _mapped(network, layer, "gradient", slope)


def effective(network: Network, layer: Layer, unit: Any, images: torch.Tensor) -> ReceptiveField:
    """The mean size of the true gradient over the images: what matters in practice [1]_.

    References
    ----------
    .. [1] Luo, Li, Urtasun & Zemel (2016), Understanding the effective receptive field in deep
       convolutional neural networks, NeurIPS. https://arxiv.org/abs/1701.04128
    """
    probe = images.clone().requires_grad_()
    total = _chosen(output_of(network, probe, layer.name), layer, unit).sum()
    (slope,) = torch.autograd.grad(total, probe)
    return _mapped(network, layer, "effective", slope)


Field = Callable[[Network, Layer, Any, torch.Tensor], ReceptiveField]

RECEPTIVE_FIELDS: Mapping[str, Field] = {
    "theoretical": theoretical,
    "gradient": gradient,
    "effective": effective,
    "occlusion": Occlusion(),
}


@door
def receptive_field(
    network: Network,
    layer: str,
    method: str | Field = "theoretical",
    *,
    unit: int | Sequence[int] | None = None,
    images: Stimuli | None = None,
    seed: int = 0,
) -> ReceptiveField:
    """The part of the input that the units of a layer see.

    Parameters
    ----------
    network : Network
        One that takes images.
    layer : str
        A name or a classic alias.
    method : str or object, default="theoretical"
        ``"theoretical"``: by the arithmetic of convolutions and pools. ``"gradient"``: where
        the gradient is not zero, with the network made linear so that no path is shut.
        ``"effective"``: the gradient as it is, averaged over images. ``"occlusion"``: where a
        covered square changes the unit (:class:`Occlusion` to set its window and step).
    unit : int or tuple, optional
        For the empirical methods: a channel at the middle of the map, or a single unit
        (channel, row, col). Default: all channels at the middle.
    images : Stimuli, optional
        What is shown; default two pictures of noise, large enough for the whole field where
        the network takes inputs of any size.
    seed : int, default=0
        Of the noise.

    Returns
    -------
    ReceptiveField
        ``.size`` and ``.stride`` in pixels (rows, columns), ``.centre``, ``.map``.

    Raises
    ------
    InputError
        If there is no such layer, unit or method, or the layer is no map (empirical methods).
    UndefinedError
        If the arithmetic does not know an operation of the network.

    See Also
    --------
    ReceptiveField : What it returns.
    Occlusion : Settings of the method ``"occlusion"``.
    plots.receptive_field : Draws it.
    saliency : Which pixels of one image matter.

    Examples
    --------
    >>> import isocortex as ic
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> field = ic.receptive_field(network, "layer2.0.conv1")
    >>> field.size, field.stride
    ((17, 17), (2, 2))
    >>> ic.receptive_field(network, "layer2.0.conv1", "gradient").size
    (17, 17)
    """
    needs_images(network, "receptive_field")
    measure = choose(method, RECEPTIVE_FIELDS, "method")
    found = network.layer(layer)
    if method != "theoretical" and spatial_axes(found) is None:
        raise InputError(
            f"receptive_field: {layer!r} of {network.name} is no map of units in space (its axes "
            f"are {', '.join(found.axes)}); only method='theoretical' applies."
        )
    if images is not None:
        needs_modality(images, "image", "receptive_field")
        ready = [np.asarray(network.preprocessing(images.read(row))) for row in range(len(images))]
        batch = network.as_batch(np.stack(ready))
    else:
        batch = _noise(network, found, method, seed)
    with evaluating(network.module):
        at = layer_at(network, layer, batch)
        field = measure(network, at, _unit(at, unit, method), batch)
    return dataclasses.replace(field, layer=layer)


def _unit(layer: Layer, unit: Any, method: Any) -> Any:
    """A channel (or None) becomes a place: the middle of the map."""
    if method == "theoretical" or isinstance(unit, tuple):
        if unit is not None:
            check_unit(layer, unit)
        return unit
    if unit is not None:
        check_unit(layer, unit)
    rows, columns = spatial_axes(layer) or (0, 0)
    place: list[Any] = [slice(None)] * len(layer.shape)
    place[rows], place[columns] = layer.shape[rows] // 2, layer.shape[columns] // 2
    if unit is not None:
        place[channel_axis(layer)] = int(unit)
    return tuple(place)


def _chosen(output: torch.Tensor, layer: Layer, unit: Any) -> torch.Tensor:
    if all(isinstance(each, int) for each in unit):
        return signal(output, layer, unit)
    return output[(slice(None), *unit)]


def _unit_at(network: Network, layer: Layer, unit: Any, images: torch.Tensor) -> torch.Tensor:
    return _chosen(output_of(network, images, layer.name), layer, unit)


def _noise(network: Network, layer: Layer, method: Any, seed: int) -> torch.Tensor:
    """Two pictures of noise; larger than usual if fields are large and the network allows."""
    shape = network.input_shape
    generator = torch.Generator().manual_seed(seed)

    def noise(shape: tuple[int, ...]) -> torch.Tensor:
        return network.as_batch(torch.randn((2, *shape), generator=generator))

    if method == "theoretical" or len(shape) != 3:
        return noise(shape)[:1]
    field = _arithmetic(network, layer, shape)
    if field is None or field.whole:
        return noise(shape)
    # The middle unit's field lies inside if the picture exceeds it by two strides.
    room = [
        max(n, int(f + 2 * s)) for n, f, s in zip(shape[1:], field.size, field.stride, strict=True)
    ]
    larger = (shape[0], *room)
    try:
        layer_at(network, layer.name, noise(larger))
    except (RuntimeError, ValueError):
        return noise(shape)
    return noise(larger)


def _arithmetic(network: Network, layer: Layer, shape: tuple[int, ...]) -> ReceptiveField | None:
    try:
        return theoretical(network, layer, None, network.as_batch(torch.zeros((1, *shape))))
    except UndefinedError:
        return None


def _seen_by(network: Network, layer: Layer, unit: Any, images: torch.Tensor) -> list[Pair]:
    """The rows and columns that need covering: those that the unit can see at all."""
    whole = [(0.0, float(n - 1)) for n in images.shape[-2:]]
    field = _arithmetic(network, layer, tuple(images.shape[1:]))
    axes = spatial_axes(layer)
    if field is None or field.whole or axes is None:
        return whole
    seen = []
    for i, (low, high) in enumerate(whole):
        middle = field.centre[i] + field.stride[i] * unit[axes[i]]
        half = (field.size[i] - 1) / 2
        seen.append((max(low, middle - half), min(high, middle + half)))
    return seen


def _positions(low: float, high: float, window: int, step: int) -> list[int]:
    """Corners of squares that together cover ``low`` to ``high``, and a little around."""
    return list(range(int(low) - window - step + 1, int(high) + step + 1, step))


def _widen(bound: list[float], corner: int, window: int) -> None:
    """A square at ``corner`` matters: the field reaches its end, or begins before it."""
    bound[0] = min(bound[0], corner + window - 1)
    bound[1] = max(bound[1], corner)


def _extent(sizes: np.ndarray) -> list[list[float]]:
    rows, columns = np.nonzero(sizes)
    if not len(rows):
        return [[np.inf, -np.inf], [np.inf, -np.inf]]
    return [[rows.min(), rows.max()], [columns.min(), columns.max()]]


def _mapped(network: Network, layer: Layer, method: str, slope: torch.Tensor) -> ReceptiveField:
    """The mean size of gradients over images and, where there are any, input channels."""
    n_rows, n_columns = slope.shape[-2:]
    sizes = slope.abs().double().reshape(-1, n_rows, n_columns).mean(0).cpu().numpy()
    return _measured(network, layer, method, (sizes, _extent(sizes)), slope.shape[1:])


def _measured(
    network: Network,
    layer: Layer,
    method: str,
    found: tuple[np.ndarray, list[list[float]]],
    shape: Sequence[int],
) -> ReceptiveField:
    sizes, bounds = found
    if not np.isfinite(bounds).all():
        raise UndefinedError(
            f"receptive_field: nothing in the input changes this unit of {layer.name!r}; it is "
            "silent for these images. Choose another unit or other images."
        )
    size = tuple(max(1, int(high - low + 1)) for low, high in bounds)
    centre = tuple(float((low + high) / 2) for low, high in bounds)
    field = _arithmetic(network, layer, tuple(shape))
    stride = (float("nan"), float("nan")) if field is None else field.stride
    return ReceptiveField(
        network.name,
        layer.name,
        (size[0], size[1]),
        stride,
        (centre[0], centre[1]),
        method,
        whole=size == sizes.shape,
        map=sizes,
    )


def _length(span: Span) -> int:
    return int(span.high - span.low + 1)
