import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic
from isocortex.networks.load import load_network
from isocortex.networks.training import checkpoints
from isocortex.networks.training.loop import train


def slow_training(module, x, y, loss, epochs, rate, momentum, size, seed):
    """The textbook's update, written out."""
    generator = torch.Generator().manual_seed(seed)
    velocity = [torch.zeros_like(p) for p in module.parameters()]
    losses = []
    for _ in range(epochs):
        for rows in torch.split(torch.randperm(len(x), generator=generator), size):
            value = loss(module(x[rows]), y[rows])
            gradients = torch.autograd.grad(value, list(module.parameters()))
            with torch.no_grad():
                for p, v, g in zip(module.parameters(), velocity, gradients, strict=True):
                    v.mul_(momentum).add_(g)
                    p.sub_(rate * v)
            losses.append(float(value.detach()))
    return losses


def test_equals_the_update_written_out(gratings, tilt):
    network = load_network("orientation_cnn", weights=None, seed=4)
    twin = load_network("orientation_cnn", weights=None, seed=4).module
    report = train(network, gratings, tilt, epochs=4, batch_size=25, learning_rate=0.01, seed=9)
    x = torch.from_numpy(np.stack(gratings.sources))
    y = torch.tensor(tilt).float()[:, None]
    losses = slow_training(twin, x, y, nn.BCELoss(), 4, 0.01, 0.99, 25, 9)
    np.testing.assert_allclose(report.step_losses.ravel(), losses, rtol=1e-4)
    np.testing.assert_allclose(report.epoch_losses, np.reshape(losses, (4, 3)).mean(1), rtol=1e-4)


def test_modes_come_back_and_inputs_are_not_written(gratings, tilt, untrained):
    network = untrained(1, nn.Sigmoid())
    network.module.eval()
    network.module.drop.train()
    copies = [each.copy() for each in gratings.sources]
    train(network, gratings, tilt, epochs=1)
    assert not network.module.norm.training
    assert network.module.drop.training
    for one, two in zip(copies, gratings.sources, strict=True):
        np.testing.assert_array_equal(one, two)


def test_progress_is_an_event(gratings, tilt, untrained):
    events = []
    train(untrained(1, nn.Sigmoid()), gratings, tilt, epochs=2, progress=events.append)
    assert [(e.done, e.total) for e in events] == [(0, 2), (1, 2), (2, 2)]
    assert events[0].what == "train Small"


def test_a_loss_that_is_nan_stops_and_keeps_the_last_good_epoch(
    gratings, tilt, tmp_path, untrained
):
    path = tmp_path / "good.pt"
    network = untrained(1)
    calls = []

    def loss(outputs, targets):
        calls.append(1)
        value = ((outputs - targets) ** 2).mean()
        return value * float("nan") if len(calls) > 5 else value

    kept = []

    def keep(event):
        if event.done:
            kept.append({k: v.clone() for k, v in network.module.state_dict().items()})

    with pytest.raises(ic.UndefinedError, match=r"loss became NaN in epoch 2, step 3.*keeps them"):
        train(
            network,
            gratings,
            tilt,
            task=loss,
            epochs=5,
            batch_size=20,
            checkpoint=path,
            progress=keep,
        )
    assert len(kept) == 1
    good = checkpoints.load(path)
    assert len(good.step_losses) == 1
    for name, value in network.module.state_dict().items():
        assert torch.equal(value, kept[0][name])
        assert torch.equal(value, good.module[name])


def test_weights_that_explode_are_noticed(gratings, untrained):
    with pytest.raises(ic.UndefinedError, match="Try a learning rate below 1e\\+30"):
        train(
            untrained(1), gratings, "orientation", task="regression", learning_rate=1e30, epochs=9
        )
