"""Rows belong to their stimuli, or the layer is refused by name, before anything is stored."""

import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import isocortex as ic

RAW = ic.Preprocessing()


def images(n=4, shape=(3, 12, 12)):
    pixels = np.random.default_rng(0).random((n, *shape)).astype(np.float32)
    return ic.Stimuli.from_arrays(list(pixels)), torch.from_numpy(pixels)


def extracted(net, layer, n=4, shape=(3, 12, 12), **options):
    network = ic.load_network(net, preprocessing=RAW)
    return ic.extract(network, images(n, shape)[0], [layer], **options)[layer].numpy()


class Net(nn.Module):
    """A convolution to 9 places of 6 channels, and then what a function makes of it."""

    def __init__(self, then, **modules):
        super().__init__()
        torch.manual_seed(0)
        self.c = nn.Conv2d(3, 6, 4, 4)
        for name, module in modules.items():
            self.add_module(name, module)
        self.then = then

    def forward(self, x):
        return self.then(self, self.c(x))


def time_major(net, maps):
    steps = maps.flatten(2).permute(2, 0, 1)
    n_steps, n, k = steps.shape
    return net.l(steps.reshape(n_steps * n, k)).reshape(n_steps, n, -1).mean(0)


def stimulus_major(net, maps):
    steps = maps.flatten(2).transpose(1, 2)
    n, n_steps, k = steps.shape
    return net.l(steps.reshape(n * n_steps, k)).reshape(n, n_steps, -1).mean(1)


@pytest.mark.parametrize("then", [time_major, stimulus_major])
def test_parts_of_stimuli_folded_into_one_axis_are_unfolded(then):
    net = Net(then, l=nn.Linear(6, 5)).eval()
    right = net.l(net.c(images()[1]).flatten(2).transpose(1, 2)).flatten(1).detach()
    for batch_size in (None, 3, 1):
        got = extracted(net, "l", batch_size=batch_size)
        np.testing.assert_allclose(got, right, atol=1e-5)


def packed(net, maps):
    steps = nn.utils.rnn.pack_sequence(list(maps.flatten(2).transpose(1, 2)))
    return nn.utils.rnn.pad_packed_sequence(net.l(steps)[0], batch_first=True)[0].mean(1)


def over_stimuli(net, maps):
    return net.l(maps.flatten(2).transpose(1, 2))[0].mean(1)


def place_in_batch(net, maps):
    return net.l(maps.mean((2, 3)) + torch.arange(len(maps))[:, None])


def by_number(net, maps):
    return net.l(maps.mean((2, 3)) / len(maps))


def similarities(net, maps):
    flat = maps.flatten(1)
    return net.l(flat @ flat.T).mean(1)


def no_statistics(net, maps):
    return net.l(maps)


MIXING = {
    "packed sequences are unfolded": (packed, nn.LSTM(6, 4, batch_first=True), None),
    "recurrence over stimuli": (over_stimuli, nn.LSTM(6, 4), "depends on how many|other stimuli"),
    "batch statistics": (
        no_statistics,
        nn.BatchNorm2d(6, track_running_stats=False),
        "changes with the other stimuli",
    ),
    "the place in the batch": (place_in_batch, nn.Linear(6, 4), "depends on how many"),
    "the number of stimuli": (by_number, nn.Linear(6, 4), "depends on how many"),
    "stimuli by stimuli": (similarities, nn.Identity(), "no single axis"),
}


@pytest.mark.parametrize("case", MIXING)
def test_rows_that_depend_on_the_batch_are_refused_unless_each_stimulus_is_alone(case):
    then, module, reason = MIXING[case]
    net = Net(then, l=module).eval()
    if reason is not None:
        with pytest.raises(ic.InputError, match=rf"cannot give 'l' in batches: .*({reason})"):
            extracted(net, "l")
    got = extracted(net, "l", batch_size=1 if reason else None)
    seen = []
    hook = net.l.register_forward_hook(lambda _m, _i, output: seen.append(output))
    for each in images()[1]:
        net(each[None])
    hook.remove()
    first = [each[0] if isinstance(each, tuple) else each for each in seen]
    alone = [(each[0] if isinstance(each, tuple) else each).flatten() for each in first]
    np.testing.assert_allclose(got, torch.stack(alone).detach(), atol=1e-5)


