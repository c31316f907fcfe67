"""Checkpoints as trainers write them: the right part, told, or a sentence."""

import argparse
import pathlib
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import isocortex as ic


class Encoder(nn.Module):
    """Two blocks with layers of the same names, and a head."""

    def __init__(self, head=None):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.layer1 = nn.Sequential(_block(), _block())
        self.fc = nn.Linear(4, 3) if head is None else head

    def forward(self, x):
        return self.fc(self.layer1(self.conv(x)).mean((2, 3)))


def _block():
    block = nn.Sequential()
    block.add_module("conv", nn.Conv2d(4, 4, 3, padding=1))
    block.add_module("bn", nn.BatchNorm2d(4))
    return block


@pytest.fixture
def source():
    torch.manual_seed(7)
    return Encoder().state_dict()


@pytest.fixture
def other():
    torch.manual_seed(8)
    return Encoder().state_dict()


def under(prefix, state):
    return {prefix + key: value for key, value in state.items()}


def loaded(tmp_path, content, part=None, name="w.pth"):
    torch.save(content, tmp_path / name)
    return ic.load_network(Encoder(), ic.Weights(tmp_path / name, part))


def equal(network, state):
    own = network.module.state_dict()
    return all(torch.equal(own[key], value) for key, value in state.items())


WRAPPED = {
    "plain": lambda s: s,
    "an epoch beside": lambda s: {**s, "epoch": 5},
    "a loss of numpy beside": lambda s: {**s, "best": np.float64(0.5), "n": np.int64(3)},
    "torch.compile": lambda s: under("_orig_mod.", s),
    "compiled in parallel": lambda s: under("module._orig_mod.", s),
    "parallel and compiled": lambda s: under("_orig_mod.module.", s),
    "own": lambda s: under("net.", s),
    "backbone": lambda s: {"model": under("backbone.", s), "optimizer": {"state": {0: {}}}},
    "moco": lambda s: {"epoch": 3, "state_dict": under("module.encoder_q.", s), "arch": "r"},
    "dino": lambda s: {"teacher": {**under("backbone.", s), "head.w": torch.ones(2)}},
    "ema": lambda s: {"ema_state_dict": s, "epoch": 1},
    "lightning": lambda s: {
        "state_dict": under("model.", s),
        "callbacks": {"c": {"best": torch.tensor(1.0)}},
        "hyper_parameters": {"lr": 0.1},
        "optimizer_states": [{"state": {0: {"exp_avg": torch.ones(3)}}, "param_groups": []}],
    },
    "arguments": lambda s: {"model": s, "args": argparse.Namespace(lr=1, out=pathlib.Path("x"))},
    "history": lambda s: {"net": s, "log": {"loss": [np.float32(1.0)], "at": np.arange(3)}},
    "nested": lambda s: {"checkpoint": {"model_state_dict": under("student.net.", s)}},
    "averaged": lambda s: {"n_averaged": torch.tensor(3), **under("module.", s)},
    "momentum by name": lambda s: {"state_dict": s, "optimizer": {"exp_avg": dict(s)}},
    "the same twice": lambda s: {"teacher": s, "student": dict(s)},
}


@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=list(WRAPPED))
def test_weights_are_found_in_what_trainers_write(wrapped, source, tmp_path):
    network = loaded(tmp_path, wrapped(source))
    assert equal(network, source)
    assert network.missing == ()


def test_which_part_was_taken_is_told(source, tmp_path):
    network = loaded(tmp_path, {"state_dict": under("module.encoder_q.", source)})
    assert network.weights.endswith("w.pth (part 'state_dict.module.encoder_q')")
    assert loaded(tmp_path, source).weights == str(tmp_path / "w.pth")


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ("/lab/anna/weights/alexnet", "alexnet"),
        (r"D:\anna\w.pth", "w.pth"),
        ("/lab/anna/w.pth (part 'a/b')", "w.pth (part 'a/b')"),
        ("org/name", "org/name"),
        ("random, seed 0", "random, seed 0"),
    ],
)
def test_what_is_printed_of_weights_has_no_folder_of_this_machine(words, printed):
    network = replace(ic.load_network(nn.Sequential(nn.Conv2d(3, 2, 3))), weights=words)
    assert repr(network) == f"Network('Sequential', 2 modules, weights: {printed})"
    assert str(ic.describe(network)).startswith(f"Sequential: 1 layer, weights: {printed}\n")
    assert "anna" not in network._repr_html_()


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (lambda a, b: {"teacher": a, "student": b}, ("teacher", "student")),
        (lambda a, b: {"model": a, "model_ema": {"module": b}}, ("model", "model_ema.module")),
        (
            lambda a, b: {**under("encoder_q.", a), **under("encoder_k.", b)},
            ("encoder_q", "encoder_k"),
        ),
        (
            lambda a, b: {
                "state_dict": a,
                "ema_state_dict": {k: v for k, v in b.items() if "running" not in k},
            },
            ("state_dict", "ema_state_dict"),
        ),
    ],
)
def test_where_several_fit_the_choice_is_asked_for(content, names, source, other, tmp_path):
    both = content(source, other)
    with pytest.raises(ic.InputError, match="holds 2 sets of weights that fit") as error:
        loaded(tmp_path, both)
    assert all(repr(name) in str(error.value) for name in names)
    assert equal(loaded(tmp_path, both, names[0]), source)
    assert not equal(loaded(tmp_path, both, names[1]), source)
    with pytest.raises(ic.InputError, match=rf"no part 'other'.*It has: {names[0]!r}"):
        loaded(tmp_path, both, "other")


