"""What a network consists of, and what extracting it would cost."""

import math
from dataclasses import dataclass

import pandas as pd

from isocortex.choice import counted, without_folders
from isocortex.data.layer_names import in_order
from isocortex.data.needs import door
from isocortex.display.shown import shown
from isocortex.memory import gigabytes
from isocortex.networks.cards import of_description
from isocortex.networks.extraction.plan import batch_size_for, bytes_per_stimulus, dtype_of, planned
from isocortex.networks.extraction.pooling import pooling_of
from isocortex.networks.extraction.timed import seconds_for_one
from isocortex.networks.layers import Wanted
from isocortex.networks.load import load_network
from isocortex.networks.network import Network, NetworkLike


@door
@shown(of_description)
@dataclass(frozen=True, eq=False)
class Description:
    """Layers of a network and the price of an extraction; ``str()`` gives it in words.

    Attributes
    ----------
    network : str
        Its name.
    weights : str
        Where the weights are from, in words.
    input_shape : tuple of int
        Of one stimulus; of text the number of tokens that can be read at once.
    takes : str
        The same in words.
    preprocessing : str
        What is done to a stimulus before the network sees it.
    n_stimuli : int
        For how many the sizes, passes and seconds are.
    layers : DataFrame
        One row for each layer, in the order of execution: ``layer`` (as it was asked for),
        ``alias`` (the classic name; the module's own where the classic one was asked for),
        ``module``, ``output`` (such as 64 x 55 x 55), ``n_units``, ``gigabytes``.
    gigabytes : float
        On disk, for all these layers.
    passes : int
        Forward passes (batches); every layer comes from the same ones.
    seconds : float
        A rough time for the passes on this machine's processor, without reading images.

    See Also
    --------
    describe : Returns it.
    extract : What it tells the price of.

    Examples
    --------
    >>> import isocortex as ic
    >>> found = ic.describe("cifar10_resnet20", n_stimuli=100)
    >>> found.input_shape, found.n_stimuli
    ((3, 32, 32), 100)
    >>> found.layers["layer"].head(3).tolist()
    ['conv1', 'bn1', 'layer1.0.conv1']
    """

    network: str
    weights: str
    input_shape: tuple[int, ...]
    takes: str
    preprocessing: str
    n_stimuli: int
    layers: pd.DataFrame
    gigabytes: float
    passes: int
    seconds: float

    def __repr__(self) -> str:
        return (
            f"Description({self.network!r}, {counted(len(self.layers), 'layer')}, "
            f"{counted(self.n_stimuli, 'stimulus')}: {gigabytes(self.gigabytes * 1e9)})"
        )

    def __str__(self) -> str:
        size = gigabytes(self.gigabytes * 1e9)
        return (
            f"{self.network}: {counted(len(self.layers), 'layer')}, "
            f"weights: {without_folders(self.weights)}\n"
            f"input {self.takes}, {self.preprocessing}\n"
            f"{self.layers.drop(columns='gigabytes').to_string(index=False)}\n"
            f"{counted(self.n_stimuli, 'stimulus')}: {size} for all these layers, "
            f"{counted(self.passes, 'forward pass')} of a batch, "
            f"about {self.seconds:.0f} s on this processor."
        )


@door
def describe(
    network: NetworkLike,
    n_stimuli: int = 1000,
    *,
    layers: Wanted = "all",
    pooling: str | None = None,
    dtype: str = "float32",
) -> Description:
    """List a network's layers with output shapes and sizes, and what extracting them costs.

    Parameters
    ----------
    network : Network, torch.nn.Module or str
        From :func:`load_network`, or what it takes. A mere name is described with random
        weights, so that nothing is downloaded.
    n_stimuli : int, default=1000
        For how many stimuli sizes, passes and seconds are told.
    layers : str or sequence of str, default="all"
        Which ones, as for :func:`extract`.
    pooling : {"mean", "max", "first", "last"}, optional
        Over the positions of a layer, as for :func:`extract`; it makes the sizes smaller.
    dtype : {"float32", "float16"}, default="float32"
        What would be stored.

    Returns
    -------
    Description

    Raises
    ------
    InputError
        If the network or a layer is unknown.

    See Also
    --------
    extract : Does what is described here.
    load_network : The network itself.
    receptive_field : What the units of a layer see.

    Examples
    --------
    >>> import isocortex as ic
    >>> found = ic.describe("cifar10_resnet20", n_stimuli=100)
    >>> found.layers[["layer", "output", "n_units"]].head(2)
       layer        output  n_units
    0  conv1  16 x 32 x 32    16384
    1    bn1  16 x 32 x 32    16384
    """
    if isinstance(network, str):
        network = load_network(network, weights=None)
    elif not isinstance(network, Network):
        network = load_network(network)
    kind = dtype_of(dtype)
    trace = network.trace()
    plan = planned(network, network.select(layers), trace.input_shape, pooling_of(pooling))
    classic = {name: alias for alias, name in reversed(list(network.aliases.items()))}
    other = {each.asked: classic.get(each.layer.name, "") for each in plan}
    other |= {each.asked: each.layer.name for each in plan if each.asked != each.layer.name}
    table = pd.DataFrame(
        {
            "layer": [each.asked for each in plan],
            "alias": [other[each.asked] for each in plan],
            "module": [each.layer.module for each in plan],
            "output": [" x ".join(map(str, each.shape)) for each in plan],
            "n_units": [each.n_units for each in plan],
            "gigabytes": [each.n_units * kind.itemsize * n_stimuli / 1e9 for each in plan],
        }
    )
    batch = batch_size_for(bytes_per_stimulus(plan, trace.layers), n_stimuli, None)
    return Description(
        network=network.name,
        weights=network.weights,
        input_shape=network.input_shape,
        takes=network.takes,
        preprocessing=repr(network.preprocessing),
        n_stimuli=n_stimuli,
        layers=in_order(table),
        gigabytes=sum(each.n_units for each in plan) * kind.itemsize * n_stimuli / 1e9,
        passes=math.ceil(n_stimuli / batch),
        seconds=seconds_for_one(network) * n_stimuli,
    )
