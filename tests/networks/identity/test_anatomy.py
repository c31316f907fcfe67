import functools

import numpy as np
from torch import nn

from isocortex.networks.identity.anatomy import (
    is_torch,
    named,
    of_a_library,
    parts_of,
    readable,
    settings_of,
)


class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.gain = nn.Linear(2, 2), 3.0

    def forward(self, x):
        return self.gain * self.layer(x)


def scale(x, by=2, *, more=1):
    return x * by * more


def test_texts_hold_no_address_of_memory():
    assert " at 0x" in repr(scale)
    assert " at 0x" not in readable(scale)
    assert readable(1.5) == "1.5"


def test_things_are_called_by_name_and_torch_is_told_apart():
    assert named(scale) == "scale"
    assert named(Own()) == "Own"
    assert named(nn.ReLU) == "torch.ReLU"
    assert is_torch(nn.ReLU)
    assert not is_torch(Own)


def test_code_of_the_user_is_not_that_of_a_library():
    assert of_a_library(np.mean)
    assert of_a_library(functools.partial)
    assert not of_a_library(Own)


def test_a_function_consists_of_its_code_its_defaults_and_what_it_closes_over():
    held = [1, 2]

    def inner(x):
        return held, x

    assert dict(parts_of(scale, True))["defaults"] == ((2,), {"more": 1})
    assert held in [value for _, value in parts_of(inner, True)]
    partial = dict(parts_of(functools.partial(scale, by=3), True))
    assert partial == {"function": scale, "arguments": ((), {"by": 3})}


def test_settings_are_what_a_module_holds_beside_weights_and_children():
    assert settings_of(Own())["gain"] == 3.0
    assert not {"_parameters", "_modules", "training"} & set(settings_of(Own()))
