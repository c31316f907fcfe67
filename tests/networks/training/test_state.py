import multiprocessing
import os
import signal

import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic
from isocortex.networks.load import load_network
from isocortex.networks.training.loop import train


@pytest.mark.parametrize("seed", [5, None])
def test_goes_on_from_a_checkpoint_as_if_unbroken(seed, gratings, tilt, tmp_path, untrained):
    def go(epochs, path):
        torch.manual_seed(8)
        network = untrained(1, nn.Sigmoid())
        options = {"batch_size": 16, "learning_rate": 0.01, "momentum": 0.9, "seed": seed}
        return network, train(network, gratings, tilt, epochs=epochs, checkpoint=path, **options)

    whole, unbroken = go(5, tmp_path / "whole.pt")
    go(2, tmp_path / "part.pt")
    part, resumed = go(5, tmp_path / "part.pt")
    assert resumed.resumed == 2
    np.testing.assert_array_equal(resumed.step_losses, unbroken.step_losses)
    assert resumed.accuracy == unbroken.accuracy
    for name, value in whole.module.state_dict().items():
        assert torch.equal(value, part.module.state_dict()[name]), name
    # A third call finds it finished, also with the network as it was left.
    again = train(
        part,
        gratings,
        tilt,
        epochs=5,
        checkpoint=tmp_path / "part.pt",
        batch_size=16,
        learning_rate=0.01,
        momentum=0.9,
        seed=seed,
    )
    assert again.resumed == 5


def orientation_training(path, last):
    """Train for four epochs; kill this process after the epoch ``last``."""

    def stop(event):
        if event.done == last:
            os.kill(os.getpid(), signal.SIGKILL)

    stimuli = ic.gratings(np.random.default_rng(1).uniform(-90, 90, 60))
    network = load_network("orientation_cnn", weights=None, seed=2)
    labels = stimuli.table["orientation"] > 0
    options = {"batch_size": 16, "momentum": 0.9, "seed": 6}
    report = train(network, stimuli, labels, epochs=4, checkpoint=path, progress=stop, **options)
    return network.module.state_dict(), report


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and kill -9")
def test_killed_and_started_again_ends_as_if_unbroken(tmp_path):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        child = multiprocessing.get_context("fork").Process(
            target=orientation_training, args=(tmp_path / "a.pt", 2)
        )
        child.start()
        child.join()
        assert child.exitcode == -signal.SIGKILL
        broken, again = orientation_training(tmp_path / "a.pt", None)
        whole, unbroken = orientation_training(tmp_path / "b.pt", None)
    finally:
        torch.set_num_threads(threads)
    # The event comes after the checkpoint of its epoch: at most the epoch in hand is lost.
    assert again.resumed == 2
    assert unbroken.resumed == 0
    np.testing.assert_array_equal(again.step_losses, unbroken.step_losses)
    for name, value in whole.items():
        assert torch.equal(broken[name], value), name
    assert not list(tmp_path.glob("*.tmp"))


def test_a_checkpoint_of_another_training_is_refused(gratings, tilt, tmp_path, untrained):
    path = tmp_path / "c.pt"
    train(untrained(1, nn.Sigmoid()), gratings, tilt, epochs=2, checkpoint=path)
    with pytest.raises(ic.FormatError, match=r"another training: its labels, seed differ"):
        train(untrained(1, nn.Sigmoid()), gratings, ~tilt, epochs=3, checkpoint=path, seed=1)
    with pytest.raises(ic.FormatError, match="its weights differ"):
        train(untrained(1, nn.Sigmoid(), seed=99), gratings, tilt, epochs=3, checkpoint=path)
    with pytest.raises(ic.InputError, match="has 2 epochs already, more than the 1"):
        train(untrained(1, nn.Sigmoid()), gratings, tilt, epochs=1, checkpoint=path)