def test_what_comes_before_the_mixing_is_extracted():
    net = Net(no_statistics, l=nn.BatchNorm2d(6, track_running_stats=False)).eval()
    right = net.c(images()[1]).flatten(1).detach()
    np.testing.assert_allclose(extracted(net, "c"), right, atol=1e-5)
    with pytest.raises(ic.InputError, match=r"cannot give 'l' in batches.*batch_size=1"):
        ic.extract(net, images()[0], "all")


def test_a_dynamically_quantized_layer_scales_by_its_batch():
    pytest.importorskip("torch.ao.quantization")
    net = nn.Sequential(nn.Flatten(), nn.Linear(432, 40), nn.Linear(40, 10)).eval()
    with pytest.warns():
        quantized = torch.ao.quantization.quantize_dynamic(net, {nn.Linear})
    with pytest.raises(ic.InputError, match="cannot give '1' in batches"):
        extracted(quantized, "1")
    right = torch.cat([quantized[:2](each[None]) for each in images()[1]])
    np.testing.assert_allclose(extracted(quantized, "1", batch_size=1), right, atol=1e-5)


@pytest.mark.parametrize("n", [1, 3, 4])
def test_a_stimulus_alone_that_is_squeezed_away_is_shown_twice(n):
    net = Net(lambda net, maps: net.l(maps.mean((2, 3)).squeeze()), l=nn.Linear(6, 4)).eval()
    right = net.l(net.c(images(n)[1]).mean((2, 3))).detach()
    np.testing.assert_allclose(extracted(net, "l", n, batch_size=3), right, atol=1e-5)


RANDOM = {
    "dropout": lambda x: functional.dropout(x, 0.3),
    "rare dropout": lambda x: functional.dropout(x, 0.02),
    "numpy": lambda x: x * float(np.random.rand()),  # noqa: NPY002
    "python": lambda x: x + random.random(),
    "own generator": None,
}


@pytest.mark.parametrize("how", RANDOM)
def test_random_passes_are_refused(how):
    own = torch.Generator().manual_seed(0)
    noise = RANDOM[how] or (lambda x: x + torch.rand(x.shape, generator=own))
    net = Net(lambda net, maps: net.l(noise(maps.mean((2, 3)))), l=nn.Linear(6, 40)).eval()
    with pytest.raises(ic.InputError, match="cannot give 'l': it (is random|remembers)"):
        extracted(net, "l")
    assert extracted(net, "c").shape == (4, 54)


def test_tracing_draws_nothing_from_the_random_numbers_of_the_caller():
    net = Net(lambda net, maps: functional.dropout(maps, 0.5)).eval()
    states = [torch.get_rng_state, np.random.get_state, random.getstate]
    before = [repr(state()) for state in states]
    ic.load_network(net, preprocessing=RAW).trace((3, 12, 12))
    assert before == [repr(state()) for state in states]


def test_a_network_that_remembers_earlier_passes_is_refused():
    def state(net, maps):
        net.state = getattr(net, "state", 0) + maps.mean().item()
        return net.l(maps.mean((2, 3)) + net.state)

    with pytest.raises(ic.InputError, match="it remembers earlier passes"):
        extracted(Net(state, l=nn.Linear(6, 4)).eval(), "l")


def test_a_shape_that_depends_on_what_is_shown_is_found_out():
    def brighter(net, maps):
        return net.l(maps if maps.mean() < 0.5 else maps[:, :, :2])

    net = Net(brighter, l=nn.Tanh()).eval()
    with torch.no_grad():
        net.c.weight.abs_()
    bright = ic.Stimuli.from_arrays([np.full((3, 12, 12), v, np.float32) for v in (0.9, 1.0)])
    with pytest.raises(ic.InputError, match=r"'l' gave an output of shape \(2, 6, 2, 3\).*depends"):
        ic.extract(ic.load_network(net, preprocessing=RAW), bright, ["l"])


