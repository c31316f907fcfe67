"""Random numbers for weights, without touching anybody else's."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def drawing_from(seed: int | None) -> Iterator[None]:
    """Let torch's initializers draw from a generator of their own.

    Parameters
    ----------
    seed : int or None
        An int: numbers follow from it, and torch's global generator is left as it was.
        None: they are drawn from the global generator, which goes on.
    """
    import torch

    if seed is None:
        yield
        return
    before = torch.get_rng_state()
    torch.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        torch.set_rng_state(before)
