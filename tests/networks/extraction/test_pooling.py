import numpy as np
import pytest
from torch import nn

import isocortex as ic


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_pooling_over_space(small, stimuli, plain, pooling):
    pooled = ic.extract(small, stimuli, ["conv1", "fc"], pooling=pooling)
    maps = plain(small, stimuli, range(9))["conv1"].reshape(9, 4, 144)
    expected = maps.mean(2) if pooling == "mean" else maps.max(2)
    np.testing.assert_allclose(pooled["conv1"].values[:9], expected, rtol=1e-5, atol=1e-6)
    assert list(pooled["conv1"].units) == ["channel"]
    assert pooled["fc"].n_units == 5


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Conv2d(3, 8, 7, 7)
        self.norm = nn.LayerNorm(8)

    def forward(self, x):
        return self.norm(self.embed(x).flatten(2).transpose(1, 2))


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("mean", lambda t: t.mean(1)),
        ("max", lambda t: t.max(1)),
        ("first", lambda t: t[:, 0]),
        ("last", lambda t: t[:, -1]),
    ],
)
def test_pooling_over_tokens(small, stimuli, pooling, expected):
    network = ic.load_network(Tokens(), preprocessing=small.preprocessing)
    whole = ic.extract(network, stimuli, ["norm"])["norm"]
    assert list(whole.units) == ["token", "unit"]
    pooled = ic.extract(network, stimuli, ["norm"], pooling=pooling)["norm"]
    tokens = whole.numpy().reshape(10, 4, 8)
    np.testing.assert_allclose(pooled.numpy(), expected(tokens), rtol=1e-5, atol=1e-6)
    assert list(pooled.units) == ["unit"]


def test_bad_pooling(small, stimuli):
    with pytest.raises(ic.InputError, match="pooling='first' is for sequences.*'conv1' gives maps"):
        ic.extract(small, stimuli, ["conv1"], pooling="first")
    with pytest.raises(ic.InputError, match="pooling='median' is not known"):
        ic.extract(small, stimuli, ["conv1"], pooling="median")
