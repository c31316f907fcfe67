import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic


class Picky(nn.Module):
    def __init__(self, check):
        super().__init__()
        self.c = nn.Conv2d(3, 4, 3)
        self.check = check

    def forward(self, x, *more):
        self.check(x)
        return self.c(x)


def assertion(x):
    assert x.shape[-1] == 32, "Input width (12) doesn't match model (32)."


def cuda(x):
    raise RuntimeError("Expected all tensors to be on the same device, cuda:0 and cpu")


def broken(x):
    raise KeyError("pixel_values")


@pytest.mark.parametrize(
    ("check", "match"),
    [
        (assertion, r"AssertionError: Input width \(12\).*preprocessing="),
        (cuda, "RuntimeError: Expected all tensors.*to one device"),
        (broken, "KeyError: 'pixel_values'.*network's own"),
    ],
)
def test_a_network_that_cannot_run_gives_its_reason(check, match, extracted):
    with pytest.raises(
        ic.InputError, match=rf"cannot take stimuli of shape \(3, 12, 12\): {match}"
    ):
        extracted(Picky(check), "c")


def test_weights_of_several_types_and_scripts_are_told_as_such(extracted, net_of):
    mixed = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(400, 2).half()).eval()
    with pytest.raises(ic.InputError, match=r"of several types \(float16, float32\).*float\(\)"):
        extracted(mixed, "0")
    with pytest.warns(DeprecationWarning, match="script"):
        scripted = torch.jit.script(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()))
    with pytest.raises(ic.InputError, match="is a ScriptModule.*module that it was made from"):
        extracted(scripted, "0")
    outer = net_of(lambda net, maps: net.l(maps))
    outer.l = scripted
    outer.c = nn.AvgPool2d(1)
    assert extracted(outer, "c").shape == (4, 432)
    with pytest.raises(ic.InputError, match=r"'l\.0' of Net is no layer: TorchScript runs it"):
        extracted(outer, "l.0")


def test_what_reads_ids_is_told_to_make_them():
    ids = ic.Stimuli.from_arrays(np.ones((4, 1, 6), dtype=np.float32))
    reads = nn.Sequential(nn.Embedding(50, 8))
    with pytest.raises(ic.InputError, match=r"makes ids of them: self\.module\(x\.long\(\)"):
        ic.extract(ic.load_network(reads, preprocessing=np.ravel), ids, "all")
