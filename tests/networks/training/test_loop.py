import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic
from isocortex.networks.load import load_network
from isocortex.networks.training import checkpoints
from isocortex.networks.training.loop import train
from isocortex.networks.zoo.orientation_cnn import (
    ORIENTATION_NETWORKS,
    OrientationCNN,
    first_filters,
)


@pytest.fixture
def gratings(rng):
    return ic.gratings(rng.uniform(-90, 90, 60))


@pytest.fixture
def tilt(gratings):
    return gratings.table["orientation"].to_numpy() > 0


class Small(nn.Module):
    """Dropout and a batch norm, so that modes and random numbers matter."""

    def __init__(self, n_outputs=1, end=None):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 5, stride=3)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.3)
        self.out = nn.LazyLinear(n_outputs)
        self.end = end or nn.Identity()
        self(torch.zeros(2, 1, 48, 64))
        self.norm.reset_running_stats()

    def forward(self, x):
        return self.end(self.out(self.drop(torch.relu(self.norm(self.conv(x)))).flatten(1)))


def small(n_outputs=1, end=None, seed=3):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return load_network(Small(n_outputs, end), preprocessing=lambda x: x[None])


def test_the_trace_of_the_notebook():
    np.random.seed(12)  # noqa: NPY002
    torch.manual_seed(12)
    network = load_network("orientation_cnn", weights=None, seed=None)
    orientations = (np.random.rand(1000) - 0.5) * 180  # noqa: NPY002
    assert orientations[0] == pytest.approx(-62.2507, abs=1e-4)
    stimuli = ic.gratings(orientations)
    labels = orientations > 0
    assert labels.sum() == 515
    untrained = _rdm_correlation(network)
    report = train(network, stimuli, labels, seed=None)
    assert report.step_losses.shape == (25, 10)
    published = [4.10e-01, 5.17e-02, 1.32e-02, 2.27e-03, 8.15e-05]
    np.testing.assert_allclose(report.step_losses[4::5, -1], published, rtol=0.02)
    assert report.accuracy > 0.99
    assert _rdm_correlation(network) == pytest.approx(0.70, abs=0.02)
    assert untrained == pytest.approx(0.4, abs=0.1)


def _rdm_correlation(network):
    """The exercises: 1 - ZZ'/N of each layer, then the correlation of the upper triangles."""
    from scipy.stats import zscore

    grid = ic.gratings(np.arange(-89.5, 90, 1.0))
    assert len(grid) == 180
    hidden = network.activations(np.stack(grid.sources)[:, None], ["pool", "fc"])
    matrices = []
    for layer in ("pool", "fc"):
        x = hidden[layer].reshape(180, -1).astype(float)
        z = zscore(x, axis=1)
        slow = 1 - z @ z.T / z.shape[1]
        ours = ic.rdms(ic.Responses(x, grid.names), "correlation")
        np.testing.assert_allclose(ours.square()[0], slow, atol=1e-10)
        matrices.append((slow, ours))
    assert hidden["pool"][0].size == 288
    assert (hidden["pool"] >= 0).all()
    assert hidden["fc"].min() < 0
    upper = np.triu_indices(180, k=1)
    slow = np.corrcoef(matrices[0][0][upper], matrices[1][0][upper])[0, 1]
    ours = ic.compare(matrices[0][1], matrices[1][1], "pearson").values.item()
    assert ours == pytest.approx(slow, abs=1e-10)
    return ours


def test_first_filters():
    bank = first_filters()
    assert bank.shape == (6, 1, 7, 7)
    row = [-0.22569, -0.02322, 0.34852, 1, 0.34852, -0.02322, -0.22569]
    np.testing.assert_allclose(bank[0, 0, 3], row, atol=1e-5)
    np.testing.assert_allclose(bank[1], -bank[0])
    np.testing.assert_allclose(np.abs(bank).max((1, 2, 3)), 1)


@pytest.mark.parametrize("name", ORIENTATION_NETWORKS)
def test_relatives_run_and_learn(name, gratings, tilt):
    network = load_network(name, weights=None, seed=1)
    report = train(network, gratings, tilt, epochs=3, batch_size=20, momentum=0.9)
    assert report.step_losses.shape == (3, 3)
    assert network.layers[-2:] == ("out", "probability")


def test_number_of_parameters():
    assert sum(p.numel() for p in OrientationCNN().parameters()) == 3201


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


def test_classes_by_word_and_by_number(gratings):
    angles = gratings.table["orientation"].to_numpy()
    words = np.array(["left", "middle", "right"])[np.digitize(angles, [-30, 30])]
    one, two = small(3), small(3)
    by_word = train(one, gratings, words, task="classes", epochs=8, momentum=0.9)
    by_number = train(
        two, gratings, np.digitize(angles, [-30, 30]), task="classes", epochs=8, momentum=0.9
    )
    assert by_word.classes == ("left", "middle", "right")
    np.testing.assert_array_equal(by_word.step_losses, by_number.step_losses)
    with torch.no_grad():
        outputs = one.module.eval()(one.as_batch(np.stack(gratings.sources)[:, None]))
    right = (outputs.argmax(1).numpy() == np.digitize(angles, [-30, 30])).mean()
    assert by_word.accuracy == pytest.approx(right)


