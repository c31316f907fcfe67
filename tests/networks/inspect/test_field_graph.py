import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic
from isocortex.networks.inspect.receptive_field import RECEPTIVE_FIELDS


def changed_pixels(network, layer, places):
    """Brute force: which pixels change a unit of the network made positive and linear."""
    module = network.module
    x = torch.ones(1, *network.input_shape, requires_grad=True)
    hooked = []
    hook = module.get_submodule(layer).register_forward_hook(lambda m, i, o: hooked.append(o))
    module(x)
    hook.remove()
    (slope,) = torch.autograd.grad(hooked[0][0, :, *places].sum(), x)
    rows, columns = np.nonzero(slope[0].abs().sum(0).numpy())
    return rows.min(), rows.max(), columns.min(), columns.max()


def test_arithmetic_equals_brute_force_on_a_plain_network(plain):
    a = ic.receptive_field(plain, "a")
    assert (a.size, a.stride, a.centre) == ((3, 5), (1, 2), (0, 0))
    assert changed_pixels(plain, "a", (10, 10)) == (9, 11, 18, 22)
    # By hand: the pool of 2 doubles strides; dilation 2 of width 3 spans 5; the pool 3 steps.
    b = ic.receptive_field(plain, "b")
    assert b.stride == (2, 4)
    assert b.size == (3 + 1 + 4 * 2, 5 + 2 + 4 * 4)
    pool = ic.receptive_field(plain, "pool")
    assert pool.stride == (4, 8)
    assert pool.size == (b.size[0] + 2 * 2, b.size[1] + 2 * 4)
    assert pool.centre == (b.centre[0], b.centre[1])


def test_paths_that_meet(branching):
    field = ic.receptive_field(branching, "join")
    # 5 wide at stride 2 in the stem (3 wide), then 3 at stride 4.
    assert field.stride == (4, 4)
    assert field.size == (3 + 4 * 2 + 2 * 2, 3 + 4 * 2 + 2 * 2)
    assert ic.receptive_field(branching, "join", "gradient").size == field.size
    assert ic.receptive_field(branching, "shortcut").size == (11, 11)
    assert ic.receptive_field(branching, "narrow").size == (3, 3)


def test_fields_of_other_networks():
    # By hand: 7, 11, then + 2 strides for each convolution: 43, 99, 211, 435.
    resnet = ic.load_network("resnet18", weights=None)
    assert ic.receptive_field(resnet, "layer4").size == (435, 435)
    assert ic.receptive_field(resnet, "fc").whole
    squeezenet = ic.load_network("squeezenet1_1", weights=None)
    # By hand: 3, 7 (pool 3 at stride 2), fire modules 15, 23, pool 31.
    assert ic.receptive_field(squeezenet, "features.5").size == (31, 31)


class Rearranged(nn.Module):
    """Channels last and back, channels apart and together, and a gate over all of space."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.apart = nn.Identity()
        self.last = nn.LayerNorm(4)
        self.back = nn.Identity()
        self.gate = nn.Identity()

    def forward(self, x):
        x = self.conv(torch.cat([x[:, 0].unsqueeze(1) * 2, x[:, 1:]], 1))
        x = self.apart(x - x.mean(1, keepdim=True))
        gated = self.gate(x * torch.sigmoid(x.mean((2, 3), keepdim=True)))
        return self.back(self.last(gated.permute(0, 2, 3, 1)).permute(0, 3, 1, 2))


def test_axes_that_are_rearranged(shape):
    network = ic.load_network(Rearranged(), preprocessing=shape)
    assert ic.receptive_field(network, "apart").size == (3, 3)
    assert ic.receptive_field(network, "gate").whole
    with pytest.raises(ic.UndefinedError, match="'Permute' does to positions is not known"):
        ic.receptive_field(network, "back")


def test_fields_of_the_orientation_network():
    network = ic.load_network("orientation_cnn")
    assert ic.receptive_field(network, "conv").size == (7, 7)
    pool = ic.receptive_field(network, "pool")
    assert (pool.size, pool.stride, pool.centre) == ((14, 14), (8, 8), (3.5, 3.5))
    assert ic.receptive_field(network, "pool", "gradient").size == (14, 14)
    assert ic.receptive_field(network, "fc").whole


def test_operations_that_are_not_known(shape):
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.up = nn.ConvTranspose2d(3, 2, 3, stride=2)
            self.flip = nn.Identity()

        def forward(self, x):
            return self.flip(torch.flip(self.up(x), (2,)))

    network = ic.load_network(Odd(), preprocessing=shape)
    with pytest.raises(ic.UndefinedError, match="transposed convolutions"):
        ic.receptive_field(network, "up")
    with pytest.raises(ic.UndefinedError, match="'Flip' does to positions is not known"):
        ic.receptive_field(network, "flip")
    assert set(RECEPTIVE_FIELDS) == {"theoretical", "gradient", "effective", "occlusion"}
