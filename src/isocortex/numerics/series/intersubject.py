"""How alike the series of several subjects are, by sums over subjects."""

from typing import NamedTuple

import numpy as np


class Alike(NamedTuple):
    """Correlations of subjects with one another, in every unit."""

    left_out: np.ndarray
    """Shape (n_subjects, n_units): each subject with the mean of the others."""
    included: np.ndarray
    """Shape (n_subjects, n_units): each subject with the mean of all, itself among them."""
    pairwise: np.ndarray
    """Shape (n_units,): the mean over pairs."""


def alike(z: np.ndarray) -> Alike:
    r"""Correlations of each subject with the others.

    .. math:: r_s = \frac{k_s - 1}{\sqrt{t - 2 k_s + 1}}

    where :math:`k_s` is the sum of the correlations of s with all, and t that of all k.

    Parameters
    ----------
    z : array, shape (n_subjects, n_times, n_units)
        Mean 0 and sum of squares 1 over time.
    """
    k = np.einsum("stu,tu->su", z, z.sum(0))
    total = k.sum(0)
    n = len(z)
    with np.errstate(invalid="ignore", divide="ignore"):
        left_out = (k - 1) / np.sqrt(np.maximum(total - 2 * k + 1, 0))
        included = k / np.sqrt(np.maximum(total, 0))
    return Alike(left_out, included, (total - n) / (n * (n - 1)))


def shifted(z: np.ndarray, runs: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Each run of each subject turned by a number of rows of its own."""
    rows = np.empty(z.shape[:2], dtype=np.intp)
    for run in runs:
        turns = rng.integers(len(run), size=len(z))
        rows[:, run] = run[(np.arange(len(run)) - turns[:, None]) % len(run)]
    return z[np.arange(len(z))[:, None], rows]
