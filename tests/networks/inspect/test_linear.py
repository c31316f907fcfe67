import pytest
import torch
from torch import nn
from torch.nn import functional

from isocortex.networks.inspect.linear import as_if_linear

MODULES = [nn.ReLU(), nn.ReLU(inplace=True), nn.LeakyReLU(), nn.GELU(), nn.Hardtanh(), nn.Sigmoid()]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_rectifiers_let_everything_pass(module):
    x = torch.linspace(-3, 3, 12).reshape(1, 3, 4)
    with as_if_linear():
        assert torch.equal(module(x.clone()), x)
    assert not torch.equal(module(x.clone()), x)


@pytest.mark.parametrize("options", [(2,), (3, 2, 1), (3, 1, 0)])
def test_a_maximum_becomes_a_mean(options):
    x = torch.randn(1, 2, 7, 8, generator=torch.Generator().manual_seed(0))
    with as_if_linear():
        found = functional.max_pool2d(x, *options)
    assert torch.equal(found, functional.avg_pool2d(x, *options))


def test_outside_it_a_network_is_itself(plain):
    x = torch.randn(2, 3, 40, 48, generator=torch.Generator().manual_seed(0))
    before = plain.module(x)
    with as_if_linear():
        half, whole = plain.module(x), plain.module(2 * x)
        zero = plain.module(0 * x)
    torch.testing.assert_close(whole - zero, 2 * (half - zero), rtol=1e-4, atol=1e-5)
    assert torch.equal(plain.module(x), before)
