"""The old place of what imports torchvision, which stands in ``zoo`` now."""

from isocortex.deprecated import moved

__getattr__ = moved(__name__, "isocortex.networks.zoo.torchvision_shim")
