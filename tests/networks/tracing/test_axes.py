"""Axes are what the functions of a pass make them, whatever class a module is derived from."""

import numpy as np
import pytest
from torch import nn
from torch.nn import functional

import isocortex as ic
from isocortex.networks.zoo.torchvision_shim import torchvision

MAP = ["channel", "row", "col"]


class ChannelsFirstNorm(nn.LayerNorm):
    """A norm over channels of maps: derived from a class that has its features last."""

    def forward(self, x):
        last = functional.layer_norm(x.movedim(1, -1), self.normalized_shape, self.weight)
        return last.movedim(-1, 1)


class ChannelsLastPool(nn.AvgPool2d):
    """Pools maps whose channels are last."""

    def forward(self, x):
        return super().forward(x.movedim(-1, 1)).movedim(1, -1)


class Windows(nn.Module):
    """A linear map in windows, cut from a map of 8 x 8."""

    def __init__(self, side, grid=False):
        super().__init__()
        self.conv, self.inside = nn.Conv2d(3, 5, 1), nn.Linear(5, 6)
        self.side, self.grid = side, grid

    def forward(self, x):
        maps, side = self.conv(x).permute(0, 2, 3, 1), self.side
        n, height, width, k = maps.shape
        if self.grid:
            cut = maps.view(n, side, height // side, side, width // side, k)
            cut = cut.permute(0, 2, 4, 1, 3, 5)
        else:
            cut = maps.view(n, height // side, side, width // side, side, k).transpose(2, 3)
        return self.inside(cut.reshape(-1, side, side, k)).mean((1, 2))


def stored(net, **options):
    pixels = np.random.default_rng(0).random((3, 3, 8, 8)).astype(np.float32)
    network = ic.load_network(net.eval(), preprocessing=ic.Preprocessing())
    return ic.extract(network, ic.Stimuli.from_arrays(list(pixels)), "all", **options)


def norms():
    theirs = torchvision().models.convnext.LayerNorm2d
    timm = pytest.importorskip("timm").layers
    convnext = pytest.importorskip("transformers.models.convnext.modeling_convnext")
    return [
        ChannelsFirstNorm(8),
        theirs(8),
        timm.LayerNorm2d(8),
        convnext.ConvNextLayerNorm(8, data_format="channels_first"),
    ]


def test_norms_of_channels_first_that_are_derived_from_layer_norm():
    for norm in norms():
        net = nn.Sequential(nn.Conv2d(3, 8, 1), norm, nn.ReLU())
        full, pooled = stored(net), stored(net, pooling="mean")
        for layer in ("0", "1", "2"):
            assert list(full[layer].units.columns) == MAP
            maps = full[layer].numpy().reshape(3, 8, 8, 8)
            np.testing.assert_allclose(pooled[layer].numpy(), maps.mean((2, 3)), atol=1e-5)


def test_pools_that_are_derived_and_have_channels_last():
    net = nn.Sequential(nn.Conv2d(3, 5, 1), nn.Identity(), ChannelsLastPool(2))
    net[1].forward = lambda maps: maps.permute(0, 2, 3, 1)
    assert list(stored(net)["2"].units.columns) == ["row", "col", "channel"]


@pytest.mark.parametrize("grid", [False, True])
@pytest.mark.parametrize("side", [2, 4, 8])
def test_the_channels_of_windows_are_never_taken_for_places(side, grid):
    net = Windows(side, grid)
    full, pooled = stored(net)["inside"], stored(net, pooling="mean")["inside"]
    assert list(full.units.columns)[-1] in ("channel", "unit")
    windows = full.numpy().reshape(3, 64, 6)
    np.testing.assert_allclose(pooled.numpy(), windows.mean(1), atol=1e-5)


def test_an_axis_of_one_entry_needs_no_name_to_be_pooled():
    class Token(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.act = nn.Conv2d(3, 5, 8), nn.Tanh()

        def forward(self, x):
            return self.act(self.conv(x).view(len(x), 1, 5))

    pooled = stored(Token(), pooling="mean")["act"]
    assert pooled.numpy().shape == (3, 5)
