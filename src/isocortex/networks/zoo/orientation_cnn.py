"""A small network that tells left from right tilt, and its relatives without its parts."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import nn

from isocortex.networks.inputs.preprocessing import Preprocessing

GREY = Preprocessing(resize=(48, 64), mean=(0.0,), std=(1.0,))
"""Grey pictures of 48 x 64; those that are so already stay as they are, bit for bit."""


class OrientationCNN(nn.Module):
    """Convolution, pooling, ten units, one probability.

    Six filters of 7 x 7 start as centre-surround and Gabor filters; like all other weights
    they are trained. Modules: ``conv`` (before its ReLU), ``conv_relu``, ``pool``, ``fc``
    (before its ReLU), ``fc_relu``, ``out`` (before the sigmoid), ``probability``.

    Parameters
    ----------
    size : (int, int), default=(48, 64)
        Rows and columns of the stimuli.
    """

    def __init__(self, size: tuple[int, int] = (48, 64)):
        super().__init__()
        n_filters, width, pooled = 6, 7, 8
        n_units = n_filters * (size[0] // pooled) * (size[1] // pooled)
        # The order in which these draw from the random generator is part of what they are.
        self.conv = nn.Conv2d(1, n_filters, width, padding=width // 2)
        self.conv_relu = nn.ReLU()
        self.pool = nn.MaxPool2d(pooled)
        self.fc = nn.Linear(n_units, 10)
        self.fc_relu = nn.ReLU()
        self.out = nn.Linear(10, 1)
        self.probability = nn.Sigmoid()
        self.conv.weight = nn.Parameter(torch.from_numpy(first_filters(n_filters, width)))
        self.conv.bias = nn.Parameter(torch.zeros(n_filters))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The probability of a tilt to the right.

        Parameters
        ----------
        x : tensor, shape (n_stimuli, rows, columns) or (n_stimuli, 1, rows, columns)
            Grey values from 0 to 1.

        Returns
        -------
        tensor, shape (n_stimuli, 1)
        """
        x = self.pool(self.conv_relu(self.conv(_with_channel(x))))
        x = self.fc_relu(self.fc(x.flatten(1)))
        return self.probability(self.out(x))


class _Readout(nn.Module):
    """The parts that all relatives share; ``front`` may be empty."""

    def __init__(self, front: Mapping[str, nn.Module], n_units: int):
        super().__init__()
        self._front = tuple(front)
        for name, module in front.items():
            self.add_module(name, module)
        self.fc = nn.Linear(n_units, 10)
        self.fc_relu = nn.ReLU()
        self.out = nn.Linear(10, 1)
        self.probability = nn.Sigmoid()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = _with_channel(x)
        for name in self._front:
            x = self.get_submodule(name)(x)
        return self.probability(self.out(self.fc_relu(self.fc(x.flatten(1)))))


def fully_connected(size: tuple[int, int] = (48, 64)) -> nn.Module:
    """Without convolution: pixels, ten units, one probability."""
    return _Readout({}, size[0] * size[1])


def convolution_only(size: tuple[int, int] = (48, 64)) -> nn.Module:
    """Without pooling, and with random first filters."""
    front = {"conv": nn.Conv2d(1, 6, 7, padding=3), "conv_relu": nn.ReLU()}
    return _Readout(front, 6 * size[0] * size[1])


def convolution_and_pool(size: tuple[int, int] = (48, 64)) -> nn.Module:
    """As :class:`OrientationCNN`, with random first filters."""
    front = {
        "conv": nn.Conv2d(1, 6, 7, padding=3),
        "conv_relu": nn.ReLU(),
        "pool": nn.MaxPool2d(8),
    }
    return _Readout(front, 6 * (size[0] // 8) * (size[1] // 8))


def first_filters(n_filters: int = 6, width: int = 7) -> np.ndarray:
    """Two centre-surround filters of opposite sign, and Gabors of equally spaced orientations.

    The envelopes fall with the distance, not its square. Each filter's largest weight is 1.

    Returns
    -------
    array, shape (n_filters, 1, width, width)
        float32.
    """
    grid = np.linspace(-width / 2, width / 2, width).astype(np.float32)
    rows, columns = np.meshgrid(grid, grid, indexing="ij")
    distance = np.sqrt(rows**2 + columns**2)
    sigma, wavelength = 1.1, 10
    centre = np.exp(-distance / (2 * sigma**2))
    surround = np.exp(-distance / (2 * (2 * sigma) ** 2))
    opponent = centre - 0.5 * surround
    envelope = np.exp(-distance / (2 * (0.4 * sigma) ** 2))
    gabors = []
    for angle in np.deg2rad(np.linspace(0, 180, n_filters - 1)[:-1]):
        along = rows * np.cos(angle) + columns * np.sin(angle)
        gabors.append(envelope * np.cos(2 * np.pi * along / wavelength + np.pi / 2))
    bank = np.stack([opponent, -opponent, *gabors]).astype(np.float32)
    bank /= np.abs(bank).max(axis=(1, 2), keepdims=True)
    return bank[:, None]


def _with_channel(x: torch.Tensor) -> torch.Tensor:
    return x[:, None] if x.ndim == 3 else x


ORIENTATION_NETWORKS: Mapping[str, Callable[..., nn.Module]] = {
    "orientation_cnn": OrientationCNN,
    "orientation_fc": fully_connected,
    "orientation_conv_fc": convolution_only,
    "orientation_conv_pool_fc": convolution_and_pool,
}
