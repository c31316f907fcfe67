"""Time is the axis that follows the length of the input; its rows lie where it says."""

import numpy as np
import pytest
import torch
from torch import nn

from isocortex.networks.extraction.time_axis import Grid, Lengths, followed_axis, grid_of, spans


def _chain(*convolutions):
    layers = [nn.Conv1d(1, 1, kernel, stride, padding=pad) for kernel, stride, pad in convolutions]
    return nn.Sequential(nn.Unflatten(1, (1, -1)), *layers)


def _felt(module, length):
    """Slow truth: which samples change each row of the output."""
    with torch.no_grad():
        zeros = module(torch.zeros(1, length))[0, 0]
        changed = [
            (module(torch.eye(length)[i : i + 1])[0, 0] != zeros).numpy() for i in range(length)
        ]
    return np.array(changed).T


@pytest.mark.parametrize(
    "kernels",
    [
        [(10, 5, 0)],
        [(10, 5, 0), (3, 2, 0), (2, 2, 0)],
        [(4, 1, 0), (4, 1, 0)],
        [(3, 1, 0), (5, 3, 0)],
    ],
)
def test_rows_reach_over_what_changes_them(kernels):
    module = _chain(*kernels)
    lengths = Lengths(module, lambda n: (n,))
    call = str(len(kernels))
    axis = followed_axis(lengths, call, 90, 180)
    grid = grid_of(lengths, call, axis, 90)
    felt = _felt(module, 120)
    assert axis == 2
    for row, samples in enumerate(felt):
        first, last = np.nonzero(samples)[0][[0, -1]]
        assert first >= row * grid.step + grid.first
        assert last == row * grid.step + grid.last - 1
    # The first sample of all counts in the first row.
    assert felt[0, 0]


def test_padded_convolutions_tile_the_input():
    lengths = Lengths(_chain((3, 2, 1), (3, 2, 1)), lambda n: (n,))
    assert grid_of(lengths, "2", 2, 64) == Grid(4, 0, 4)


def test_what_does_not_follow_has_no_time():
    module = nn.Sequential(nn.Unflatten(1, (1, -1)), nn.Conv1d(1, 2, 3), nn.AdaptiveAvgPool1d(4))
    lengths = Lengths(module, lambda n: (n,))
    assert followed_axis(lengths, "2", 30, 60) is None
    assert followed_axis(lengths, "1", 30, 60) == 2


class _NeedsNumbers(nn.Module):
    """Cannot run without numbers, so that it is run for its shapes."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 4, 2)

    def forward(self, x):
        assert float(x.sum()) == 0
        return self.conv(x[:, None])


def test_networks_that_need_numbers_are_run():
    lengths = Lengths(_NeedsNumbers(), lambda n: (n,))
    assert grid_of(lengths, "conv", 2, 40) == Grid(2, 0, 4)
    assert lengths.costly


def test_a_network_of_one_length_takes_no_other():
    module = nn.Sequential(nn.Linear(8, 2))
    lengths = Lengths(module, lambda n: (n,))
    assert lengths.at(8) == {"": (2, 2), "0": (2, 2)}
    assert lengths.at(9) is None


def test_times_of_rows_follow_uneven_frames():
    edges = np.array([0, 0.1, 0.2, 0.5, 0.6])
    onset, offset, time = spans(Grid(2, 0, 2), 2, edges, points=False)
    assert np.allclose([onset, offset, time], [[0, 0.2], [0.2, 0.6], [0.1, 0.4]])


def test_samples_are_points_and_states_of_causal_networks_stand_for_their_ends():
    edges = np.arange(1001) / 16000
    onset, offset, time = spans(Grid(320, 0, 400), 2, edges, points=True)
    assert np.allclose(time, (320 * np.arange(2) + 199.5) / 16000)
    assert np.allclose(offset - onset, 0.025)
    onset, offset, time = spans(Grid(512, -64, 512, at_end=True), 1, edges, points=True)
    assert (onset[0], offset[0], time[0]) == pytest.approx((-0.004, 0.032, 0.032))
