import numpy as np
import pytest
from torch import nn

import isocortex as ic


def test_second_names_of_modules(images, extracted, net_of):
    net = net_of(lambda net, maps: net.inner[0](maps), inner=nn.Sequential(nn.ReLU())).eval()
    net.other = net.inner
    net.third = nn.ModuleList([net.c])
    right = net.c(images()[1]).flatten(1).detach()
    np.testing.assert_allclose(extracted(net, "third.0"), right, atol=1e-5)
    np.testing.assert_allclose(extracted(net, "other.0"), right.relu(), atol=1e-5)
    twice = net_of(lambda net, maps: net.b(net.a(maps)), a=nn.ReLU()).eval()
    twice.b = twice.a
    with pytest.raises(ic.InputError, match=r"'b' of Net is another name of.*'a', 'a#2'"):
        extracted(twice, "b")
    assert extracted(twice, "b#2").shape == (4, 54)
