import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import isocortex as ic
from isocortex.networks.inspect.saliency import SALIENCY_METHODS


def test_gradient_equals_finite_differences(plain, image, plain_module):
    ours = ic.saliency(plain, image, "b", (2, 3, 3)).values
    x = image.astype(np.float64).transpose(2, 0, 1)
    twin = plain_module().double().eval()
    twin.load_state_dict(plain.module.state_dict())

    def unit(pixels):
        with torch.no_grad():
            a = functional.max_pool2d(torch.relu(twin.a(torch.from_numpy(pixels)[None])), 2)
            return float(twin.b(a)[0, 2, 3, 3])

    for place in zip(*np.nonzero(ours), strict=True):
        step = np.zeros_like(x)
        step[place] = 1e-6
        slope = (unit(x + step) - unit(x - step)) / 2e-6
        assert ours[place] == pytest.approx(slope, rel=1e-3, abs=1e-5)
        if place[1] > 12:
            break


def test_the_network_is_left_as_it_was(plain, image):
    state = {k: v.clone() for k, v in plain.module.state_dict().items()}
    torch.manual_seed(5)
    before = torch.get_rng_state()
    for method in SALIENCY_METHODS:
        ic.saliency(plain, image, "b", 0, method)
    ic.optimal_stimulus(plain, "b", 0, steps=2)
    assert torch.equal(torch.get_rng_state(), before)
    assert plain.module.relu.inplace
    assert all(p.grad is None for p in plain.module.parameters())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in plain.module.modules())
    for name, value in plain.module.state_dict().items():
        assert torch.equal(value, state[name])


def test_an_image_may_be_a_file_or_stimuli(plain, image, tmp_path):
    from PIL import Image

    pixels = (image * 255).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "x.png")
    by_array = ic.saliency(plain, pixels, "b", 0)
    by_file = ic.saliency(plain, tmp_path / "x.png", "b", 0)
    np.testing.assert_array_equal(by_array.values, by_file.values)
    expected = plain.activations(by_array.image[None], "b")["b"][0, 0].mean()
    assert by_array.activation == pytest.approx(float(expected), rel=1e-5)


class Course(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 6, 7, padding=3)
        self.pool = nn.MaxPool2d(8)
        self.out = nn.Linear(288, 1)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv(x.unsqueeze(1))))
        return torch.sigmoid(self.out(x.view(-1, 288)))


def test_every_verb_takes_a_module_without_an_axis_of_channels(tmp_path):
    network = ic.load_network(Course(), preprocessing=lambda pixels: pixels)
    stimuli = ic.gratings(np.linspace(-80, 80, 10))
    ic.train(network, stimuli, stimuli.table["orientation"] > 0, epochs=1)
    assert network.layers == ("conv", "pool", "out")
    store = ic.extract(network, stimuli, layers=["pool"], into=tmp_path / "a.zarr")
    assert store["pool"].n_units == 288
    assert ic.receptive_field(network, "pool").size == (14, 14)
    assert ic.receptive_field(network, "pool", "gradient").size == (14, 14)
    assert ic.saliency(network, stimuli.read(0), "conv", 1).map.shape == (48, 64)
    assert ic.optimal_stimulus(network, "conv", 1, steps=2).image.shape == (48, 64)
    assert ic.ablate(network, "conv", 1).layers == network.layers


def test_results_are_short_in_words(plain, image):
    for each in (
        ic.saliency(plain, image, "b", 0),
        ic.optimal_stimulus(plain, "b", 0, steps=1),
        ic.receptive_field(plain, "b", "gradient"),
    ):
        assert len(repr(each)) < 300
        assert "array" not in repr(each)
