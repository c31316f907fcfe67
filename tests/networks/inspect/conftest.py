import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import isocortex as ic


class Plain(nn.Module):
    """In-place rectifiers, dilation, unequal strides, functional pooling."""

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 4, (3, 5), stride=(1, 2), padding=(1, 2))
        self.relu = nn.ReLU(inplace=True)
        self.b = nn.Conv2d(4, 6, 3, dilation=2)
        self.norm = nn.BatchNorm2d(6)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.head = nn.Linear(6, 2)

    def forward(self, x):
        x = self.relu(self.a(x))
        x = functional.max_pool2d(x, 2)
        x = self.pool(self.norm(self.b(x)))
        return self.head(x.mean((2, 3)))


class Branching(nn.Module):
    """Two paths of different width that meet, and a shortcut."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride=2)
        self.narrow = nn.Conv2d(4, 4, 1)
        self.wide = nn.Conv2d(4, 4, 5, padding=2)
        self.down = nn.Conv2d(8, 8, 3, stride=2, padding=1)
        self.shortcut = nn.Conv2d(8, 8, 1, stride=2)
        self.join = nn.Identity()

    def forward(self, x):
        x = self.stem(x)
        x = torch.cat([self.narrow(x), self.wide(x)], 1) + torch.cat([x, x], 1)
        return self.join(functional.relu(self.down(x) + self.shortcut(x)))


SHAPE = ic.Preprocessing(resize=(40, 48), mean=(0.0,) * 3, std=(1.0,) * 3)


@pytest.fixture(scope="module")
def plain():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return ic.load_network(Plain().eval(), preprocessing=SHAPE, name="plain")


@pytest.fixture(scope="module")
def branching():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return ic.load_network(Branching(), preprocessing=SHAPE, name="branching")


@pytest.fixture(scope="module")
def alexnet(shared):
    folder = shared / "weights" / "alexnet_features"
    if not folder.is_dir():
        pytest.skip("no AlexNet weights beside the project")
    return ic.load_network("alexnet", weights=folder)


@pytest.fixture
def image(rng):
    return rng.uniform(size=(40, 48, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def plain_module():
    return Plain


@pytest.fixture(scope="module")
def shape():
    return SHAPE
