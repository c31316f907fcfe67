import sys

from isocortex.networks.zoo.torchvision_shim import torchvision


def test_torchvision_can_be_imported():
    assert torchvision().models.alexnet
    assert sys.modules["torchvision"] is torchvision()
