import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic

RAW = ic.Preprocessing()


class Applying(nn.Module):
    """Gives what a function makes of its input."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


@pytest.fixture
def applying():
    return Applying


class Net(nn.Module):
    """A convolution to 9 places of 6 channels, and then what a function makes of it."""

    def __init__(self, then, **modules):
        super().__init__()
        torch.manual_seed(0)
        self.c = nn.Conv2d(3, 6, 4, 4)
        for name, module in modules.items():
            self.add_module(name, module)
        self.then = then

    def forward(self, x):
        return self.then(self, self.c(x))


def pixels_of(n=4, shape=(3, 12, 12)):
    pixels = np.random.default_rng(0).random((n, *shape)).astype(np.float32)
    return ic.Stimuli.from_arrays(list(pixels)), torch.from_numpy(pixels)


def extracted(net, layer, n=4, shape=(3, 12, 12), **options):
    network = ic.load_network(net, preprocessing=RAW)
    return ic.extract(network, pixels_of(n, shape)[0], [layer], **options)[layer].numpy()


@pytest.fixture
def net_of():
    return Net


@pytest.fixture
def images():
    return pixels_of


@pytest.fixture(name="extracted")
def extracted_layer():
    return extracted
