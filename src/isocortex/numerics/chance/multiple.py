"""Many tests at once: false discovery rate, family-wise error and the largest statistic.

To add a correction: write the function, add its line to ``CORRECTIONS``. The tests find it there.
"""

from collections.abc import Callable, Mapping

import numpy as np

from isocortex.numerics.chance.permutation import just_below

Correction = Callable[[np.ndarray], np.ndarray]


def fdr(p: np.ndarray) -> np.ndarray:
    r"""P-values adjusted to control the false discovery rate (Benjamini & Hochberg).

    .. math:: q_{(i)} = \min_{j \ge i} \; p_{(j)} \, m / j

    Parameters
    ----------
    p : array of any shape
        NaN where there was no test; these stay NaN and are not counted.

    Returns
    -------
    array of the same shape
        From 0 to 1; reject where it is at most the wanted rate.

    References
    ----------
    Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57:289,
    https://doi.org/10.1111/j.2517-6161.1995.tb02031.x
    """
    return _by_rank(p, _step_up)


def holm(p: np.ndarray) -> np.ndarray:
    r"""P-values adjusted to control the family-wise error by Holm's step-down method.

    .. math:: q_{(i)} = \max_{j \le i} \; (m - j + 1) \, p_{(j)}

    Parameters
    ----------
    p : array of any shape
        NaN where there was no test; these stay NaN and are not counted.

    Returns
    -------
    array of the same shape
        From 0 to 1.

    References
    ----------
    Holm (1979), Scand. J. Stat. 6:65, https://www.jstor.org/stable/4615733
    """
    return _by_rank(p, _step_down)


def _by_rank(p: np.ndarray, adjust: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Adjust the p-values that there are, given in rising order."""
    p = np.asarray(p, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    tested = ~np.isnan(p)
    found = p[tested]
    order = np.argsort(found)
    answer = np.empty(len(found))
    answer[order] = np.minimum(adjust(found[order]), 1.0)
    adjusted[tested] = answer
    return adjusted


def _step_up(rising: np.ndarray) -> np.ndarray:
    scaled = rising * len(rising) / np.arange(1, len(rising) + 1)
    return np.minimum.accumulate(scaled[::-1])[::-1]


def _step_down(rising: np.ndarray) -> np.ndarray:
    return np.maximum.accumulate(rising * np.arange(len(rising), 0, -1))


def max_p(observed: np.ndarray, maxima: np.ndarray) -> np.ndarray:
    r"""P-values that control the family-wise error by the largest statistic (max-T).

    .. math:: p = (1 + \#\{b : \max_b \ge t\}) / (1 + B)

    Parameters
    ----------
    observed : array of any shape
        NaN where there was no test.
    maxima : array, shape (n_permutations,)
        The largest statistic of all tests in each permutation.

    References
    ----------
    Westfall & Young (1993), Resampling-based multiple testing, Wiley;
    Nichols & Holmes (2002), Hum. Brain Mapp. 15:1, https://doi.org/10.1002/hbm.1058
    """
    ordered = np.sort(maxima)
    limits = just_below(np.asarray(observed), ordered)
    larger = len(ordered) - np.searchsorted(ordered, limits, side="left")
    return np.where(np.isnan(observed), np.nan, (1 + larger) / (1 + len(ordered)))


CORRECTIONS: Mapping[str, Correction] = {"fdr": fdr, "holm": holm}
"""Adjusted p-values, by the name that ``corrected`` takes."""
