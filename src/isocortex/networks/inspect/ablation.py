"""A network without some of its channels."""

import copy
import dataclasses
from collections.abc import Iterable

import numpy as np
import torch

from isocortex.choice import counted, listed
from isocortex.data.needs import door
from isocortex.errors import InputError
from isocortex.networks.hooks import split_call
from isocortex.networks.network import Network


@door
def ablate(network: Network, layer: str, channels: int | Iterable[int]) -> Network:
    """A copy of a network in which channels of a layer are silent: weights and bias are zero.

    Parameters
    ----------
    network : Network
        Left as it is.
    layer : str
        A layer with weights: a convolution, a fully connected or a normalization layer. Where
        a normalization follows a convolution it adds its own bias, so ablate that layer.
    channels : int or sequence of int
        Which of its outputs, counted from 0.

    Returns
    -------
    Network
        Its name says what is gone, such as ``alexnet without 2 of features.0``.

    Raises
    ------
    InputError
        If the layer has no weights, or not so many channels.

    See Also
    --------
    plots.ablation : Scores before and after.
    receptive_field, saliency : What a unit sees.
    save_weights : Keeps the ablated network.

    Examples
    --------
    >>> import isocortex as ic
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> lesioned = ic.ablate(network, "bn1", channels=[0, 3])
    >>> lesioned.name
    'cifar10_resnet20 without 2 of bn1'
    >>> store = ic.extract(lesioned, ic.textures(2, size=(32, 32)), ["bn1"], device="cpu")
    >>> maps = store["bn1"].numpy().reshape(2, 16, 32, 32)
    >>> bool((maps[:, [0, 3]] == 0).all())
    True
    """
    (name,) = network.select(layer).values()
    module_name, _ = split_call(name)
    module = copy.deepcopy(network.module)
    part = module.get_submodule(module_name)
    weight = getattr(part, "weight", None)
    if not isinstance(weight, torch.Tensor):
        raise InputError(
            f"ablate: {layer!r} of {network.name} ({type(part).__name__}) has no weights of its "
            f"own; layers that have: {listed(_with_weights(network), 8)}."
        )
    axis = 1 if isinstance(part, torch.nn.modules.conv._ConvTransposeNd) else 0
    rows = _checked(channels, weight.shape[axis], layer)
    with torch.no_grad():
        weight.index_fill_(axis, rows.to(weight.device), 0)
        bias = getattr(part, "bias", None)
        if isinstance(bias, torch.Tensor):
            bias.index_fill_(0, rows.to(bias.device), 0)
    return dataclasses.replace(
        network,
        name=f"{network.name} without {len(rows)} of {name}",
        module=module,
        weights=f"{network.weights}, {name} without channels {listed(rows.tolist(), 8)}",
        _traces=dict(network._traces),
    )


def _with_weights(network: Network) -> list[str]:
    modules = dict(network.module.named_modules())
    return [
        name
        for name in network.layers
        if isinstance(getattr(modules[split_call(name)[0]], "weight", None), torch.Tensor)
    ]


def _checked(channels: int | Iterable[int], n: int, layer: str) -> torch.Tensor:
    rows = np.atleast_1d(np.asarray(channels))
    if rows.dtype.kind not in "iu" or not len(rows):
        raise InputError(
            f"ablate: channels must be whole numbers, at least one of them, not {channels!r}."
        )
    outside = rows[(rows < 0) | (rows >= n)]
    if len(outside):
        raise InputError(
            f"ablate: {layer!r} has {counted(n, 'channel')}, counted from 0; there is no "
            f"{outside[0]}."
        )
    return torch.from_numpy(np.unique(rows).astype(np.int64))
