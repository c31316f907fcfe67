"""The one way from a seed to random numbers: always the same, and never those of others."""

from typing import Any

import numpy as np

from isocortex.errors import InputError


def generator(seed: object) -> np.random.Generator:
    """A generator of its own for a seed, or the generator that was given.

    Parameters
    ----------
    seed : int or numpy.random.Generator
        A whole number from 0. None is refused: each call would give other numbers.

    Raises
    ------
    InputError
        If it is anything else.
    """
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(int(checked_seed(seed)))


def checked_seed(seed: Any) -> Any:
    """A seed that :func:`generator` takes, of which none is made yet.

    Raises
    ------
    InputError
        If it is anything else.
    """
    if isinstance(seed, np.random.Generator):
        return seed
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(
            f"seed={seed!r} must be a whole number from 0 (or a numpy Generator), so that the same "
            "call gives the same numbers."
        )
    return seed
