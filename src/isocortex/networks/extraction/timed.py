"""How long a network takes for one stimulus, from a pass over a few of them."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from isocortex.networks.hooks import evaluating
from isocortex.networks.network import Network

STIMULI = 4


def seconds_for_one(network: Network) -> float:
    """Seconds for each stimulus of the usual shape, on the device where the network is."""
    return _seconds(network, network.probe(STIMULI))


def seconds_for_each(network: Network, prepared: Sequence[np.ndarray]) -> float:
    """Seconds for each of a few stimuli as the network takes them; of several shapes the first."""
    import torch

    alike = [each for each in prepared if each.shape == prepared[0].shape]
    return _seconds(network, torch.stack([torch.as_tensor(each) for each in alike]))


def _seconds(network: Network, batch: Any) -> float:
    import torch

    with evaluating(network.module), torch.inference_mode():
        network.module(batch[:1])  # The first pass plans and allocates.
        start = time.perf_counter()
        network.module(batch)
        return (time.perf_counter() - start) / len(batch)
