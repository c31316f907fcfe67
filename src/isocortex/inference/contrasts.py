"""From samples to variances, intervals and p-values of scores and their differences."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from isocortex.data.frozen import frozen_fields
from isocortex.inference.samples import Samples
from isocortex.numerics.chance.multiple import max_p
from isocortex.numerics.inference.two_factor import (
    fold_covariance,
    satterthwaite,
    two_factor_parts,
)

_NO_DIFFERENCE = 1e-12
ON_THE_DATA = 50
"""Over so many drawings of folds the scores of fitted models on the data are averaged."""


@frozen_fields
@dataclass(frozen=True)
class Spread:
    """How uncertain scores and their differences are."""

    of_scores: np.ndarray
    """Variances, shape (n_columns,)."""
    of_differences: np.ndarray
    """Variances, shape (n_columns, n_columns)."""
    df_of_scores: np.ndarray
    df_of_differences: np.ndarray


def spread(samples: Samples, n_people: int, n_stimuli: int, df: str) -> Spread:
    """Variances of every contrast, each corrected by itself, and degrees of freedom.

    Parameters
    ----------
    samples : Samples
    n_people, n_stimuli : int
        What was drawn from.
    df : {"published", "satterthwaite"}
        ``min(n_people, n_stimuli) - 1``, or by the two parts of the variance.
    """
    found = {}
    for name, columns in samples.by_factor.items():
        covariance = fold_covariance(columns, ON_THE_DATA)
        own = np.diagonal(covariance)
        sums = own[:, None] + own
        # var(a - b) = var a + var b - 2 cov; a small share of the sum is rounding.
        between = sums - 2 * covariance
        found[name] = (own, np.where(between > _NO_DIFFERENCE * sums, between, 0.0))
    if "both" not in found:
        ((name, (own, between)),) = found.items()
        n = n_people if name == "subject" else n_stimuli
        # A bootstrap of n things has (n - 1) / n of the variance.
        factor = n / (n - 1)
        least = np.full_like(between, n - 1)
        return Spread(own * factor, between * factor, np.diagonal(least), least)
    both = []
    for each in range(2):
        parts = [found[name][each] for name in ("subject", "stimulus", "both")]
        variance = two_factor_parts(parts[0], parts[1], parts[2], n_people, n_stimuli)
        degrees = np.full_like(variance.total, min(n_people, n_stimuli) - 1)
        if df == "satterthwaite":
            degrees = satterthwaite(variance.people, variance.stimuli, n_people, n_stimuli)
        both.append((variance.total, degrees))
    return Spread(both[0][0], both[1][0], both[0][1], both[1][1])


def t_of(value: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """How many standard errors a value is from 0; 0 for 0 without any error."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = value / np.sqrt(variance)
    return np.where((value == 0) & (variance == 0), 0.0, t)


def interval(
    value: np.ndarray, variance: np.ndarray, df: np.ndarray, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """The t-interval of a value."""
    half = np.sqrt(variance) * stats.t.ppf((1 + level) / 2, df)
    return value - half, value + half


def max_p_of_pairs(samples: np.ndarray, t: np.ndarray) -> np.ndarray:
    r"""P-values that control the family-wise error over all pairs, by the largest |t|.

    The differences of each sample, centred and over their own standard deviation, are what |t|
    of equal models is like; the largest of each sample is what the largest |t| of all pairs is.

    Parameters
    ----------
    samples : array, shape (n_samples, n_models)
    t : array, shape (n_pairs,)
    """
    # Samples scatter around their mean as scores do around the truth, were there no difference.
    centred = samples - samples.mean(0)
    covariance = fold_covariance(samples[:, None])
    own = np.diagonal(covariance)
    sums = own[:, None] + own
    variance = sums - 2 * covariance
    sd = np.sqrt(np.where(variance > _NO_DIFFERENCE * sums, variance, np.inf))
    largest = np.zeros(len(samples))
    for i in range(samples.shape[1] - 1):
        # (n_samples, n_models - 1 - i): not all pairs at once, which may not fit.
        between = np.abs(centred[:, i : i + 1] - centred[:, i + 1 :]) / sd[i, i + 1 :]
        largest = np.maximum(largest, between.max(1, initial=0.0))
    return max_p(np.abs(t), largest)
