import pytest
import torch
from torch.nn import functional

from isocortex.networks.tracing.provenance import Following, Known

MAP = ("stimulus", "channel", "row", "col")
FUNCTIONS = {
    "a rectifier": (torch.relu, MAP),
    "a sum": (lambda x: x + x, MAP),
    "channels last": (lambda x: x.permute(0, 2, 3, 1), ("stimulus", "row", "col", "channel")),
    "a transpose": (lambda x: x.transpose(1, 3), ("stimulus", "col", "row", "channel")),
    "a mean over space": (lambda x: x.mean((2, 3)), ("stimulus", "channel")),
    "a mean that is kept": (
        lambda x: x.mean((2, 3), keepdim=True),
        ("stimulus", "channel", None, None),
    ),
    "one channel": (lambda x: x[:, 0], ("stimulus", "row", "col")),
    "a pool": (lambda x: functional.max_pool2d(x, 2), MAP),
    "channels together": (lambda x: torch.cat([x, x], 1), MAP),
}


def labelled(function):
    known, x = Known(), torch.rand(4, 3, 6, 8)
    known.note(x, MAP)
    with Following(known):
        result = function(x)
    return known.of(result)


@pytest.mark.parametrize("case", FUNCTIONS)
def test_labels_follow_the_axes(case):
    function, expected = FUNCTIONS[case]
    assert labelled(function) == expected


def test_labels_live_as_long_as_their_tensor_and_fit_it():
    known, x = Known(), torch.rand(2, 3)
    assert known.of(x) is None
    known.note(x, ("stimulus", "unit"))
    assert known.of(x) == ("stimulus", "unit")
    x.unsqueeze_(0)
    assert known.of(x) is None
    known.note(x, None)
    assert known.of(x) is None


def test_of_what_is_called_in_an_unusual_way_nothing_is_known():
    assert labelled(lambda x: torch.special.logit(x.sort(1)[0].cumsum(0).histc())) is None
