"""The hash of code: it comes to an end, stays the same, and changes with what is computed."""

import functools
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic
from isocortex.networks.identity.hashes import (
    architecture_identity,
    function_identity,
    weights_identity,
)

# Scripting and quantizing are old ways, and people's networks are old.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor"),
]


def counted(function):
    def wrapper(self, x):
        wrapper.calls = getattr(wrapper, "calls", 0) + 1
        return function(self, x)

    return wrapper


def ignoring(function):
    @functools.wraps(function)
    def wrapper(*args, **options):
        return wrapper.__wrapped__(*args, **options)

    return wrapper


@pytest.fixture
def images():
    pixels = np.random.default_rng(0).random((3, 3, 8, 8)).astype(np.float32)
    return ic.Stimuli.from_arrays(list(pixels))


@pytest.mark.parametrize("decorator", [counted, ignoring, torch.no_grad(), functools.lru_cache])
def test_a_network_whose_forward_knows_itself_is_extracted(images, decorator, tmp_path):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)
            self.me = [self]

        @decorator
        def forward(self, x):
            return self.conv(x)

    net = Net()
    for _ in range(2):  # A counter in the decorator is no reason to refuse the store.
        store = ic.extract(net, images, "conv", tmp_path / "s.zarr")
    expected = net.conv(torch.from_numpy(np.stack(images.sources))).flatten(1).detach()
    np.testing.assert_allclose(store["conv"].numpy(), expected, rtol=1e-5, atol=1e-6)


SCALE = 2.0


def twice(x):
    return x * SCALE


def factorial(n, times=1):
    return times if n < 2 else factorial(n - 1, times * n)


class Scaled:
    offset = 0.0

    def __init__(self, by, inner=None):
        self.by, self.inner = by, inner

    def __call__(self, x):
        return x * self.by + self.offset

    def method(self, x):
        return self(x)


def closing_over(value, *, key=0):
    def inner(x, default=key, *, other=key):
        return x, value, default, other

    return inner


def knows_itself():
    held = [twice]
    held.append(held)
    return lambda x: held[0](x)


FUNCTIONS = {
    "recursive": lambda: factorial,
    "partial": lambda: functools.partial(twice, 3),
    "partial, other argument": lambda: functools.partial(twice, 4),
    "partial of recursive": lambda: functools.partial(factorial, times=2),
    "closure": lambda: closing_over(1),
    "closure over another value": lambda: closing_over(2),
    "closure over a set": lambda: closing_over({"a", "b", ("c", 1.5), twice}),
    "closure over another set": lambda: closing_over({"a", "b", ("c", 1.6), twice}),
    "defaults": lambda: closing_over(1, key=1),
    "closure over an array": lambda: closing_over(np.arange(9.0)),
    "closure over another array": lambda: closing_over(np.arange(9.0) + np.eye(9)[8]),
    "closure over a tensor": lambda: closing_over(torch.arange(9.0)),
    "closure over a type": lambda: closing_over(torch.float16),
    "closure over itself": knows_itself,
    "object": lambda: Scaled(1),
    "object with another attribute": lambda: Scaled(2),
    "object within": lambda: Scaled(1, {"inner": [Scaled(1)]}),
    "object within, another attribute": lambda: Scaled(1, {"inner": [Scaled(2)]}),
    "bound method": lambda: Scaled(1).method,
    "bound method of another": lambda: Scaled(2).method,
    "dynamic class": lambda: type("Made", (Scaled,), {"offset": 1.0})(1),
    "dynamic class, another setting": lambda: type("Made", (Scaled,), {"offset": 2.0})(1),
    "lambda": lambda: lambda x: x + 1,
    "lambda, another constant": lambda: lambda x: x + 2,
    "generator inside": lambda: lambda x: sum(each + 1 for each in x),
    "generator inside, another constant": lambda: lambda x: sum(each + 2 for each in x),
    "C function": lambda: np.tanh,
    "another C function": lambda: np.sinh,
    "method of text": lambda: "a".join,
    "method of another text": lambda: "b".join,
    "module": lambda: nn.Sequential(nn.AvgPool2d(2)),
    "module, another setting": lambda: nn.Sequential(nn.AvgPool2d(3)),
    "scripted": lambda: torch.jit.script(nn.Sequential(nn.ReLU())),
    "scripted, other code": lambda: torch.jit.script(nn.Sequential(nn.Tanh())),
}


