import pytest
import torch
from torch import nn

from isocortex.networks.load import load_network


class Small(nn.Module):
    """Dropout and a batch norm, so that modes and random numbers matter."""

    def __init__(self, n_outputs=1, end=None):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 5, stride=3)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.3)
        self.out = nn.LazyLinear(n_outputs)
        self.end = end or nn.Identity()
        self(torch.zeros(2, 1, 48, 64))
        self.norm.reset_running_stats()

    def forward(self, x):
        return self.end(self.out(self.drop(torch.relu(self.norm(self.conv(x)))).flatten(1)))


@pytest.fixture
def untrained():
    return small


def small(n_outputs=1, end=None, seed=3):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return load_network(Small(n_outputs, end), preprocessing=lambda x: x[None])
