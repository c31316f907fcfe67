"""Dissimilarities with the noise that independent noise in the patterns of stimuli makes."""

import numpy as np

from isocortex.arrays import n_of_pairs, pairs_of


def noisy(truth: np.ndarray, level: float, n: int, rng: np.random.Generator) -> np.ndarray:
    r"""Copies of a dissimilarity matrix, each with noise of its own.

    .. math:: d_{ij} = m_{ij} + \tfrac\sigma2 (u_i + u_j + \sqrt2 z_{ij})

    Two pairs with a stimulus in common correlate by 1/4, others not at all: the covariance of
    estimated squared distances where the true ones are 0, which whitened comparisons take.

    Parameters
    ----------
    truth : array, shape (n_pairs,)
    level : float
        The standard deviation of the noise; infinite for noise of 1 alone.
    n : int
    rng : numpy.random.Generator

    Returns
    -------
    array, shape (n, n_pairs)
    """
    if level == 0:
        return np.tile(truth, (n, 1))
    n_stimuli = n_of_pairs(len(truth))
    i, j = pairs_of(n_stimuli)
    of_stimuli = rng.standard_normal((n, n_stimuli))
    noise = rng.standard_normal((n, len(truth)))
    # Variance 2 + 1 + 1, of which 1 is shared by pairs with a common stimulus: correlation 1/4, as
    # noise in patterns gives squared distances.
    noise *= np.sqrt(2)
    noise += of_stimuli[:, i]
    noise += of_stimuli[:, j]
    noise *= 0.5 if np.isinf(level) else level / 2
    return noise if np.isinf(level) else noise + truth
