"""One layer's output with its gradient, and the signal of one of its units."""

import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch

from isocortex.choice import there_are
from isocortex.data.modalities.known import needs_modality
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError, IsocortexError
from isocortex.networks.hooks import Enough, evaluating, forward, split_call, tensor_of
from isocortex.networks.inputs import loader
from isocortex.networks.network import Network
from isocortex.networks.tracing.network_errors import refusal
from isocortex.networks.tracing.trace import Layer

Unit = int | tuple[int, ...]


def output_of(
    network: Network,
    batch: torch.Tensor,
    layer: str,
    *,
    whole_pass: bool = False,
    around: Callable[[], AbstractContextManager] = nullcontext,
) -> torch.Tensor:
    """What a layer gives for a batch, with gradients where the batch has them.

    Parameters
    ----------
    network : Network
    batch : tensor, shape (n_stimuli, channels, rows, columns)
        Preprocessed.
    layer : str
        The layer's own name (not an alias).
    whole_pass : bool, default=False
        Whether the pass goes on to the end of the network after the layer has run.
    around : function that gives a context manager, optional
        What holds during the pass.

    Raises
    ------
    InputError
        If the network cannot take inputs of this shape, or the layer did not run.
    """
    name, call = split_call(layer)
    found: list[torch.Tensor] = []
    calls = [0]

    def take_output(_module: Any, _inputs: Any, output: Any) -> None:
        calls[0] += 1
        if calls[0] == call + 1:
            # A later in-place operation must not change what was taken.
            found.append(tensor_of(output).clone())
            if not whole_pass:
                raise Enough

    hook = network.module.get_submodule(name).register_forward_hook(take_output)
    try:
        with evaluating(network.module), around():
            forward(network.module, batch)
    except (Enough, IsocortexError) as ended:
        if not isinstance(ended, Enough):
            raise
    except Exception as error:  # Networks raise what they like.
        raise refusal(network.module, tuple(batch.shape[1:]), error) from error
    finally:
        hook.remove()
    if not found:
        raise InputError(f"The layer {layer!r} of {network.name} did not run for this input.")
    return found[0]


def layer_at(network: Network, name: str, batch: torch.Tensor) -> Layer:
    """A layer as it is for inputs of this shape; what comes after it need not take them."""
    usual = network.layer(name)
    if tuple(batch.shape[1:]) == tuple(network.input_shape):
        return usual
    with torch.no_grad():
        output = output_of(network, batch[:1], usual.name)
    return dataclasses.replace(usual, shape=tuple(usual.first(output).shape[1:]))


def signal(output: torch.Tensor, layer: Layer, unit: Unit) -> torch.Tensor:
    """One number for each stimulus: a single unit, or the mean over space of a channel.

    Parameters
    ----------
    output : tensor
        Of the layer, for a batch.
    layer : Layer
    unit : int or tuple of int
        An int is a channel (or the unit of a layer without space); a tuple is a single unit,
        in the order of the layer's axes, such as (channel, row, col).

    Raises
    ------
    InputError
        If there is no such unit.
    """
    check_unit(layer, unit)
    flat = layer.first(output)
    if isinstance(unit, tuple):
        return flat[(slice(None), *unit)]
    channels = flat.movedim(1 + channel_axis(layer), 1)
    return channels[:, unit].reshape(len(flat), -1).mean(1)


def channel_axis(layer: Layer) -> int:
    """Which axis of the layer's shape an int counts along.

    Raises
    ------
    InputError
        If that is not known.
    """
    for name in ("channel", "unit", "head"):
        if name in layer.axes:
            return layer.axes.index(name)
    raise InputError(
        f"Which axis of layer {layer.name!r} counts channels is not known; its shape {layer.shape} "
        f"is ({', '.join(layer.axes)}). Choose a single unit by a tuple of as many numbers."
    )


def check_unit(layer: Layer, unit: Unit) -> None:
    """Raise InputError if the layer has no such unit."""
    if isinstance(unit, tuple):
        fits = len(unit) == len(layer.shape) and all(
            0 <= place < length for place, length in zip(unit, layer.shape, strict=True)
        )
        if not fits:
            raise InputError(
                f"Layer {layer.name!r} has no unit {unit}; its units are ({', '.join(layer.axes)}) "
                f"of shape {layer.shape}, counted from 0."
            )
        return
    n = layer.shape[channel_axis(layer)]
    if not isinstance(unit, int | np.integer) or not 0 <= unit < n:
        raise InputError(
            f"Layer {layer.name!r} has no channel {unit!r}; it has {n}, counted from 0. A single "
            f"unit is a tuple ({', '.join(layer.axes)})."
        )


def spatial_axes(layer: Layer) -> tuple[int, int] | None:
    """Which axes of the layer's shape are rows and columns; None if it has none."""
    if "row" not in layer.axes or "col" not in layer.axes:
        return None
    return layer.axes.index("row"), layer.axes.index("col")


def prepared(network: Network, image: Any) -> torch.Tensor:
    """One image as a batch of one.

    Parameters
    ----------
    network : Network
    image : path, array or Stimuli
        A file; pixels of shape (rows, columns[, 3]); or stimuli of which there is one.

    Raises
    ------
    InputError
        If there is more than one stimulus.
    """
    if isinstance(image, str | Path):
        stimuli = Stimuli([Path(image).stem], [Path(image)])
    elif isinstance(image, Stimuli):
        stimuli = image
    else:
        stimuli = Stimuli.from_arrays([image])
    needs_modality(stimuli, "image", "What looks into a network of images")
    if len(stimuli) != 1:
        raise InputError(
            f"One image is needed, but {there_are(len(stimuli), 'stimulus')}; choose one "
            "with "
            "stimuli.take([0])."
        )
    return network.as_batch(loader.prepared(stimuli, 0, network.preprocessing)[None])
