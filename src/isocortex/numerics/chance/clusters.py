"""Neighbouring points whose test statistic is high, and how large such clusters are by chance."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import ndimage


def t_values(x: np.ndarray, signs: np.ndarray | None = None) -> np.ndarray:
    """One-sample t values after the signs of the subjects are flipped.

    The squares do not change, so all permutations are one matrix product.

    Parameters
    ----------
    x : array, shape (n_subjects, n_points)
    signs : array, shape (n_permutations, n_subjects), optional
        Of +1 and -1.

    Returns
    -------
    t : array, shape (n_permutations, n_points), or (n_points,) without signs
        Zero where no subject differs from zero.
    """
    n = len(x)
    means = (np.ones((1, n)) if signs is None else signs) @ x / n
    squares = (x**2).sum(0)
    variance = np.maximum(squares - n * means**2, 0.0) / (n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = means / np.sqrt(variance / n)
    t = np.where(np.isnan(t), 0.0, t)
    return t[0] if signs is None else t


def sign_flips(n: int, n_permutations: int, rng: np.random.Generator) -> tuple[np.ndarray, bool]:
    """All sign patterns where they are not more than asked for, otherwise random ones.

    Returns
    -------
    signs : array, shape (n_permutations, n)
        The first is the data as they are.
    exact : bool
        Whether these are all.
    """
    if n < 31 and 2**n <= n_permutations:
        bits = np.arange(2**n)[:, None] >> np.arange(n)
        return 1.0 - 2.0 * (bits & 1), True
    signs = rng.choice([-1.0, 1.0], (n_permutations, n))
    signs[0] = 1.0
    return signs, False


def clusters_of(t: np.ndarray, threshold: float, tail: int) -> tuple[np.ndarray, np.ndarray]:
    """Clusters of neighbouring points beyond the threshold, on the same side of zero.

    Parameters
    ----------
    t : array, shape (n_times,) or (n_train_times, n_test_times)
    threshold : float
        Above zero.
    tail : {-1, 0, 1}

    Returns
    -------
    which : integer array of the same shape
        The number of the cluster, from 1, or 0.
    mass : array, shape (n_clusters,)
        The sum of t in each.
    """
    which = np.zeros(t.shape, dtype=np.intp)
    n_found = 0
    for beyond in _sides(t, threshold, tail):
        labels, n = _labelled(beyond)
        which[beyond] = labels[beyond] + n_found
        n_found += n
    mass = np.bincount(which.ravel(), weights=t.ravel(), minlength=n_found + 1)[1:]
    return which, mass


def largest_mass(t: np.ndarray, threshold: float, tail: int) -> np.ndarray:
    """The greatest absolute cluster mass of each row.

    Parameters
    ----------
    t : array, shape (n_permutations, n_times) or (n_permutations, n_times, n_times)

    Returns
    -------
    mass : array, shape (n_permutations,)
        Zero where no point is beyond the threshold.
    """
    most = np.zeros(len(t))
    # Points of different permutations are no neighbours.
    structure = ndimage.generate_binary_structure(t.ndim, 1)
    structure[0] = structure[2] = False
    for beyond in _sides(t, threshold, tail):
        labels, n = _labelled(beyond, structure)
        if n:
            inside = labels[beyond]
            mass = np.bincount(inside, weights=np.abs(t[beyond]))[1:]
            owner = np.empty(n, dtype=np.intp)
            owner[inside - 1] = np.nonzero(beyond)[0]
            np.maximum.at(most, owner, mass)
    return most


def _labelled(beyond: np.ndarray, structure: Any = None) -> tuple[np.ndarray, int]:
    labels = np.empty(beyond.shape, dtype=np.intp)
    n = ndimage.label(beyond, structure, output=labels)
    return labels, int(n)  # pyright: ignore[reportArgumentType]


def _sides(t: np.ndarray, threshold: float, tail: int) -> Iterator[np.ndarray]:
    if tail >= 0:
        yield t > threshold
    if tail <= 0:
        yield t < -threshold
