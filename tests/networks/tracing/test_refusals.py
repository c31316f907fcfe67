"""What cannot be extracted is refused in a sentence that is true, whoever is the cause."""

import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic
from isocortex.networks.hooks import listen

RAW = ic.Preprocessing()


def images(n=4):
    pixels = np.random.default_rng(0).random((n, 3, 12, 12)).astype(np.float32)
    return ic.Stimuli.from_arrays(list(pixels))


def extracted(net, layer):
    network = ic.load_network(net.eval(), preprocessing=RAW)
    store = ic.extract(network, images(), layer)
    return store[layer].numpy()


class Net(nn.Module):
    """A convolution, and then what a function makes of the network and the maps."""

    def __init__(self, then, **modules):
        super().__init__()
        self.c = nn.Conv2d(3, 4, 3)
        for name, module in modules.items():
            self.add_module(name, module)
        self.then = then

    def forward(self, x):
        return self.then(self, self.c(x))


class Raw(torch.Tensor):
    """A tensor with a class of its own."""


@pytest.mark.parametrize("n", [1, 2, 3, 4, 8])
def test_a_network_that_takes_batches_of_one_length_alone_is_told_so(n):
    net = Net(lambda net, maps: maps.view(n, 400))
    with pytest.raises(ic.InputError, match=f"runs on batches of {n} stimuli, but not of others"):
        extracted(net, "c")


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: nn.LazyConv2d(4, 3), r"'0\.weight'.*no numbers yet: its module is lazy"),
        (lambda: nn.Conv2d(3, 4, 3, device="meta"), r"'0\.weight'.*on the device 'meta'"),
    ],
)
def test_weights_that_are_not_there_are_never_drawn(make, match):
    network = ic.load_network(nn.Sequential(make()), preprocessing=RAW)
    for ask in (lambda: ic.extract(network, images(), "all"), lambda: ic.describe(network, 3)):
        with pytest.raises(ic.InputError, match=match):
            ask()


@pytest.mark.parametrize("kind", ["sparse", "mkldnn"])
def test_tensors_without_plain_rows_are_no_layers(kind, applying):
    changed = applying(getattr(torch.Tensor, f"to_{kind}"))
    net = Net(lambda net, maps: net.l(net.d(maps).to_dense()), d=changed, l=nn.ReLU())
    assert extracted(net, "l").shape == (4, 400)
    with pytest.raises(ic.InputError, match="'d' of Net is no layer: it gives no dense array"):
        extracted(net, "d")


def test_tensors_of_other_classes_are_read_as_tensors(applying):
    net = nn.Sequential(nn.Conv2d(3, 4, 3), applying(lambda maps: maps.as_subclass(Raw)))
    np.testing.assert_array_equal(extracted(net, "1"), extracted(net, "0"))


@pytest.mark.parametrize("error", [AssertionError, KeyError, StopIteration, RuntimeError])
def test_a_network_that_fails_over_the_stimuli_alone_says_so(error):
    def at_most_three(net, maps):
        if len(maps) > 3:
            raise error("too many")
        return net.l(maps)

    with pytest.raises(ic.InputError, match=f"these 4 stimuli.*{error.__name__}.*batch_size="):
        extracted(Net(at_most_three, l=nn.ReLU()), "l")


def test_an_error_of_the_caller_is_not_taken_for_one_of_the_network():
    def take(name, output):
        raise KeyError(name)

    with pytest.raises(KeyError, match="0"):
        listen(nn.Sequential(nn.ReLU()), torch.zeros(1, 2), ["0"], take)


@pytest.mark.parametrize(
    ("net", "layers", "match"),
    [
        (nn.Identity(), "all", "Identity has no layers.*put into torch.nn.Sequential"),
        (nn.Conv2d(3, 4, 3), "main", "Conv2d has no layers"),
        (nn.Sequential(nn.ReLU()), "main", "No layer of Sequential has weights.*'all'"),
    ],
)
def test_networks_without_layers_say_why(net, layers, match):
    with pytest.raises(ic.InputError, match=match):
        extracted(net, layers)


def test_a_store_in_memory_is_called_so():
    store = ic.extract(ic.load_network(nn.Sequential(nn.ReLU()), preprocessing=RAW), images(), "0")
    with pytest.raises(ic.InputError, match="'9' is not in the store in memory.*It holds: '0'"):
        store["9"]