def test_a_word_of_a_name_is_enough(source, other, tmp_path):
    both = {"teacher": under("backbone.", source), "student": under("backbone.", other)}
    assert equal(loaded(tmp_path, both, "student"), other)
    with pytest.raises(ic.InputError, match="holds 2 sets"):
        loaded(tmp_path, both, "backbone")


def test_an_exchanged_head_is_told_and_its_layers_are_absent(source, tmp_path):
    head = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    state = {"state_dict": under("module.encoder_q.", Encoder(head).state_dict())}
    with pytest.warns(ic.IsocortexWarning, match=r"4 tensors were left over.*'fc\.0\.weight'"):
        network = loaded(tmp_path, state)
    assert network.missing == ("fc.weight", "fc.bias")
    assert "layer1.1.bn" in network.layers
    assert "fc" not in network.layers


def test_what_does_not_fit_is_refused_with_what_the_file_holds(source, tmp_path):
    with pytest.raises(ic.InputError, match=r"part 'net'.*names that the network lacks.*extra"):
        loaded(tmp_path, under("net.", {**source, "extra.weight": torch.ones(2)}))
    foreign = {"student": {"stem.weight": torch.ones(3)}, "teacher": {"stem.weight": torch.ones(3)}}
    with pytest.raises(ic.InputError, match="in part 'student' the 1 names begin with 'stem'"):
        loaded(tmp_path, foreign)
    wrong = {**source, "fc.weight": torch.ones(9, 4)}
    with pytest.raises(ic.InputError, match=r"fc\.weight \(9, 4\) instead of \(3, 4\)"):
        loaded(tmp_path, {"model": wrong})
    with pytest.raises(ic.FormatError, match="no plain dictionary of tensors"):
        loaded(tmp_path, {"epoch": 3})


class Harm:
    def __reduce__(self):
        return print, ("harm was done",)


@pytest.mark.parametrize("name", ["w.pth", "w.ckpt", "pytorch_model.bin"])
def test_nothing_in_a_file_is_run_and_no_terminal_code_is_in_the_sentence(name, tmp_path, capsys):
    with pytest.raises(ic.FormatError, match=r"object of print, which would") as error:
        loaded(tmp_path, {"a": torch.ones(1), "x": Harm()}, name=name)
    assert "\x1b" not in str(error.value)
    assert "\n" not in str(error.value)
    (tmp_path / name).write_bytes(pickle.dumps(Harm()))
    with pytest.raises(ic.FormatError, match="cannot be read as weights"):
        ic.load_network(Encoder(), tmp_path / name)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["last.ckpt", "moco.pth.tar", "model.safetensors", "a.pt"])
def test_a_folder_with_one_file_of_weights(name, source, tmp_path):
    if name.endswith("safetensors"):
        save_file(source, tmp_path / name)
    else:
        torch.save({"state_dict": source}, tmp_path / name)
    assert equal(ic.load_network(Encoder(), tmp_path), source)


class Unseen(nn.Module):
    def forward(self, x):
        raise AssertionError("repr must not run a network")


def test_repr_says_whose_weights_they_are_without_a_pass(source, tmp_path):
    assert (
        repr(ic.load_network(Unseen())) == "Network('Unseen', 1 module, weights: as in the module)"
    )
    assert "random, seed 4" in repr(ic.load_network("squeezenet1_1", None, seed=4))
    assert "w.pth" in repr(loaded(tmp_path, source))
    assert "random, from torch's generator" in repr(ic.load_network(Encoder(), None, seed=None))


def test_names_of_weights_of_libraries(monkeypatch):
    import timm

    from isocortex.networks.zoo.torchvision_shim import torchvision

    models, make = torchvision().models, timm.create_model
    build = models.get_model
    monkeypatch.setattr(models, "get_model", lambda name, **_: build(name, weights=None))
    monkeypatch.setattr(timm, "create_model", lambda name, pretrained: make(name))
    assert ic.load_network("alexnet").weights == "torchvision IMAGENET1K_V1"
    assert ic.load_network("timm/resnet18.a1_in1k").weights == "timm a1_in1k"
