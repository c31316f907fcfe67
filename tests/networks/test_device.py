import numpy as np
import pytest
import torch

import isocortex as ic
from isocortex.networks.device import device_of, on_device


@pytest.fixture
def verbs():
    network = ic.load_network("orientation_cnn", weights=None)
    gratings = ic.gratings(np.linspace(-80, 80, 6))
    tilt = gratings.table["orientation"] > 0
    return {
        "extract": lambda device: ic.extract(network, gratings, ["conv"], device=device),
        "train": lambda device: ic.train(network, gratings, tilt, epochs=1, device=device),
    }


@pytest.mark.parametrize("verb", ["extract", "train"])
@pytest.mark.parametrize("device", ["nope", "cuda:99"])
def test_a_device_that_is_not_there_is_one_sentence_in_every_verb(verb, device, verbs):
    with pytest.raises(ic.InputError, match=f"device='{device}' cannot be used: ."):
        verbs[verb](device)


def test_a_module_is_back_where_it_was():
    module = torch.nn.Linear(2, 2, device="meta")
    with on_device(module, "meta") as place:
        assert place == torch.device("meta")
    assert module.weight.device.type == "meta"
    with pytest.raises(KeyError), on_device(torch.nn.Linear(2, 2), "cpu"):
        raise KeyError


def test_auto_stays_at_home_without_a_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device_of("auto", "meta") == torch.device("meta")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device_of("auto", "cpu") == torch.device("cuda")
