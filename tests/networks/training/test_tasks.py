import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic
from isocortex.networks.training.loop import train


def test_classes_by_word_and_by_number(gratings, untrained):
    angles = gratings.table["orientation"].to_numpy()
    words = np.array(["left", "middle", "right"])[np.digitize(angles, [-30, 30])]
    one, two = untrained(3), untrained(3)
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


def test_regression_and_its_explained_share(gratings, untrained):
    from sklearn.metrics import r2_score

    angles = np.deg2rad(gratings.table["orientation"].to_numpy())
    labels = np.stack([np.cos(2 * angles), np.sin(2 * angles)], 1)
    network = untrained(2)
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


def test_a_loss_of_ones_own_and_a_column(gratings, untrained):
    report = train(
        untrained(1),
        gratings,
        "orientation",
        task=nn.L1Loss(),
        epochs=2,
        momentum=0,
        learning_rate=1e-4,
    )
    assert np.isnan(report.accuracy)
    assert report.settings["task"].startswith("L1Loss") or "L1Loss" in report.settings["task"]


def test_outputs_that_are_no_probabilities(gratings, tilt, untrained):
    network = untrained(1)
    with torch.no_grad():
        network.module.out.bias += 5
    with pytest.raises(ic.InputError, match="needs probabilities, but the network's outputs go"):
        train(network, gratings, tilt)
    train(network, gratings, tilt, task=nn.BCEWithLogitsLoss(), epochs=1)
