r"""Banded ridge: a penalty for each band of features, as a mixture of their Gram matrices.

A penalty :math:`\alpha / \gamma_b` on the weights of band b is ordinary ridge with the Gram
:math:`\sum_b \gamma_b K_b`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isocortex.numerics.arrays.parallel import shared, side_by_side
from isocortex.numerics.linear import basis
from isocortex.numerics.linear.band_refined import Candidates, refined_weights, solved
from isocortex.numerics.linear.ridge import fold_losses

Fold = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Choice:
    """The mixture and penalty of each target."""

    shares: np.ndarray
    """Shape (n_targets, n_bands): they add up to what those of the mixtures do."""
    alpha: np.ndarray
    """Shape (n_targets,)."""
    loss: np.ndarray
    """Shape (n_targets,): mean squared error on inner folds."""

    @property
    def weights(self) -> np.ndarray:
        """Of the Gram of each band where the penalty is 1; shape (n_targets, n_bands)."""
        return self.shares / self.alpha[:, None]


def choose_bands(
    grams: Sequence[np.ndarray],
    y: np.ndarray,
    mixtures: np.ndarray,
    alphas: np.ndarray,
    folds: Sequence[Fold],
) -> Choice:
    """The mixture and penalty of least squared error on inner folds, for each target.

    Parameters
    ----------
    grams : sequence of arrays, shape (n_train, n_train)
        One for each band.
    y : array, shape (n_train, n_targets)
    mixtures : array, shape (n_mixtures, n_bands)
    alphas : array, shape (n_alphas,)
    folds : sequence of (train, test)
    """
    known = candidates(grams, y, mixtures, alphas, folds)
    best, targets = known.losses.argmin(0), np.arange(y.shape[1])
    return Choice(mixtures[best], known.alphas[best, targets], known.losses[best, targets])


def refine_bands(
    grams: Sequence[np.ndarray],
    y: np.ndarray,
    mixtures: np.ndarray,
    alphas: np.ndarray,
    folds: Sequence[Fold],
) -> Choice:
    """The same, moved from the best mixtures to where the loss is least, for each target.

    ``mixtures`` must add up to 1; penalties stay within ``alphas``.
    """
    known = candidates(grams, y, mixtures, alphas, folds)
    limits = float(alphas.min()), float(alphas.max())
    weights, loss = refined_weights(grams, y, known, folds, limits)
    alpha = 1 / weights.sum(1)
    # What rounding has moved off the edge of the grid is at the edge.
    for edge in limits:
        alpha[np.isclose(alpha, edge, rtol=1e-9)] = edge
    return Choice(weights * alpha[:, None], alpha, loss)


def mean_losses(y: np.ndarray, folds: Sequence[Fold]) -> np.ndarray:
    """Mean squared error on inner folds where the training mean is predicted; (n_targets,)."""
    errors = [((y[test] - y[train].mean(0)) ** 2).mean(0) for train, test in folds]
    return np.mean(errors, axis=0)


def candidates(
    grams: Sequence[np.ndarray],
    y: np.ndarray,
    mixtures: np.ndarray,
    alphas: np.ndarray,
    folds: Sequence[Fold],
) -> Candidates:
    """The best penalty of every mixture for each target, and the loss that it has."""
    targets = np.arange(y.shape[1])

    def of_mixture(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mixed = mix(grams, shares)
        parts = ((train, test, basis.from_gram(mixed, train, test)) for train, test in folds)
        found = fold_losses(parts, y, alphas)
        at = found.argmin(0)
        return found[at, targets], alphas[at]

    n = len(y)
    found = shared(
        of_mixture,
        list(mixtures),
        bytes_each=8 * n * 6 * n + 24 * y.size,
        alone=not side_by_side(len(mixtures), n, y.shape[1]),
    )
    losses, chosen = (np.array(each) for each in zip(*found, strict=True))
    return Candidates(mixtures, losses, chosen)


def predict_bands(
    across: Sequence[np.ndarray], dual: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """What each band adds to the training mean; shape (n_bands, n_test, n_targets).

    Parameters
    ----------
    across : sequence of arrays, shape (n_test, n_train)
    dual : array, shape (n_train, n_targets)
    weights : array, shape (n_targets, n_bands)
    """
    found = np.zeros((len(across), len(across[0]), dual.shape[1]))
    for b, (gram, weight) in enumerate(zip(across, weights.T, strict=True)):
        some = weight > 0
        found[b][:, some] = (gram @ dual[:, some]) * weight[some]
    return found


def dual_weights(within: Sequence[np.ndarray], y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weights on the training stimuli, before those of the bands; ``y`` is centred."""
    return solved(within, y, weights)


def mix(grams: Sequence[np.ndarray], shares: np.ndarray) -> np.ndarray:
    """The Gram of the bands together, each with its share."""
    total = np.zeros(grams[0].shape)
    for gram, share in zip(grams, shares, strict=True):
        if share > 0:
            total += share * gram
    return total
