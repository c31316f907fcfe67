"""Passes that leave the random numbers of the caller alone, and tell whether any were drawn."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Drawn:
    """Whether random numbers were drawn since the seeds were set."""

    any: bool = False


@contextmanager
def seeded(seed: int, device: Any = None) -> Iterator[Drawn]:
    """Seed the global generators of torch, numpy and Python; they come back afterwards."""
    import torch

    cuda = [device] if device is not None and device.type == "cuda" else []
    before = random.getstate(), np.random.get_state()  # noqa: NPY002
    drawn = Drawn()
    with torch.random.fork_rng(cuda):
        torch.manual_seed(seed)
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        start = _states(cuda)
        try:
            yield drawn
            drawn.any = _states(cuda) != start
        finally:
            random.setstate(before[0])
            np.random.set_state(before[1])  # noqa: NPY002


def _states(cuda: list[Any]) -> tuple[bytes, ...]:
    import torch

    kept: Any = np.random.get_state()  # noqa: NPY002
    own = (repr(random.getstate()).encode(), bytes(kept[1]), repr(kept[2:]).encode())
    torches = [torch.get_rng_state(), *(torch.cuda.get_rng_state(each) for each in cuda)]
    return (*own, *(each.numpy().tobytes() for each in torches))