def test_regression_and_its_explained_share(gratings):
    from sklearn.metrics import r2_score

    angles = np.deg2rad(gratings.table["orientation"].to_numpy())
    labels = np.stack([np.cos(2 * angles), np.sin(2 * angles)], 1)
    network = small(2)
    report = train(
        network,
        gratings,
        labels,
        task="regression",
        epochs=20,
        batch_size=10,
        momentum=0.9,
        learning_rate=0.02,
    )
    assert report.epoch_losses[-1] < 0.5 * report.epoch_losses[0]
    with torch.no_grad():
        outputs = network.module.eval()(network.as_batch(np.stack(gratings.sources)[:, None]))
    expected = r2_score(labels, outputs.numpy(), multioutput="variance_weighted")
    assert report.accuracy == pytest.approx(expected, abs=1e-4)


def test_a_loss_of_ones_own_and_a_column(gratings):
    report = train(
        small(1),
        gratings,
        "orientation",
        task=nn.L1Loss(),
        epochs=2,
        momentum=0,
        learning_rate=1e-4,
    )
    assert np.isnan(report.accuracy)
    assert report.settings["task"].startswith("L1Loss") or "L1Loss" in report.settings["task"]


def test_a_seed_repeats_and_leaves_the_global_generator(gratings, tilt):
    torch.manual_seed(77)
    np.random.seed(5)  # noqa: NPY002
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    reports = []
    for seed in (1, 1, 2):
        network = small(1, nn.Sigmoid())
        reports.append(train(network, gratings, tilt, epochs=2, batch_size=20, seed=seed))
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
    np.testing.assert_array_equal(reports[0].step_losses, reports[1].step_losses)
    assert (reports[0].step_losses != reports[2].step_losses).any()


def test_modes_come_back_and_inputs_are_not_written(gratings, tilt):
    network = small(1, nn.Sigmoid())
    network.module.eval()
    network.module.drop.train()
    copies = [each.copy() for each in gratings.sources]
    train(network, gratings, tilt, epochs=1)
    assert not network.module.norm.training
    assert network.module.drop.training
    for one, two in zip(copies, gratings.sources, strict=True):
        np.testing.assert_array_equal(one, two)


def test_progress_is_an_event(gratings, tilt):
    events = []
    train(small(1, nn.Sigmoid()), gratings, tilt, epochs=2, progress=events.append)
    assert [(e.done, e.total) for e in events] == [(1, 2), (2, 2)]
    assert events[0].what == "train Small"


def test_report_tells(gratings, tilt):
    report = train(small(1, nn.Sigmoid()), gratings, tilt, epochs=2, batch_size=30)
    table = report.table()
    assert list(table.columns) == ["epoch", "step", "loss"]
    assert len(table) == 4
    assert report.settings["n_stimuli"] == 60
    assert "2 epochs of 2 steps" in repr(report)


# --- checkpoints ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [5, None])
def test_goes_on_from_a_checkpoint_as_if_unbroken(seed, gratings, tilt, tmp_path):
    def go(epochs, path):
        torch.manual_seed(8)
        network = small(1, nn.Sigmoid())
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


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_killed_and_started_again_ends_as_if_unbroken(tmp_path):
    code = (
        "import runpy, sys; own = runpy.run_path(sys.argv[1]); own['torch'].set_num_threads(1); "
        "own['orientation_training'](sys.argv[2], 2)"
    )
    child = subprocess.run(
        [sys.executable, "-c", code, __file__, str(tmp_path / "a.pt")], check=False
    )
    assert child.returncode == -signal.SIGKILL
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
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


def test_a_checkpoint_of_another_training_is_refused(gratings, tilt, tmp_path):
    path = tmp_path / "c.pt"
    train(small(1, nn.Sigmoid()), gratings, tilt, epochs=2, checkpoint=path)
    with pytest.raises(ic.FormatError, match=r"another training: its labels, seed differ"):
        train(small(1, nn.Sigmoid()), gratings, ~tilt, epochs=3, checkpoint=path, seed=1)
    with pytest.raises(ic.FormatError, match="its weights differ"):
        train(small(1, nn.Sigmoid(), seed=99), gratings, tilt, epochs=3, checkpoint=path)
    with pytest.raises(ic.InputError, match="has 2 epochs already, more than the 1"):
        train(small(1, nn.Sigmoid()), gratings, tilt, epochs=1, checkpoint=path)


def test_a_damaged_checkpoint_is_refused(gratings, tilt, tmp_path):
    path = tmp_path / "c.pt"
    train(small(1, nn.Sigmoid()), gratings, tilt, epochs=1, checkpoint=path)
    torch.load(path, weights_only=True)  # It is still a file of torch.
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ic.FormatError, match="not a whole checkpoint"):
        train(small(1, nn.Sigmoid()), gratings, tilt, epochs=2, checkpoint=path)
    for foreign in (b"", b"short", b"x" * 100):
        path.write_bytes(foreign)
        with pytest.raises(ic.FormatError, match="not a whole checkpoint"):
            checkpoints.load(path)
    torch.save({"format": "other"}, path)
    with pytest.raises(ic.FormatError, match="not a whole checkpoint of a training by this vers"):
        checkpoints.load(path)