def test_each_function_has_a_hash_of_its_own_that_stays():
    first = {name: function_identity(make()) for name, make in FUNCTIONS.items()}
    again = {name: function_identity(make()) for name, make in FUNCTIONS.items()}
    assert first == again
    assert len(set(first.values())) == len(FUNCTIONS)


PROGRAM = """
import sys
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("cases", sys.argv[1])
cases = module_from_spec(spec)
sys.modules["cases"] = cases
spec.loader.exec_module(cases)
for name, make in cases.FUNCTIONS.items():
    print(cases.function_identity(make()))
"""


@pytest.mark.slow
def test_hashes_are_the_same_in_another_process():
    printed = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM, __file__],
            env={**__import__("os").environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1
    assert printed.pop().split() == [function_identity(make()) for make in FUNCTIONS.values()]


def test_what_a_function_finds_by_global_names_counts(monkeypatch):
    def pre(x):
        return twice(x)

    before = function_identity(pre)
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    assert function_identity(pre) != before, "a constant that a helper looks up"
    monkeypatch.setitem(globals(), "SCALE", 2.0)
    assert function_identity(pre) == before
    monkeypatch.setitem(globals(), "twice", lambda x: x * SCALE + 0)
    assert function_identity(pre) != before, "the code of a helper"


def test_transforms_of_torchvision_count_by_what_they_hold():
    from isocortex.networks.zoo.torchvision_shim import torchvision

    transforms = torchvision().transforms

    def made(size, std):
        steps = [transforms.Resize(size), transforms.Normalize([0.5] * 3, std)]
        return function_identity(transforms.Compose(steps))

    assert made(8, [0.2, 0.3, 0.4]) == made(8, [0.2, 0.3, 0.4])
    assert len({made(8, [0.2] * 3), made(9, [0.2] * 3), made(8, [0.3] * 3)}) == 3


def architecture(build):
    torch.manual_seed(0)
    return architecture_identity(build())


def test_the_architecture_counts_what_decides_the_pass():
    class Net(nn.Module):
        def __init__(self, act=torch.relu, table=None, scale=1):
            super().__init__()
            self.conv, self.act, self.scale = nn.Conv2d(3, 4, 3), act, scale
            self.table = torch.zeros(3) if table is None else table

        def forward(self, x):
            return self.act(self.conv(x)) * self.scale

    def with_hook(by):
        net = Net()
        net.conv.register_forward_hook(lambda _m, _i, output: output * by)
        return net

    def patched(by):
        net = Net()
        net.forward = lambda x: net.conv(x) * by
        return net

    builds = [
        Net,
        lambda: Net(torch.tanh),
        lambda: Net(lambda x: x * SCALE),
        lambda: Net(table=torch.ones(3)),
        lambda: Net(scale=2),
        lambda: with_hook(1),
        lambda: with_hook(2),
        lambda: patched(1),
        lambda: patched(2),
        lambda: nn.DataParallel(Net()),
    ]
    hashes = [architecture(build) for build in builds]
    assert hashes == [architecture(build) for build in builds]
    assert len(set(hashes)) == len(builds)


def test_quantized_weights_count_by_their_numbers():
    def quantized(by):
        torch.manual_seed(0)
        net = nn.Sequential(nn.Linear(400, 30))
        with torch.no_grad():
            net[0].weight[20, 200] *= by
        return torch.ao.quantization.quantize_dynamic(net, {nn.Linear})

    assert weights_identity(quantized(1)) == weights_identity(quantized(1))
    assert weights_identity(quantized(1)) != weights_identity(quantized(-1))
