import numpy as np
import pytest
import torch

import isocortex as ic
from isocortex.networks.load import load_network
from isocortex.networks.training.loop import train
from isocortex.networks.zoo.orientation_cnn import (
    ORIENTATION_NETWORKS,
    OrientationCNN,
    first_filters,
)

PUBLISHED = [4.10e-01, 5.17e-02, 1.32e-02, 2.27e-03, 8.15e-05]
"""The last loss of every fifth epoch."""


@pytest.mark.parametrize("epochs", [5, pytest.param(25, marks=pytest.mark.slow)])
def test_the_trace_of_the_notebook(epochs):
    np.random.seed(12)  # noqa: NPY002
    torch.manual_seed(12)
    network = load_network("orientation_cnn", weights=None, seed=None)
    orientations = (np.random.rand(1000) - 0.5) * 180  # noqa: NPY002
    assert orientations[0] == pytest.approx(-62.2507, abs=1e-4)
    stimuli = ic.gratings(orientations)
    labels = orientations > 0
    assert labels.sum() == 515
    untrained = _rdm_correlation(network)
    assert untrained == pytest.approx(0.4, abs=0.1)
    report = train(network, stimuli, labels, epochs=epochs, seed=None)
    assert report.step_losses.shape == (epochs, 10)
    found = report.step_losses[4::5, -1]
    np.testing.assert_allclose(found, PUBLISHED[: len(found)], rtol=0.02)
    if epochs == 25:
        assert report.accuracy > 0.99
        assert _rdm_correlation(network) == pytest.approx(0.70, abs=0.02)


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
