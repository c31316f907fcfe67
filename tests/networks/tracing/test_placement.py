import numpy as np
import pytest
from torch import nn


def time_major(net, maps):
    steps = maps.flatten(2).permute(2, 0, 1)
    n_steps, n, k = steps.shape
    return net.l(steps.reshape(n_steps * n, k)).reshape(n_steps, n, -1).mean(0)


def stimulus_major(net, maps):
    steps = maps.flatten(2).transpose(1, 2)
    n, n_steps, k = steps.shape
    return net.l(steps.reshape(n * n_steps, k)).reshape(n, n_steps, -1).mean(1)


@pytest.mark.parametrize("then", [time_major, stimulus_major])
def test_parts_of_stimuli_folded_into_one_axis_are_unfolded(then, images, extracted, net_of):
    net = net_of(then, l=nn.Linear(6, 5)).eval()
    right = net.l(net.c(images()[1]).flatten(2).transpose(1, 2)).flatten(1).detach()
    for batch_size in (None, 3, 1):
        got = extracted(net, "l", batch_size=batch_size)
        np.testing.assert_allclose(got, right, atol=1e-5)
