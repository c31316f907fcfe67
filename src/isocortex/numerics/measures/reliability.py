"""How reliable is each unit? From repeated presentations of the same stimuli."""

import numpy as np
from scipy import sparse

from isocortex.numerics.arrays.parallel import rows_for
from isocortex.numerics.measures.accuracy import pearson


def spearman_brown(r: np.ndarray, factor: float = 2.0) -> np.ndarray:
    r"""Reliability of ``factor`` times as many repeats, :math:`f r / (1 + (f - 1) r)`.

    Spearman (1910), Br. J. Psychol. 3:271; Brown (1910), Br. J. Psychol. 3:296.
    """
    return factor * r / (1 + (factor - 1) * r)


def halving_factor(counts: np.ndarray) -> float:
    r"""How many times as many repeats the averages have as the halves of :func:`split_half`.

    .. math:: f = \overline{1 / \lfloor m / 2 \rfloor} \; / \; \overline{1 / m}

    over stimuli with :math:`m` repeats each: the noise of an average over stimuli goes with the
    mean of one over the number of repeats, and of an odd number one is in neither half. Two for
    even numbers, three for 3 repeats, 2.5 for 5.
    """
    return float((1 / (counts // 2)).mean() / (1 / counts).mean())


def unbiased(reliability: np.ndarray, n_stimuli: int) -> np.ndarray:
    r"""Reliability freed of the bias that a sample of stimuli gives it.

    .. math:: 1 - \frac{n - 3}{n - 1} (1 - \hat\rho)

    :math:`1 - \hat\rho` is noise over the variance of n averages, and the mean of one over such a
    variance is too large by :math:`(n - 1) / (n - 3)` (inverse chi squared, normal signals).
    """
    return 1 - (n_stimuli - 3) / (n_stimuli - 1) * (1 - reliability)


def split_half(
    values: np.ndarray, stimuli: np.ndarray, n_splits: int, rng: np.random.Generator
) -> np.ndarray:
    """Correlation over stimuli of the means of two halves of the trials, averaged over splits.

    Parameters
    ----------
    values : array, shape (n_trials, n_units)
    stimuli : integer array, shape (n_trials,)
        From 0; each must come at least twice.
    n_splits : int
    rng : numpy Generator
        Draws which trials of each stimulus go to which half; of an odd number one is left out.

    Returns
    -------
    array, shape (n_units,)
        Reliability of one half; :func:`spearman_brown` with :func:`halving_factor` gives that of
        all trials.
    """
    n_stimuli, n_units = int(stimuli.max()) + 1, values.shape[1]
    total = np.zeros(n_units)
    size = rows_for(8 * n_stimuli * n_units)
    for start in range(0, n_splits, size):
        some = min(size, n_splits - start)
        # (n_stimuli, n_some * n_units): each unit in each split is a column of its own.
        halves = [(each @ values).reshape(n_stimuli, -1) for each in _halves(stimuli, some, rng)]
        total += pearson(*halves).reshape(some, n_units).sum(0)
    return total / n_splits


def noise_and_averages(
    values: np.ndarray, stimuli: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    r"""Variance of the noise of one trial, variance of the averages, and mean of 1 / repeats.

    The variance over stimuli of their means holds signal and a share of noise:
    :math:`\sigma^2_{means} = \sigma^2_{signal} + \sigma^2_{noise} \overline{1/m}`.

    Returns
    -------
    noise : array, shape (n_units,)
        Pooled within stimuli.
    averages : array, shape (n_units,)
        Over stimuli: signal, and the noise that averaging left.
    inverse : float
        The mean over stimuli of one over the number of repeats.
    """
    counts = np.bincount(stimuli)
    means = _means(stimuli, np.arange(len(stimuli)), counts, len(stimuli)) @ values
    within = ((values - means[stimuli]) ** 2).sum(0)
    noise = within / (len(values) - len(counts))
    inverse = float((1 / counts).mean())
    return noise, means.var(0, ddof=1), inverse


def _halves(
    stimuli: np.ndarray, n_splits: int, rng: np.random.Generator
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Two averaging matrices, shape (n_stimuli * n_splits, n_trials), for so many splits."""
    # A random order of trials, sorted by stimulus: the rank within each stimulus is random.
    order = np.array([rng.permutation(len(stimuli)) for _ in range(n_splits)])
    order = np.take_along_axis(order, np.argsort(stimuli[order], axis=1, kind="stable"), 1)
    counts = np.bincount(stimuli)
    sorted_stimuli = np.repeat(np.arange(len(counts)), counts)
    rank = np.arange(len(stimuli)) - np.repeat(np.cumsum(counts) - counts, counts)
    size = (counts // 2)[sorted_stimuli]
    first, second = (
        _means(
            (sorted_stimuli[half] * n_splits + np.arange(n_splits)[:, None]).ravel(),
            order[:, half].ravel(),
            np.repeat(counts // 2, n_splits),
            len(stimuli),
        )
        for half in (rank < size, (rank >= size) & (rank < 2 * size))
    )
    return first, second


def _means(
    stimuli: np.ndarray, trials: np.ndarray, counts: np.ndarray, n_trials: int
) -> sparse.csr_array:
    shape = (len(counts), n_trials)
    return sparse.csr_array((1 / counts[stimuli], (stimuli, trials)), shape=shape)