def test_what_has_no_row_for_each_stimulus_is_no_layer(applying):
    modules = {
        "table": applying(lambda x: torch.ones(9, 6) * 2),
        "labels": applying(lambda x: x.argmax(1)),
        "unused": nn.Linear(6, 4),
    }

    def then(net, maps):
        steps = maps.flatten(2).transpose(1, 2)
        net.labels(steps)
        return steps + net.table(steps)

    net = Net(then, **modules).eval()
    assert list(ic.extract(net, images()[0], "all")) == ["c"]
    for name, reason in {
        "table": "is no layer: its output has no axis of stimuli",
        "labels": "is no layer: it gives no dense array of floating-point numbers",
        "unused": "is no layer: it did not run",
    }.items():
        with pytest.raises(ic.InputError, match=f"'{name}'.*{reason}"):
            extracted(net, name)


def test_a_module_that_is_called_once_for_each_stimulus_is_no_layer():
    def one_by_one(net, maps):
        return torch.stack([net.l(each) for each in maps.mean((2, 3))])

    with pytest.raises(ic.InputError, match="'l' of Net is no layer: its output has no axis"):
        extracted(Net(one_by_one, l=nn.Linear(6, 4)).eval(), "l")


def test_second_names_of_modules():
    net = Net(lambda net, maps: net.inner[0](maps), inner=nn.Sequential(nn.ReLU())).eval()
    net.other = net.inner
    net.third = nn.ModuleList([net.c])
    right = net.c(images()[1]).flatten(1).detach()
    np.testing.assert_allclose(extracted(net, "third.0"), right, atol=1e-5)
    np.testing.assert_allclose(extracted(net, "other.0"), right.relu(), atol=1e-5)
    twice = Net(lambda net, maps: net.b(net.a(maps)), a=nn.ReLU()).eval()
    twice.b = twice.a
    with pytest.raises(ic.InputError, match=r"'b' of Net is another name of.*'a', 'a#2'"):
        extracted(twice, "b")
    assert extracted(twice, "b#2").shape == (4, 54)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "wrap", [nn.DataParallel, pytest.param(torch.compile, marks=pytest.mark.slow)]
)
def test_wrapped_networks_answer_to_the_names_inside(wrap):
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()).eval()
    right = net[0](images()[1]).flatten(1).detach()
    wrapped = wrap(net)
    network = ic.load_network(wrapped, preprocessing=RAW)
    store = ic.extract(network, images()[0], ["0"])
    np.testing.assert_allclose(store["0"].numpy(), right, atol=1e-5)
    (own,) = network.select("0", (3, 12, 12)).values()
    assert own in ("module.0", "_orig_mod.0")
    assert extracted(wrapped, own).shape == right.shape


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
def test_a_network_that_cannot_run_gives_its_reason(check, match):
    with pytest.raises(
        ic.InputError, match=rf"cannot take stimuli of shape \(3, 12, 12\): {match}"
    ):
        extracted(Picky(check), "c")


def test_weights_of_several_types_and_scripts_are_told_as_such():
    mixed = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(400, 2).half()).eval()
    with pytest.raises(ic.InputError, match=r"of several types \(float16, float32\).*float\(\)"):
        extracted(mixed, "0")
    with pytest.warns(DeprecationWarning, match="script"):
        scripted = torch.jit.script(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()))
    with pytest.raises(ic.InputError, match="is a ScriptModule.*module that it was made from"):
        extracted(scripted, "0")
    outer = Net(lambda net, maps: net.l(maps))
    outer.l = scripted
    outer.c = nn.AvgPool2d(1)
    assert extracted(outer, "c").shape == (4, 432)
    with pytest.raises(ic.InputError, match=r"'l\.0' of Net is no layer: TorchScript runs it"):
        extracted(outer, "l.0")


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_other_types_of_weights(kind):
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(800, 300)
    )
    net = net.eval().to(kind)
    store = ic.extract(ic.load_network(net, preprocessing=RAW), images()[0], "all")
    x = images()[1].to(kind)
    alone = torch.cat([net(each[None]) for each in x]).float().detach()
    np.testing.assert_allclose(store["4"].numpy(), alone, rtol=0.02, atol=0.02)
    assert list(store) == ["0", "1", "2", "3", "4"]
