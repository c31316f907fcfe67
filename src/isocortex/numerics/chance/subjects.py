"""What subjects tell of others like them: t, and the signs of their scores flipped."""

from typing import NamedTuple

import numpy as np
from scipy import special

from isocortex.numerics.chance.permutation import SIDES, permutation_p


class Inference(NamedTuple):
    """An interval and a p-value of one and the same test."""

    low: np.ndarray
    high: np.ndarray
    p: np.ndarray


def t_inference(
    mean: np.ndarray, error: np.ndarray, n: int | np.ndarray, level: float, tail: str = "two_sided"
) -> Inference:
    r"""The t-test of a mean against 0, :math:`\bar x \pm t_{n-1} s / \sqrt n`.

    Parameters
    ----------
    mean, error : array, shape (...)
        The mean over ``n`` subjects and its standard error.
    n : int or array, shape (...)
    level : float
        Of the interval; a one-sided test has one that is open on the other side.
    tail : {"two_sided", "greater", "less"}

    Returns
    -------
    Inference
    """
    side = SIDES[tail]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = mean / error
    # The survival function and the quantile of t; scipy's own way to them takes 0.1 ms each.
    p = special.stdtr(n - 1, -side * t) if side else 2 * special.stdtr(n - 1, -np.abs(t))
    half = error * special.stdtrit(n - 1, level if side else (1 + level) / 2)
    return Inference(*_open_ends(mean - half, mean + half, side), p)


def flip_inference(x: np.ndarray, signs: np.ndarray, level: float, tail: str) -> Inference:
    r"""The sign-flip test of a mean against 0, and the means that it does not reject.

    Flipping the subjects S moves the mean below that of the data by twice the sum over S, so that
    a mean :math:`\mu` is reached by the flips of which the mean over S is at most :math:`\mu`:
    the limits are order statistics of the means over subsets of subjects.

    Parameters
    ----------
    x : array, shape (n_subjects,)
    signs : array, shape (n_flips, n_subjects)
        Of +1 and -1, without the data themselves.
    level, tail
        As in :func:`t_inference`.

    Returns
    -------
    Inference
        An end is infinite where there are too few flips for the level.

    References
    ----------
    Hartigan (1969), Using subsample values as typical values, J. Am. Stat. Assoc. 64:1303,
    https://doi.org/10.1080/01621459.1969.10501057
    """
    side = SIDES[tail]
    p = permutation_p(np.asarray(x.mean()), signs @ x / len(x), tail)
    flipped = signs < 0
    some = flipped.any(1)
    means = np.sort((flipped[some] @ x) / flipped[some].sum(1))
    outside = (1 - level) if side else (1 - level) / 2
    # So many flips beyond a limit, the data among them, are no more than the level allows.
    k = int(np.floor(outside * (1 + len(signs)) * (1 + 1e-12)))
    # A random flip that moved nobody reaches every mean.
    k -= len(signs) - int(some.sum())
    low, high = (means[k - 1], means[-k]) if k >= 1 else (-np.inf, np.inf)
    return Inference(*_open_ends(np.asarray(low), np.asarray(high), side), p)


def least_flip_p(n_flips: int, tail: str) -> float:
    """The smallest p-value that so many flips, the data among them, allow."""
    return (1 if SIDES[tail] else 2) / n_flips


def _open_ends(low: np.ndarray, high: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    if side > 0:
        return low, np.full_like(high, np.inf)
    if side < 0:
        return np.full_like(low, -np.inf), high
    return low, high
