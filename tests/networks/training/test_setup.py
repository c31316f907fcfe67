import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic
from isocortex.networks.load import load_network
from isocortex.networks.training.loop import train


def test_a_seed_repeats_and_leaves_the_global_generator(gratings, tilt, untrained):
    torch.manual_seed(77)
    np.random.seed(5)  # noqa: NPY002
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    reports = []
    for seed in (1, 1, 2):
        network = untrained(1, nn.Sigmoid())
        reports.append(train(network, gratings, tilt, epochs=2, batch_size=20, seed=seed))
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
    np.testing.assert_array_equal(reports[0].step_losses, reports[1].step_losses)
    assert (reports[0].step_losses != reports[2].step_losses).any()


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
def test_bad_input(case, gratings, tilt, untrained):
    changes, words = BAD[case]
    options = {"labels": tilt, "epochs": 1} | changes(gratings, tilt.astype(int))
    network = untrained(1, nn.Sigmoid())
    before = {k: v.clone() for k, v in network.module.state_dict().items()}
    with pytest.raises(ic.InputError, match=words):
        train(network, gratings, **options)
    for name, value in network.module.state_dict().items():
        assert torch.equal(value, before[name])


def test_networks_that_cannot_learn(gratings, tilt, untrained):
    with pytest.raises(ic.InputError, match="no parameters that can be trained"):
        train(load_network(nn.Flatten()), gratings, tilt)
    with pytest.raises(ic.InputError, match="needs Network as network, not Small"):
        train(untrained(1).module, gratings, tilt)


def test_stimuli_of_different_sizes(rng, untrained):
    stimuli = ic.Stimuli.from_arrays([rng.uniform(size=(48, 64)), rng.uniform(size=(48, 60))])
    with pytest.raises(ic.InputError, match="stimuli of different sizes"):
        train(untrained(1, nn.Sigmoid()), stimuli, [0, 1])
