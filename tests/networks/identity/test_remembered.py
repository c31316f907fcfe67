"""Weights are hashed once, and again whenever they have changed."""

import pytest
import torch
from torch import nn

import isocortex as ic
from isocortex.networks.identity import remembered


def test_weights_are_hashed_once_for_each_network(small, stimuli, tmp_path, counted):
    counts = counted(remembered, "weights_identity")
    ic.extract(small, stimuli, ["conv1"], tmp_path / "s.zarr")
    ic.extract(small, stimuli, ["conv2"], tmp_path / "s.zarr")
    ic.extract(small, stimuli.take([1, 2]), ["fc"])
    assert counts["weights_identity"] == 1


def anew(network):
    """The hash that a network gets that nobody has asked yet."""
    other = ic.load_network(network.module, preprocessing=network.preprocessing)
    return other.identity()["weights"]


def replaced(module):
    module.fc.weight = nn.Parameter(module.fc.weight.detach() * 2)


def counted_by_torch(module):
    with torch.no_grad():
        module.conv1.weight[0, 0, 0, 0] += 1


def behind_its_back(module):
    module.conv2.bias.data[1] += 1


def by_numpy(module):
    module.conv2.weight.detach().numpy()[2, 1] *= -1


def swapped(module):
    """The same numbers in another order."""
    module.conv1.bias.data.copy_(module.conv1.bias.data.flip(0))


CHANGES = [replaced, counted_by_torch, behind_its_back, by_numpy, swapped]


@pytest.mark.parametrize("change", CHANGES)
def test_weights_changed_between_two_extractions_give_another_key(small, stimuli, tmp_path, change):
    before = small.identity()["weights"]
    ic.extract(small, stimuli, ["fc"], tmp_path / "s.zarr")
    change(small.module)
    assert small.identity()["weights"] != before
    assert small.identity()["weights"] == anew(small)
    with pytest.raises(ic.InputError, match="weights"):
        ic.extract(small, stimuli, ["fc"], tmp_path / "s.zarr")


def test_weights_that_come_back_have_the_hash_that_they_had(small):
    before = small.identity()["weights"]
    behind_its_back(small.module)
    assert small.identity()["weights"] != before
    small.module.conv2.bias.data[1] -= 1
    assert small.identity()["weights"] == anew(small)


def test_state_of_another_kind_is_looked_at_each_time():
    class Odd(nn.Linear):
        told = 1

        def get_extra_state(self):
            return {"told": self.told}

        def set_extra_state(self, state):
            self.told = state["told"]

    network = ic.load_network(nn.Sequential(nn.Flatten(), Odd(12, 2)))
    before = network.identity((3, 2, 2))["weights"]
    network.module[1].told = 2
    assert network.identity((3, 2, 2))["weights"] != before
