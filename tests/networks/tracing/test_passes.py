import numpy as np
import pytest
from torch import nn


@pytest.mark.parametrize("n", [1, 3, 4])
def test_a_stimulus_alone_that_is_squeezed_away_is_shown_twice(n, images, extracted, net_of):
    net = net_of(lambda net, maps: net.l(maps.mean((2, 3)).squeeze()), l=nn.Linear(6, 4)).eval()
    right = net.l(net.c(images(n)[1]).mean((2, 3))).detach()
    np.testing.assert_allclose(extracted(net, "l", n, batch_size=3), right, atol=1e-5)