def test_a_flip_of_any_bit_of_a_checkpoint_is_found(gratings, tilt, tmp_path, rng):
    path = tmp_path / "c.pt"
    train(small(1, nn.Sigmoid()), gratings, tilt, epochs=1, checkpoint=path)
    whole = np.fromfile(path, np.uint8)
    for bit in rng.integers(8 * len(whole), size=300):
        turned = whole.copy()
        turned[bit // 8] ^= 1 << bit % 8
        turned.tofile(path)
        with pytest.raises(ic.FormatError, match="not a whole checkpoint"):
            checkpoints.load(path)


def test_a_checkpoint_that_cannot_be_written(gratings, tilt, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ic.StorageError, match="cannot be written"):
        train(small(1, nn.Sigmoid()), gratings, tilt, epochs=1, checkpoint=tmp_path / "file" / "c")


# --- bad input -----------------------------------------------------------------------------


def test_a_loss_that_is_nan_stops_and_keeps_the_last_good_epoch(gratings, tilt, tmp_path):
    path = tmp_path / "good.pt"
    network = small(1)
    calls = []

    def loss(outputs, targets):
        calls.append(1)
        value = ((outputs - targets) ** 2).mean()
        return value * float("nan") if len(calls) > 5 else value

    kept = []

    def keep(event):
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


def test_weights_that_explode_are_noticed(gratings):
    with pytest.raises(ic.UndefinedError, match="Try a learning rate below 1e\\+30"):
        train(small(1), gratings, "orientation", task="regression", learning_rate=1e30, epochs=9)


BAD = {
    "short": (lambda s, t: {"labels": t[:5]}, "one label for each of 60 stimuli, but there are 5"),
    "single": (lambda s, t: {"labels": 1}, "a single one"),
    "three kinds": (lambda s, t: {"labels": np.arange(60) % 3}, "two kinds .* there are 3"),
    "one word": (lambda s, t: {"labels": ["a"] * 60}, "all labels are 'a'"),
    "words": (lambda s, t: {"labels": ["a"] * 60, "task": "regression"}, "one number"),
    "fractions": (lambda s, t: {"labels": np.ones(60) / 2, "task": "classes"}, "whole numbers or"),
    "negative": (lambda s, t: {"labels": t - 1, "task": "classes"}, "must not be negative"),
    "too many": (lambda s, t: {"labels": t * 3, "task": "classes"}, "there are 4 classes"),
    "matrix": (lambda s, t: {"labels": np.ones((60, 2))}, "not an array of shape"),
    "wide": (lambda s, t: {"labels": np.ones((60, 2)), "task": "regression"}, "gives 1 numbers"),
    "NaN": (lambda s, t: {"labels": np.full(60, np.nan), "task": "regression"}, "NaN"),
    "column": (lambda s, t: {"labels": "tilt"}, "no column 'tilt'; they have 'orientation'"),
    "task": (lambda s, t: {"task": "clases"}, "Did you mean 'classes'"),
    "epochs": (lambda s, t: {"epochs": 0}, "epochs must be a whole number from 1"),
    "batch": (lambda s, t: {"batch_size": 2.5}, "batch_size must be"),
    "rate": (lambda s, t: {"learning_rate": -1}, "must be positive"),
    "momentum": (lambda s, t: {"momentum": 1}, "from 0 to below 1"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case, gratings, tilt):
    changes, words = BAD[case]
    options = {"labels": tilt, "epochs": 1} | changes(gratings, tilt.astype(int))
    network = small(1, nn.Sigmoid())
    before = {k: v.clone() for k, v in network.module.state_dict().items()}
    with pytest.raises(ic.InputError, match=words):
        train(network, gratings, **options)
    for name, value in network.module.state_dict().items():
        assert torch.equal(value, before[name])


def test_outputs_that_are_no_probabilities(gratings, tilt):
    network = small(1)
    with torch.no_grad():
        network.module.out.bias += 5
    with pytest.raises(ic.InputError, match="needs probabilities, but the network's outputs go"):
        train(network, gratings, tilt)
    train(network, gratings, tilt, task=nn.BCEWithLogitsLoss(), epochs=1)


def test_networks_that_cannot_learn(gratings, tilt):
    with pytest.raises(ic.InputError, match="no parameters that can be trained"):
        train(load_network(nn.Flatten()), gratings, tilt)
    with pytest.raises(ic.InputError, match="needs a Network, not Small"):
        train(Small(), gratings, tilt)


def test_stimuli_of_different_sizes(rng):
    stimuli = ic.Stimuli.from_arrays([rng.uniform(size=(48, 64)), rng.uniform(size=(48, 60))])
    with pytest.raises(ic.InputError, match="stimuli of different sizes"):
        train(small(1, nn.Sigmoid()), stimuli, [0, 1])
