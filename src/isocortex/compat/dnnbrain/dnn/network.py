"""``DNN``: a network whose layers have short names, thin over :class:`isocortex.Network`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.choice import listed, suggestion
from isocortex.compat.dnnbrain.dnn.activation import Activation
from isocortex.compat.dnnbrain.dnn.extraction import extracted
from isocortex.compat.dnnbrain.dnn.mask import Mask
from isocortex.data.responses import Responses
from isocortex.data.units import unit_shape
from isocortex.errors import InputError
from isocortex.networks.inputs.preprocessing import Preprocessing
from isocortex.networks.inspect.ablation import ablate
from isocortex.networks.network import Network
from isocortex.store.atomic import whole


@dataclass(frozen=True)
class OfPil(Preprocessing):
    """A transform of PIL images; ``resize`` only says the size of what it gives."""

    transform: Any = None

    def __call__(self, pixels: np.ndarray) -> Any:
        """The network's input, of the pixels of an image."""
        from PIL import Image

        return self.transform(Image.fromarray(pixels))


class DNN:
    """A network whose layers have short names.

    For one of your own, make a subclass (or set the attributes of an instance).

    Attributes
    ----------
    model : torch.nn.Module
    layer2loc : dict from layer to the path of its module, such as ``("features", "0")``
    img_size : (height, width)
    test_transform : callable
        From the pixels of an image, or as torchvision's from a PIL image, to the network's input.
    """

    def __init__(self) -> None:
        self.model: Any = None
        self.layer2loc: Mapping[str, Any] | None = None
        self.img_size: tuple[int, int] | None = None
        self.train_transform: Any = None
        self.test_transform: Any = None
        self._weights: str | None = None

    @property
    def layers(self) -> list[str]:
        """The names of the layers that can be had."""
        trace = self.network().trace()
        there = {layer.name for layer in trace.layers}
        lost = set(trace.undefined) if self._missing else set()
        return [name for name, place in self._locations().items() if place in there - lost]

    def layer2module(self, layer: str) -> Any:
        """The module of a layer."""
        if layer not in self._locations():
            raise InputError(
                f"{type(self).__name__} has no layer {layer!r}. "
                f"{suggestion(layer, self._locations())}It has: {listed(self._locations(), 60)}."
            )
        return self.model.get_submodule(self._locations()[layer])

    def save(self, fname: Any) -> None:
        """Write the weights to a .pth file."""
        import torch

        with whole(fname) as draft:
            torch.save(self.model.state_dict(), draft)

    def eval(self) -> None:
        """Turn dropout off, and batch normalization to its running averages."""
        self.model.eval()

    def compute_activation(
        self, stimuli: Any, dmask: Mask, pool_method: str | None = None, cuda: bool = False
    ) -> Activation:
        """What layers do for stimuli, all of them in one pass.

        Parameters
        ----------
        stimuli : Stimulus, or array (n_stimuli, 3, height, width) of uint8
        dmask : Mask
        pool_method : {"max", "mean", "median", "L1", "L2"}, optional
        cuda : bool, default=False
            On a GPU, where there is one.

        Returns
        -------
        Activation
        """
        activ = Activation()
        with self.extracted(stimuli, dmask, pool_method, "auto" if cuda else "cpu") as found:
            for layer, responses in found.items():
                shape = (responses.n_stimuli, *unit_shape(responses))
                activ.set(layer, np.asarray(responses.values).reshape(shape))
        return activ

    @contextmanager
    def extracted(
        self, stimuli: Any, dmask: Mask, pool_method: str | None, device: str,
        folder: Path | None = None,
    ) -> Iterator[dict[str, Responses]]:  # fmt: skip
        """Layers by name, on disk while the context is open; for more than fits in memory."""
        modules = self._by_module(dmask)
        with extracted(self.network(), stimuli, modules, pool_method, device, folder) as found:
            yield dict(zip(dmask.layers, found.values(), strict=True))

    def get_kernel(self, layer: str, kernels: Any = None) -> np.ndarray:
        """The weights of a layer, of all kernels or of some (numbers from 1)."""
        weights = self.layer2module(layer).weight.detach().cpu().numpy()
        chosen = None if kernels is None else np.atleast_1d(kernels) - 1
        return weights if chosen is None else weights[chosen]

    def ablate(self, layer: str, channels: Any = None) -> None:
        """Silence channels (numbers from 1; all by default): their weights and their bias."""
        self.layer2module(layer)
        n = len(self.get_kernel(layer))
        chosen = np.arange(n) if channels is None else np.atleast_1d(channels) - 1
        self.model = ablate(self.network(), self._locations()[layer], chosen.tolist()).module

    def network(self) -> Network:
        """The network as the verbs of isocortex take it."""
        if self.model is None or self.layer2loc is None:
            raise InputError(f"{type(self).__name__} needs its model and layer2loc to be set.")
        transform = self.test_transform
        if transform is None:
            transform = Preprocessing(resize=self.img_size)
        elif not isinstance(transform, Preprocessing):
            transform = OfPil(resize=self.img_size, transform=transform)
        return Network(
            name=type(self).__name__,
            module=self.model,
            preprocessing=transform,
            missing=self._missing,
        )

    def __call__(self, inputs: Any) -> Any:
        """The network's output for a batch."""
        return self.model(inputs)

    _missing: tuple[str, ...] = ()

    def _locations(self) -> dict[str, str]:
        """From layer to the dotted name of its module."""
        return {
            name: place if isinstance(place, str) else ".".join(place)
            for name, place in (self.layer2loc or {}).items()
        }

    def _by_module(self, mask: Mask) -> Mask:
        """The mask under the names of modules."""
        there = self.layers
        named = Mask()
        for layer in mask.layers:
            self.layer2module(layer)
            if layer not in there:
                raise InputError(
                    f"{type(self).__name__} cannot give {layer!r}: it depends on weights that "
                    f"were not in the file ({listed(self._missing, 3)}). It can give: "
                    f"{listed(there, 30)}."
                )
            each = mask.units(layer)
            named.set(self._locations()[layer], each.channels, each.rows, each.columns)
        return named
