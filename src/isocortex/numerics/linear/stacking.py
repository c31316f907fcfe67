r"""Weights of several predictions of a target: from 0, adding up to 1, of least squared error.

With residuals :math:`R = [y - p_b]` and :math:`Q = R^\top R` the error of weights w that add up to
1 is :math:`w^\top Q w`. On a given support the least is at :math:`Q_{ss}^{-1} 1`, brought to a sum
of 1; of all supports on which that is not negative the best one is the answer: exact, for all
targets at once.

Breiman (1996), Stacked regressions, Mach. Learn. 24:49. https://doi.org/10.1007/BF00117832
"""

from itertools import combinations

import numpy as np

MOST = 10
"""Predictions: there are 2 to that number of supports."""
_DEPENDENT = 1e-12


def stacked_weights(y: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Weights of each target, shape (n_targets, n_predictions).

    Parameters
    ----------
    y : array, shape (n_stimuli, n_targets)
    predicted : array, shape (n_predictions, n_stimuli, n_targets)
        Of held-out stimuli.
    """
    wrong = (y - predicted).transpose(2, 0, 1)
    return simplex_weights(wrong @ wrong.transpose(0, 2, 1))


def simplex_weights(q: np.ndarray) -> np.ndarray:
    """Where :math:`w^\\top Q w` is least, of all w from 0 that add up to 1.

    Parameters
    ----------
    q : array, shape (n_targets, k, k)
        Positive semidefinite.

    Returns
    -------
    array, shape (n_targets, k)
    """
    n, k = q.shape[:2]
    best, least = np.zeros((n, k)), np.full(n, np.inf)
    for size in range(1, k + 1):
        for support in map(list, combinations(range(k), size)):
            part = q[:, support][:, :, support]
            weights, known = _on_support(part)
            loss = np.einsum("ti,tij,tj->t", weights, part, weights)
            better = known & (weights >= 0).all(1) & (loss < least)
            rows = np.flatnonzero(better)
            best[rows] = 0
            best[rows[:, None], support] = weights[rows]
            least[rows] = loss[rows]
    return best


def _on_support(part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights that add up to 1, and whether they are the only ones of least error."""
    k = part.shape[1]
    if k == 1:
        return np.ones(part.shape[:2]), np.ones(len(part), dtype=bool)
    # Of predictions that depend on one another a smaller support does as well.
    values = np.linalg.eigvalsh(part)
    known = values[:, 0] > _DEPENDENT * values[:, -1]
    safe = np.where(known[:, None, None], part, np.eye(k))
    weights = np.linalg.solve(safe, np.ones((len(part), k, 1)))[..., 0]
    return weights / weights.sum(1, keepdims=True), known
