"""Which mixtures of bands are tried: a designed set, or random draws."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

PAIRED = (0.1, 0.5, 0.9)
"""Shares of the first band of a pair."""


def designed_mixtures(n_bands: int) -> np.ndarray:
    """Each band alone, all alike, each pair at three shares, all but one; (n_mixtures, n_bands).

    These stand where optima are: at the corners, on the edges and in the middle of all mixtures.
    """
    alone = np.eye(n_bands)
    rows = [*alone, np.full(n_bands, 1 / n_bands)]
    for first, second in combinations(alone, 2):
        rows.extend(share * first + (1 - share) * second for share in PAIRED)
    if n_bands > 2:
        rows.extend((1 - band) / (n_bands - 1) for band in alone)
    # Of two bands, all alike is a pair at a half.
    first = np.unique(np.array(rows).round(12), axis=0, return_index=True)[1]
    return np.array(rows)[np.sort(first)]


def random_mixtures(n_mixtures: int, n_bands: int, rng: np.random.Generator) -> np.ndarray:
    """Shares of the bands: each alone, all alike, and random ones; shape (n_mixtures, n_bands).

    Random shares follow Dirichlet distributions of concentration 0.1 and 1 in turn, as in
    Dupre la Tour, Eickenberg, Nunez-Elizalde & Gallant (2022), NeuroImage 264:119728,
    https://doi.org/10.1016/j.neuroimage.2022.119728
    """
    fixed = np.concatenate([np.full((1, n_bands), 1 / n_bands), np.eye(n_bands)])
    drawn = [
        rng.dirichlet(np.full(n_bands, (0.1, 1.0)[i % 2]))
        for i in range(max(0, n_mixtures - len(fixed)))
    ]
    return np.concatenate([fixed, np.array(drawn).reshape(-1, n_bands)])[: max(n_mixtures, 1)]


def unit_scales(grams: Sequence[np.ndarray]) -> np.ndarray:
    """What each Gram is divided by for a mean diagonal of 1; 1 for a band that does not vary."""
    mean = np.array([np.trace(gram) / max(len(gram), 1) for gram in grams])
    return np.where(mean > 0, mean, 1.0)
