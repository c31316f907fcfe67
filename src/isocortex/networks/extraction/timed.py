"""How long a network takes for one stimulus, from a pass over a few of them."""

import time

from isocortex.networks.hooks import evaluating
from isocortex.networks.network import Network

STIMULI = 4


def seconds_for_one(network: Network) -> float:
    """Seconds for each stimulus of the usual shape, on the device where the network is."""
    import torch

    probe = network.probe(STIMULI)
    with evaluating(network.module), torch.inference_mode():
        network.module(probe[:1])  # The first pass plans and allocates.
        start = time.perf_counter()
        network.module(probe)
        return (time.perf_counter() - start) / STIMULI
