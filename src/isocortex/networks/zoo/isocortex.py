"""Networks that no library has."""

from isocortex.errors import NotFoundError
from isocortex.networks.zoo.source import Built, Source

UNTRAINED = (
    "orientation_cnn",
    "orientation_fc",
    "orientation_conv_fc",
    "orientation_conv_pool_fc",
)
"""Networks to be trained by the user: their own weights are those they start with."""


def _names() -> list[str]:
    return ["cifar10_resnet20", *UNTRAINED]


def _build(name: str, pretrained: bool) -> Built:
    if name in UNTRAINED:
        from isocortex.networks.zoo.orientation_cnn import GREY, ORIENTATION_NETWORKS

        return Built(ORIENTATION_NETWORKS[name](), GREY)
    from isocortex.networks.zoo.cifar import CIFAR_PREPROCESSING, cifar10_resnet20

    if pretrained:
        raise NotFoundError(
            f"{name!r} has no weights that could be downloaded. Give weights= the path of a "
            "file or folder that holds them, or weights=None for random ones."
        )
    return Built(cifar10_resnet20(), CIFAR_PREPROCESSING)


OWN = Source("isocortex", _names, _build)
