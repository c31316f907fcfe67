r"""The variance of what varies over people and over stimuli.

References
----------
.. [1] Schütt et al. (2023), Statistical inference on representational geometries, eLife
   12:e82566. https://doi.org/10.7554/eLife.82566
"""

from typing import NamedTuple

import numpy as np


class Variance(NamedTuple):
    """A variance, and the parts that people and stimuli have in it."""

    total: np.ndarray
    people: np.ndarray
    stimuli: np.ndarray


def two_factor_parts(
    people: np.ndarray, stimuli: np.ndarray, both: np.ndarray, n_people: int, n_stimuli: int
) -> Variance:
    r"""The corrected variance of the two-factor bootstrap [1]_, with its parts.

    .. math:: v = a v_p + b v_s - ab (v_{ps} - v_p - v_s), \quad a = \frac{P}{P-1},
              b = \frac{S}{S-1}

    then at least :math:`a v_p` and :math:`b v_s`, then at most :math:`v_{ps}`. Resampling both
    counts their interaction three times, either alone once. It is for one contrast by itself: the
    bounds are not linear, and a matrix of such numbers need not be a covariance.

    Parameters
    ----------
    people, stimuli, both : array, shape (...)
        Variances over samples of either, and of both.
    n_people, n_stimuli : int
        What was drawn from.
    """
    a, b = n_people / (n_people - 1), n_stimuli / (n_stimuli - 1)
    total = a * people + b * stimuli - a * b * (both - people - stimuli)
    # Never below what people or stimuli make alone, nor above the bootstrap of both.
    total = np.maximum(total, np.maximum(a * people, b * stimuli))
    return Variance(np.minimum(total, both), a * people, b * stimuli)


def two_factor_variance(
    people: np.ndarray, stimuli: np.ndarray, both: np.ndarray, n_people: int, n_stimuli: int
) -> np.ndarray:
    """The same of samples themselves, shape (n_samples, ...); NaN are left out."""
    parts = [sample_variance(each) for each in (people, stimuli, both)]
    return two_factor_parts(parts[0], parts[1], parts[2], n_people, n_stimuli).total


def sample_variance(samples: np.ndarray) -> np.ndarray:
    """Over the first axis, with one degree of freedom less; NaN are left out."""
    there = ~np.isnan(samples)
    n = there.sum(0)
    mean = np.where(there, samples, 0.0).sum(0) / np.maximum(n, 1)
    squares = np.where(there, (samples - mean) ** 2, 0.0).sum(0)
    return np.where(n > 1, squares / np.maximum(n - 1, 1), np.nan)


def satterthwaite(
    people: np.ndarray, stimuli: np.ndarray, n_people: int, n_stimuli: int
) -> np.ndarray:
    r"""Degrees of freedom of a sum of two variances.

    .. math:: \frac{(V_p + V_s)^2}{V_p^2 / (P - 1) + V_s^2 / (S - 1)}

    References
    ----------
    Satterthwaite (1946), Biometrics Bulletin 2:110, https://doi.org/10.2307/3002019
    """
    least = min(n_people, n_stimuli) - 1
    below = people**2 / (n_people - 1) + stimuli**2 / (n_stimuli - 1)
    ratio = (people + stimuli) ** 2 / np.where(below > 0, below, 1.0)
    return np.where(below > 0, np.maximum(ratio, least), least)


def fold_covariance(columns: np.ndarray, n_on_data: int = 1) -> np.ndarray:
    r"""Covariance over samples, with what the lot of the folds adds to scores of the data.

    One drawing of folds has the variance :math:`v + l`, of which l is by the lot, and the mean of
    n drawings :math:`v + l/n`, so that both follow from these two; a score of the data that is
    the mean of N drawings has :math:`v + l/N`.

    Parameters
    ----------
    columns : array, shape (n_samples, n_drawings, n_columns)
        Of one drawing, where nothing is fitted: then this is the covariance alone.
    n_on_data : int, default=1
        N.

    Returns
    -------
    array, shape (n_columns, n_columns)
        With a diagonal not below 0.
    """
    n = columns.shape[1]
    of_means = _covariance(columns.mean(1))
    if n == 1:
        return of_means
    single = np.mean([_covariance(columns[:, i]) for i in range(n)], axis=0)
    # A mean of n lots has lot / n of their variance; single ones have all of it.
    lot = (single - of_means) * n / (n - 1)
    found = single - lot + lot / n_on_data
    places = np.arange(len(found))
    found[places, places] = np.maximum(found[places, places], 0.0)
    return found


def _covariance(columns: np.ndarray) -> np.ndarray:
    centred = columns - columns.mean(0)
    return centred.T @ centred / max(len(columns) - 1, 1)
