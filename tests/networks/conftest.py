from collections import Counter
from contextlib import suppress

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import isocortex as ic


class Small(nn.Module):
    """Convolution, in-place ReLU, pool, convolution, head; counts its forward passes."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3)
        self.relu1 = nn.ReLU(inplace=True)
        self.pool = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(4, 6, 3)
        self.relu2 = nn.ReLU(inplace=True)
        self.fc = nn.Linear(6 * 4 * 4, 5)
        self.passes = []

    def forward(self, x):
        if not isinstance(x, torch.Tensor):
            raise TypeError
        self.passes.append(len(x))
        x = self.pool(self.relu1(self.conv1(x)))
        x = self.relu2(self.conv2(x))
        return self.fc(x.flatten(1))


LAYERS = ["conv1", "relu1", "pool", "conv2", "relu2", "fc"]
PREPROCESSING = ic.Preprocessing(resize=(14, 14), mean=(0.5,) * 3, std=(0.5,) * 3)


@pytest.fixture
def small():
    torch.manual_seed(0)
    network = ic.load_network(Small(), preprocessing=PREPROCESSING)
    _ = network.layers
    network.module.passes.clear()
    return network


@pytest.fixture
def folder(tmp_path, rng):
    """Ten images of different sizes; the last equals the first."""
    images = tmp_path / "images"
    images.mkdir()
    for i in range(9):
        pixels = rng.integers(0, 256, (20 + i, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(images / f"img{i}.png")
    (images / "img9.png").write_bytes((images / "img0.png").read_bytes())
    return images


@pytest.fixture
def stimuli(folder):
    return ic.Stimuli.from_folder(folder)


@pytest.fixture
def plain():
    return plain_pass


def plain_pass(network, stimuli, rows):
    """What the layers do, by calling them one after the other."""
    batch = np.stack([network.preprocessing(stimuli.read(row)) for row in rows])
    module = network.module
    x = torch.from_numpy(batch)
    found = {}
    with torch.inference_mode():
        for name in LAYERS:
            x = getattr(module, name)(x.flatten(1) if name == "fc" else x)
            found[name] = x.clone().numpy()
    return {name: values.reshape(len(values), -1) for name, values in found.items()}


@pytest.fixture
def singles():
    return single_passes


def single_passes(net, pixels, names):
    """What each call of a module gives in passes of single stimuli, a flat row for each.

    Calls that are not reached when a stimulus is alone are absent.
    """
    found = {name: [] for name in names}
    for one in pixels:
        calls = {}

        def keep_output(name, output, calls=calls):
            calls[name] = calls.get(name, 0) + 1
            call = name if calls[name] == 1 else f"{name}#{calls[name]}"
            if call in found:
                found[call].append(_floats(output).detach().double().flatten().clone().numpy())

        hooks = [
            module.register_forward_hook(lambda _m, _i, out, name=name: keep_output(name, out))
            for name, module in net.named_modules()
            if not isinstance(module, torch.jit.ScriptModule)
        ]
        with torch.no_grad(), suppress(ValueError, RuntimeError):
            net(one[None].clone())  # Some networks cannot take one stimulus: to where they stop.
        for hook in hooks:
            hook.remove()
    return {name: np.stack(rows) for name, rows in found.items() if len(rows) == len(pixels)}


def _floats(output):
    """The first tensor of floating-point numbers, depth first."""
    if isinstance(output, torch.Tensor):
        output = output.dequantize() if output.is_quantized else output
        return output if output.is_floating_point() else None
    values = output.values() if hasattr(output, "values") else output
    found = (_floats(each) for each in values if each is not None)
    return next((each for each in found if each is not None), None)


class Twice(nn.Module):
    """One ReLU that is called twice, and a container that only hands on."""

    def __init__(self, scale=1.0):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True))
        self.conv = nn.Conv2d(4, 5, 3)
        self.relu = nn.ReLU(inplace=True)
        self.drop = nn.Dropout()
        self.fc = nn.Linear(5, 2)
        self.scale = scale

    def forward(self, x):
        x = self.relu(self.conv(self.stem(x)))
        x = self.relu(x * self.scale)
        return self.fc(self.drop(x.mean((2, 3))))


@pytest.fixture
def twice():
    return Twice


@pytest.fixture(scope="module")
def alexnet():
    return ic.load_network("alexnet", weights=None)


@pytest.fixture
def gratings(rng):
    return ic.gratings(rng.uniform(-90, 90, 60))


@pytest.fixture
def tilt(gratings):
    return gratings.table["orientation"].to_numpy() > 0


@pytest.fixture
def counted(monkeypatch):
    """Counts calls of a function of a module."""
    counts = Counter()

    def watch(owner, name):
        real = getattr(owner, name)

        def counting(*args, **options):
            counts[name] += 1
            return real(*args, **options)

        monkeypatch.setattr(owner, name, counting)
        return counts

    return watch
