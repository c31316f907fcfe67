"""What is said of scores: one t test."""

import numpy as np
from scipy import stats


def t_test(scores: np.ndarray, variance: float = 0.0) -> np.ndarray:
    r"""The two-sided p of the mean of scores against 0, along the first axis.

    .. math:: t = \bar{s} / \sqrt{(1/n + v) \, \mathrm{var}(s)}

    Parameters
    ----------
    scores : array, shape (n, …)
    variance : float, default=0
        :math:`v`: what is added to 1/n because the scores are not independent of one another.

    Returns
    -------
    p : array, shape (…)
        NaN for a single score, or where none differs from 0.
    """
    n = len(scores)
    if n < 2:
        return np.full(scores.shape[1:], np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = scores.mean(0) / np.sqrt((1 / n + variance) * scores.var(0, ddof=1))
    return 2 * stats.t.sf(np.abs(t), n - 1)


def standard_error(scores: np.ndarray) -> np.ndarray:
    """The standard deviation of the mean of independent scores; NaN of a single one."""
    if len(scores) < 2:
        return np.full(scores.shape[1:], np.nan)
    return scores.std(0, ddof=1) / np.sqrt(len(scores))
