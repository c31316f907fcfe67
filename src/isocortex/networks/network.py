"""The noun Network: layers by name, and what they do to a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from isocortex.choice import counted, listed, without_folders
from isocortex.data.modalities.known import MODALITIES
from isocortex.data.needs import door
from isocortex.display.shown import shown
from isocortex.errors import InputError
from isocortex.networks.aliases import aliases_of
from isocortex.networks.cards import of_network
from isocortex.networks.hooks import listen
from isocortex.networks.identity.hashes import (
    architecture_identity,
    digest,
    function_identity,
)
from isocortex.networks.identity.remembered import WeightsHash
from isocortex.networks.inputs.preprocessing import Transform
from isocortex.networks.layers import Others, Wanted, main_layers, select
from isocortex.networks.tracing.trace import Layer, Trace, trace
from isocortex.networks.tracing.usual_input import guessed_input
from isocortex.types import Values

if TYPE_CHECKING:
    from torch.nn import Module


def needs_images(network: "Network", who: str) -> None:
    """Refuse networks that take anything else than images.

    Raises
    ------
    InputError
        With what the network takes.
    """
    if network.modality != "image":
        raise InputError(
            f"{who} looks at networks of images; {network.name} takes "
            f"{MODALITIES[network.modality].plural}."
        )


def _is_all(layers: Wanted) -> bool:
    return layers in ("main", "all") or layers in (["main"], ["all"])


NetworkLike: TypeAlias = "str | Path | Network | Module"
"""A network, a module of torch, or a name or folder that load_network knows."""

AS_IN_THE_MODULE = "as in the module"


@door
@shown(of_network)
@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """A network whose layers can be asked what they do; made by :func:`load_network`.

    Parameters
    ----------
    name : str
        The label ``network`` of all that comes from it.
    module : torch.nn.Module
        What computes; its submodules are the layers.
    preprocessing : function from pixels to an array (channels, height, width)
        See :class:`Preprocessing`.
    missing : sequence of str
        Parameters that have no values; the layers that depend on them are not listed.
    weights : str
        Where the weights are from, in words.
    restricted : str or sequence of str, optional
        The layers that count, if not all.
    modality : str, default="image"
        Of the stimuli that it takes, as of :class:`Stimuli`: image, text, audio or video.

    See Also
    --------
    load_network : Makes one.
    extract : What its layers do for many stimuli.
    ablate, train : Change it.

    Examples
    --------
    >>> import isocortex as ic
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> network.input_shape, network.layers[-1]
    ((3, 32, 32), 'linear')
    >>> pixels = ic.textures(2, size=(32, 32)).read(0)
    >>> batch = network.preprocessing(pixels)[None]
    >>> network.activations(batch, ["linear"])["linear"].shape
    (1, 10)
    """

    name: str
    module: Any
    preprocessing: Transform
    missing: tuple[str, ...] = ()
    weights: str = AS_IN_THE_MODULE
    restricted: Wanted | None = None
    modality: str = "image"
    _traces: dict[tuple[int, ...], Trace] = field(default_factory=dict)
    _weights: WeightsHash = field(default_factory=WeightsHash)

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the layers, in the order of execution.

        A module that is called again in one pass is a further layer, ``relu#2``. Containers
        that only hand on the output of a child, and dropout, are not listed (but can be asked
        for by name), nor is what depends on missing weights.
        """
        if self.restricted is not None:
            return tuple(self.select(self.restricted))
        return tuple(layer.name for layer in self.trace().layers if self._shown(layer))

    @property
    def aliases(self) -> Mapping[str, str]:
        """The classic names of layers, as far as they are known, with the modules' names."""
        return aliases_of(self.module)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(channels, height, width) of one preprocessed stimulus."""
        return self.trace().input_shape

    @property
    def takes(self) -> str:
        """What one stimulus is to it, in words: ``3 x 224 x 224``."""
        return " x ".join(map(str, self.input_shape))

    def probe(self, n: int) -> Any:
        """A batch of ``n`` stimuli of the usual size, to see how long a pass takes."""
        return self.as_batch(np.zeros((n, *self.input_shape), np.float32))

    def trace(self, input_shape: Sequence[int] | None = None) -> Trace:
        """What one forward pass showed, for inputs of this shape (default: the usual one)."""
        key = tuple(input_shape) if input_shape is not None else ()
        if key not in self._traces:
            shape = key or self._usual_shape()
            self._traces[key] = self._traces[shape] = trace(self.module, shape)
        return self._traces[key]

    def _usual_shape(self) -> tuple[int, ...]:
        own = getattr(self.preprocessing, "input_shape", None)
        seen = next((shape for shape in self._traces if shape), None)
        return tuple(own) if own else seen or guessed_input(self.module)

    def _shown(self, layer: Layer) -> bool:
        return layer.listed and not (self.missing and layer.name in self._undefined())

    def _undefined(self) -> set[str]:
        return set(self.trace().undefined) if self.missing else set()

    def select(
        self, layers: Wanted = "main", input_shape: Sequence[int] | None = None
    ) -> dict[str, str]:
        """The layers meant by names, aliases, patterns, ``"all"`` or ``"main"``.

        Returns
        -------
        names : dict from the name as it was asked for to the layer's own name
            In the order of execution.

        Raises
        ------
        InputError
            If there is no such layer (the nearest name is suggested), or it depends on
            weights that are missing.
        """
        seen = self.trace(input_shape)
        found, others = seen.layers, Others(seen.no_layers, seen.second_names)
        undefined = self._undefined()
        defined = [layer for layer in found if layer.name not in undefined]
        if self.restricted is not None and _is_all(layers):
            layers = self.restricted
        try:
            return select(layers, defined, self.aliases, self._main(defined), self.name, others)
        except InputError:
            lost = self._lost(layers, found, undefined)
            if not lost:
                raise
        given = [layer.name for layer in defined if layer.listed]
        raise InputError(
            f"{self.name} cannot give {listed(lost)}: it depends on weights that are not in "
            f"{self.weights} ({listed(self.missing, 3)}). The last layer that it can give is "
            f"{given[-1] if given else None!r}."
        )

    def _main(self, layers: Sequence[Layer]) -> list[str]:
        """What ``"main"`` stands for."""
        return main_layers(layers)

    def _lost(self, layers: Wanted, found: Sequence[Layer], undefined: set[str]) -> list[str]:
        """What was asked for and exists, but depends on missing weights."""
        if not undefined:
            return []
        try:
            every = select(layers, found, self.aliases, self._main(found), self.name)
        except InputError:
            return []
        return [asked for asked, name in every.items() if name in undefined]

    def layer(self, name: str, input_shape: Sequence[int] | None = None) -> Layer:
        """One layer, by its own name or an alias."""
        (module,) = self.select(name, input_shape).values()
        return next(each for each in self.trace(input_shape).layers if each.name == module)

    def activations(self, batch: Values, layers: Wanted = "main") -> dict[str, np.ndarray]:
        """What layers do for a batch of preprocessed stimuli, in one forward pass.

        Parameters
        ----------
        batch : array, shape (n_stimuli, channels, height, width)
            numpy or torch, as ``preprocessing`` gives it.
        layers : str or sequence of str, default="main"

        Returns
        -------
        activations : dict from layer name to array of shape (n_stimuli, …)
            Copies, taken before a later in-place operation.
        """
        import torch

        # A copy, since a first layer may work in place.
        copy = self.as_batch(batch.clone() if torch.is_tensor(batch) else np.array(batch))
        named = self.select(layers, tuple(copy.shape[1:]))
        taken: dict[str, np.ndarray] = {}

        def take(layer: str, output: Any) -> None:
            taken[layer] = output.detach().to("cpu", copy=True).numpy()

        with torch.inference_mode():
            listen(self.module, copy, list(dict.fromkeys(named.values())), take)
        return {asked: taken[layer] for asked, layer in named.items()}

    def as_batch(self, batch: Values) -> Any:
        """A tensor of the type, and on the device, of the network's weights."""
        import torch

        # A frozen array is copied: PyTorch has no tensors that may not be written to.
        given = batch if torch.is_tensor(batch) else np.require(batch, requirements="W")
        batch = torch.as_tensor(given)
        some = next((p for p in self.module.parameters() if p.is_floating_point()), None)
        return batch if some is None else batch.to(some.device, some.dtype)

    def identity(self, input_shape: Sequence[int] | None = None) -> dict[str, str]:
        """Hashes of what decides the activations: weights, architecture, preprocessing.

        Weights are hashed once, and again when they are found changed, in place or not.
        """
        return {
            "weights": digest([self._weights.of(self.module), *self.missing]),
            "architecture": architecture_identity(self.module, self.trace(input_shape).changing),
            "preprocessing": digest([function_identity(self.preprocessing)]),
        }

    def __repr__(self) -> str:
        # Layers are known only after a pass, which a mere look must not cost (or fail in).
        n_modules = sum(1 for _ in self.module.modules())
        weights = without_folders(self.weights)
        return f"Network({self.name!r}, {counted(n_modules, 'module')}, weights: {weights})"
