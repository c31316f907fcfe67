"""``dnnbrain.dnn.models``: networks by their old names, each thin over ``load_network``."""

import os
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
from isocortex.networks.inspect.ablation import ablate
from isocortex.networks.load import load_network
from isocortex.networks.network import Network
from isocortex.networks.preprocessing import IMAGENET, Preprocessing
from isocortex.store.whole import whole


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
        """Turn dropout off, and batch normalisation to its running averages."""
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


class _Pretrained(DNN):
    """A network of torchvision, with the whole image squeezed to its size.

    Parameters
    ----------
    pretrained : bool, default=True
        False: random weights.
    weights : path, optional
        A file or folder of weights. Default: ``$DNNBRAIN_DATA/models/``'s file where it is
        there, else torchvision's own, downloaded if need be.
    """

    builder = ""
    file = ""
    size = (224, 224)

    def __init__(self, pretrained: bool = True, weights: Any = None):
        super().__init__()
        network = self._load(self._choose(pretrained, weights))
        self.model, self._missing = network.module, network.missing
        if hasattr(self.model, "transform_input"):
            # torchvision's weights of these two are for inputs that are transformed.
            self.model.transform_input = pretrained or weights is not None
        self.layer2loc = {name: tuple(place.split(".")) for name, place in self._names(network)}
        self.img_size = self.size
        self.test_transform = self._transform()

    def _choose(self, pretrained: bool, weights: Any) -> Any:
        if weights is not None or not pretrained:
            return weights
        local = Path(os.environ.get("DNNBRAIN_DATA", "")) / "models" / self.file
        return local if local.is_file() else "default"

    def _load(self, weights: Any) -> Network:
        return load_network(self.builder, weights, name=type(self).__name__)

    def _names(self, network: Network) -> list[tuple[str, str]]:
        return list(network.aliases.items())

    def _transform(self) -> Preprocessing:
        return IMAGENET.replace(resize=self.size, crop=None)


class AlexNet(_Pretrained):
    """AlexNet: conv1, conv1_relu, conv1_maxpool ... conv5_maxpool, fc1, fc1_relu ... fc3."""

    builder, file = "alexnet", "alexnet.pth"


class Vgg11(_Pretrained):
    """VGG-11: conv1, conv1_relu ... conv8_maxpool, fc1 ... fc3."""

    builder, file = "vgg11", "vgg11.pth"


class Vgg19_bn(_Pretrained):  # noqa: N801
    """VGG-19 with batch normalisation: conv1, conv1_bn, conv1_relu ... fc3."""

    builder, file = "vgg19_bn", "vgg19_bn.pth"


class Googlenet(_Pretrained):
    """GoogLeNet: conv1, maxpool1 ... inception5b, fc."""

    builder, file = "googlenet", "googlenet.pth"


class Resnet152(_Pretrained):
    """ResNet-152: conv, bn, relu, maxpool, layer1_bottleneck0 ... avgpool, fc."""

    builder, file = "resnet152", "resnet152.pth"

    def _names(self, network: Network) -> list[tuple[str, str]]:
        return [each for each in network.aliases.items() if "_block" not in each[0]]


class InceptionV3(_Pretrained):
    """Inception 3: conv1 ... inception11, avgpool, fc."""

    builder, file = "inception_v3", "inception_v3_google.pth"
    size = (299, 299)


class VggFace(_Pretrained):
    """VGG-Face: conv1_1, relu1_1 ... pool5, fc6, relu6, fc7, relu7, fc8."""

    file = "vgg_face_dag.pth"

    def _choose(self, pretrained: bool, weights: Any) -> Any:
        chosen = super()._choose(pretrained, weights)
        if chosen == "default":
            raise InputError(
                "The weights of VggFace cannot be downloaded by torchvision; give weights=path of "
                f"{self.file}, or put it into the folder models of $DNNBRAIN_DATA."
            )
        return chosen

    def _load(self, weights: Any) -> Network:
        from isocortex.compat.dnnbrain.dnn.vgg_face import vgg_face

        return load_network(vgg_face(), weights, name=type(self).__name__)

    def _names(self, network: Network) -> list[tuple[str, str]]:
        hidden = ("flatten", "dropout6", "dropout7")
        names = [name for name, _ in network.module.named_children()]
        return [(name, name) for name in names if name not in hidden]

    def _transform(self) -> Preprocessing:
        mean = (129.186279296875, 104.76238250732422, 93.59396362304688)
        # Those are means of pixels from 0 to 255, which are not divided by a deviation.
        scaled, unit = tuple(each / 255 for each in mean), (1 / 255,) * 3
        return Preprocessing(resize=self.size, mean=scaled, std=unit)


NETWORKS: Mapping[str, type[_Pretrained]] = {
    "AlexNet": AlexNet,
    "VggFace": VggFace,
    "Vgg11": Vgg11,
    "Vgg19_bn": Vgg19_bn,
    "Googlenet": Googlenet,
    "Resnet152": Resnet152,
    "InceptionV3": InceptionV3,
}
