"""Rows belong to their stimuli, or the layer is refused by name, before anything is stored."""

import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic

RAW = ic.Preprocessing()


def test_what_has_no_row_for_each_stimulus_is_no_layer(applying, images, extracted, net_of):
    modules = {
        "table": applying(lambda x: torch.ones(9, 6) * 2),
        "labels": applying(lambda x: x.argmax(1)),
        "unused": nn.Linear(6, 4),
    }

    def then(net, maps):
        steps = maps.flatten(2).transpose(1, 2)
        net.labels(steps)
        return steps + net.table(steps)

    net = net_of(then, **modules).eval()
    assert list(ic.extract(net, images()[0], "all")) == ["c"]
    for name, reason in {
        "table": "is no layer: its output has no axis of stimuli",
        "labels": "is no layer: it gives no dense array of floating-point numbers",
        "unused": "is no layer: it did not run",
    }.items():
        with pytest.raises(ic.InputError, match=f"'{name}'.*{reason}"):
            extracted(net, name)


def test_a_module_that_is_called_once_for_each_stimulus_is_no_layer(extracted, net_of):
    def one_by_one(net, maps):
        return torch.stack([net.l(each) for each in maps.mean((2, 3))])

    with pytest.raises(ic.InputError, match="'l' of Net is no layer: its output has no axis"):
        extracted(net_of(one_by_one, l=nn.Linear(6, 4)).eval(), "l")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "wrap", [nn.DataParallel, pytest.param(torch.compile, marks=pytest.mark.slow)]
)
def test_wrapped_networks_answer_to_the_names_inside(wrap, images, extracted):
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()).eval()
    right = net[0](images()[1]).flatten(1).detach()
    wrapped = wrap(net)
    network = ic.load_network(wrapped, preprocessing=RAW)
    store = ic.extract(network, images()[0], ["0"])
    np.testing.assert_allclose(store["0"].numpy(), right, atol=1e-5)
    (own,) = network.select("0", (3, 12, 12)).values()
    assert own in ("module.0", "_orig_mod.0")
    assert extracted(wrapped, own).shape == right.shape


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_other_types_of_weights(kind, images):
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(800, 300)
    )
    net = net.eval().to(kind)
    store = ic.extract(ic.load_network(net, preprocessing=RAW), images()[0], "all")
    x = images()[1].to(kind)
    alone = torch.cat([net(each[None]) for each in x]).float().detach()
    np.testing.assert_allclose(store["4"].numpy(), alone, rtol=0.02, atol=0.02)
    assert list(store) == ["0", "1", "2", "3", "4"]
