r"""Banded ridge: a penalty for each band of features, as a mixture of their Gram matrices.

A penalty :math:`\alpha / \gamma_b` on the weights of band b is ordinary ridge with the Gram
:math:`\sum_b \gamma_b K_b`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isocortex.numerics.linear import basis
from isocortex.numerics.linear.ridge import fold_losses, ridge

Fold = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Choice:
    """The mixture and penalty of each target."""

    mixture: np.ndarray
    """Integer, shape (n_targets,): a row of the mixtures."""
    alpha: np.ndarray
    """Shape (n_targets,)."""


def random_mixtures(n_mixtures: int, n_bands: int, rng: np.random.Generator) -> np.ndarray:
    """Shares of the bands: each alone, all alike, and random ones; shape (n_mixtures, n_bands).

    Random shares follow Dirichlet distributions of concentration 0.1 and 1 in turn, as in
    Dupre la Tour, Eickenberg, Nunez-Elizalde & Gallant (2022), NeuroImage 264:119728,
    https://doi.org/10.1016/j.neuroimage.2022.119728
    """
    fixed = np.concatenate([np.full((1, n_bands), 1 / n_bands), np.eye(n_bands)])
    drawn = [
        rng.dirichlet(np.full(n_bands, (0.1, 1.0)[i % 2]))
        for i in range(max(0, n_mixtures - len(fixed)))
    ]
    return np.concatenate([fixed, np.array(drawn).reshape(-1, n_bands)])[: max(n_mixtures, 1)]


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
    targets = np.arange(y.shape[1])
    least = np.full(len(targets), np.inf)
    mixture, alpha = np.zeros(len(targets), dtype=np.intp), np.full(len(targets), alphas[0])
    for m, shares in enumerate(mixtures):
        mixed = mix(grams, shares)
        parts = ((train, test, basis.from_gram(mixed, train, test)) for train, test in folds)
        losses = fold_losses(parts, y, alphas)
        at = losses.argmin(0)
        better = losses[at, targets] < least
        least[better] = losses[at, targets][better]
        mixture[better], alpha[better] = m, alphas[at[better]]
    return Choice(mixture, alpha)


def predict_bands(
    within: Sequence[np.ndarray],
    across: Sequence[np.ndarray],
    y: np.ndarray,
    mixtures: np.ndarray,
    choice: Choice,
) -> np.ndarray:
    """Predictions of the test stimuli, less the training mean; ``y`` is centred."""
    predicted = np.empty((len(across[0]), y.shape[1]))
    for m in np.unique(choice.mixture):
        of = choice.mixture == m
        axes = basis.from_centred(mix(within, mixtures[m]), mix(across, mixtures[m]))
        predicted[:, of] = axes.test @ ridge(axes, y[:, of], choice.alpha[of])
    return predicted


def dual_weights(
    within: Sequence[np.ndarray], y: np.ndarray, mixtures: np.ndarray, choice: Choice
) -> np.ndarray:
    """Weights on the training stimuli, before the shares; shape (n_train, n_targets)."""
    dual = np.empty(y.shape)
    none = np.empty((0, len(y)))
    for m in np.unique(choice.mixture):
        of = choice.mixture == m
        axes = basis.from_centred(mix(within, mixtures[m]), none)
        dual[:, of] = (axes.train / np.sqrt(axes.variances)) @ ridge(
            axes, y[:, of], choice.alpha[of]
        )
    return dual


def mix(grams: Sequence[np.ndarray], shares: np.ndarray) -> np.ndarray:
    """The Gram of the bands together, each with its share."""
    total = np.zeros(grams[0].shape)
    for gram, share in zip(grams, shares, strict=True):
        if share > 0:
            total += share * gram
    return total
