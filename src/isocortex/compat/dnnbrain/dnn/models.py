"""``dnnbrain.dnn.models``: networks by their old names, each thin over ``load_network``."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isocortex.compat.dnnbrain.dnn.network import DNN as DNN
from isocortex.errors import InputError
from isocortex.networks.inputs.preprocessing import IMAGENET, Preprocessing
from isocortex.networks.load import load_network
from isocortex.networks.network import Network


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
    """VGG-19 with batch normalization: conv1, conv1_bn, conv1_relu ... fc3."""

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
