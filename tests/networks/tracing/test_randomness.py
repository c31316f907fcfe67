import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import isocortex as ic

RAW = ic.Preprocessing()


RANDOM = {
    "dropout": lambda x: functional.dropout(x, 0.3),
    "rare dropout": lambda x: functional.dropout(x, 0.02),
    "numpy": lambda x: x * float(np.random.rand()),  # noqa: NPY002
    "python": lambda x: x + random.random(),
    "own generator": None,
}


@pytest.mark.parametrize("how", RANDOM)
def test_random_passes_are_refused(how, extracted, net_of):
    own = torch.Generator().manual_seed(0)
    noise = RANDOM[how] or (lambda x: x + torch.rand(x.shape, generator=own))
    net = net_of(lambda net, maps: net.l(noise(maps.mean((2, 3)))), l=nn.Linear(6, 40)).eval()
    with pytest.raises(ic.InputError, match="cannot give 'l': it (is random|remembers)"):
        extracted(net, "l")
    assert extracted(net, "c").shape == (4, 54)


def test_tracing_draws_nothing_from_the_random_numbers_of_the_caller(net_of):
    net = net_of(lambda net, maps: functional.dropout(maps, 0.5)).eval()
    states = [torch.get_rng_state, np.random.get_state, random.getstate]
    before = [repr(state()) for state in states]
    ic.load_network(net, preprocessing=RAW).trace((3, 12, 12))
    assert before == [repr(state()) for state in states]
