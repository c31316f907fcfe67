r"""Banded ridge between the mixtures of a grid: the weight of each band, refined for each target.

With :math:`w_b = \gamma_b / \alpha` and the dual weights :math:`d = (\sum_b w_b K_b + I)^{-1} y`
the loss on held-out stimuli is a function of :math:`\theta_b = \log w_b` alone. It is minimized
where d is confined to what the best mixtures gave: in a few dimensions a step costs next to
nothing, and all targets take it together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from isocortex.numerics.arrays.gram import centre_on

Fold = tuple[np.ndarray, np.ndarray]

DIRECTIONS = 8
"""So many mixtures give each target the dual weights that span its directions."""
STARTS = 3
STEPS = 25
LEAST_SHARE = 0.02
"""A band without any share has no slope, so that starts give it a little."""
LOWEST = -14.0
"""Of log weights: e to the -14 of the unit variance of a band is nothing."""
LONGEST = 3.0
"""No step changes the log of a weight by more."""

_BLOCK = 256
_VALUES = 2**25


@dataclass(frozen=True, eq=False)
class Candidates:
    """The loss of each mixture at its best penalty, for each target."""

    mixtures: np.ndarray
    """Shape (n_mixtures, n_bands)."""
    losses: np.ndarray
    """Shape (n_mixtures, n_targets)."""
    alphas: np.ndarray
    """The penalties, of the shape of the losses."""


def refined_weights(
    grams: Sequence[np.ndarray],
    y: np.ndarray,
    known: Candidates,
    folds: Sequence[Fold],
    limits: tuple[float, float],
) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the bands, and the loss that they have.

    Parameters
    ----------
    grams : sequence of arrays, shape (n_train, n_train)
        Of mean diagonal 1.
    y : array, shape (n_train, n_targets)
    known : Candidates
        Where to start from; a target keeps the best of them if nothing better is found.
    folds : sequence of (train, test)
    limits : (float, float)
        The least and largest penalty, 1 over the sum of the weights.

    Returns
    -------
    weights : array, shape (n_targets, n_bands)
    loss : array, shape (n_targets,)
    """
    best, targets = known.losses.argmin(0), np.arange(y.shape[1])
    weights = known.mixtures[best] / known.alphas[best, targets][:, None]
    losses = known.losses[best, targets]
    size = max(_BLOCK, _VALUES // (DIRECTIONS * len(y)))
    for start in range(0, y.shape[1], size):
        part = slice(start, start + size)
        some = Candidates(known.mixtures, known.losses[:, part], known.alphas[:, part])
        theta = _minimized(_reduced(grams, y[:, part], some, folds), some, limits)
        found = np.exp(theta)
        true = weighted_losses(grams, y[:, part], found, folds)
        better = true < losses[part]
        weights[part][better], losses[part][better] = found[better], true[better]
    return weights, losses


def weighted_losses(
    grams: Sequence[np.ndarray], y: np.ndarray, weights: np.ndarray, folds: Sequence[Fold]
) -> np.ndarray:
    """Mean squared error on held-out stimuli, averaged over folds; shape (n_targets,)."""
    total = np.zeros(y.shape[1])
    for train, test in folds:
        within, across = zip(*(centre_on(gram, train, test) for gram in grams), strict=True)
        mean = y[train].mean(0)
        dual = solved(within, y[train] - mean, weights)
        guess = sum(w * (z @ dual) for w, z in zip(weights.T, across, strict=True))
        total += ((y[test] - mean - guess) ** 2).mean(0)
    return total / len(folds)


def solved(grams: Sequence[np.ndarray], y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Dual weights of each target, :math:`(\\sum_b w_b K_b + I)^{-1} y`; (n_train, n_targets)."""
    n = len(y)
    dual = np.empty(y.shape)
    flat = np.stack(grams).reshape(len(grams), -1)
    together = max(1, _VALUES // max(n * n, 1) // 8)
    distinct, of = np.unique(weights, axis=0, return_inverse=True)
    of = of.ravel()
    for start in range(0, len(distinct), together):
        mixed = (distinct[start : start + together] @ flat).reshape(-1, n, n)
        for i, matrix in enumerate(mixed, start):
            matrix.flat[:: n + 1] += 1.0
            rows = np.flatnonzero(of == i)
            # Symmetric, so that its transpose is decomposed in place, without a copy.
            factor = linalg.cho_factor(matrix.T, overwrite_a=True, check_finite=False)
            dual[:, rows] = linalg.cho_solve(factor, y[:, rows], check_finite=False)
    return dual


@dataclass(frozen=True, eq=False)
class _Reduced:
    """One fold in the directions of each target; the first axis is that of targets."""

    grams: np.ndarray
    """Shape (n_targets, n_bands, r, r)."""
    y: np.ndarray
    """Training targets on the directions, shape (n_targets, r)."""
    squares: np.ndarray
    """Of predictions of the test stimuli, shape (n_targets, n_bands * r, n_bands * r)."""
    products: np.ndarray
    """Of these with the truth, shape (n_targets, n_bands * r)."""
    truth: np.ndarray
    """Shape (n_targets,): its square."""


def _reduced(
    grams: Sequence[np.ndarray], y: np.ndarray, known: Candidates, folds: Sequence[Fold]
) -> list[_Reduced]:
    chosen = np.argsort(known.losses, axis=0, kind="stable")[:DIRECTIONS]
    return [_of_fold(grams, y, known, chosen, fold) for fold in folds]


def _of_fold(
    grams: Sequence[np.ndarray], y: np.ndarray, known: Candidates, chosen: np.ndarray, fold: Fold
) -> _Reduced:
    train, test = fold
    sides = [centre_on(gram, train, test) for gram in grams]
    mean = y[train].mean(0)
    inside, outside = y[train] - mean, y[test] - mean
    dual = _duals([own for own, _ in sides], inside, known, chosen)
    blocks = [slice(i, i + _BLOCK) for i in range(0, y.shape[1], _BLOCK)]
    parts = [
        _projected(sides, inside[:, block], outside[:, block], dual[block]) for block in blocks
    ]
    return _Reduced(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _duals(
    within: Sequence[np.ndarray], y: np.ndarray, known: Candidates, chosen: np.ndarray
) -> np.ndarray:
    """Dual weights of the chosen mixtures of each target; shape (n_targets, n_train, r)."""
    found = np.empty((y.shape[1], len(y), len(chosen)))
    for m in np.unique(chosen):
        place, target = np.nonzero(chosen == m)
        mixed = sum(s * gram for s, gram in zip(known.mixtures[m], within, strict=True) if s > 0)
        variances, axes = linalg.eigh(mixed, driver="evd")
        shrunk = (axes.T @ y[:, target]) / (
            np.maximum(variances, 0)[:, None] + known.alphas[m, target]
        )
        found[target, :, place] = (axes @ shrunk).T
    return found


def _projected(
    sides: Sequence[tuple[np.ndarray, np.ndarray]],
    inside: np.ndarray,
    outside: np.ndarray,
    dual: np.ndarray,
) -> tuple[np.ndarray, ...]:
    # (n_targets, n_train, r): of each target its own directions.
    axes = np.linalg.qr(dual)[0]
    n_targets, n, r = axes.shape
    flat = axes.transpose(1, 0, 2).reshape(n, -1)
    own, other = [], []
    for within, across in sides:
        own.append(axes.transpose(0, 2, 1) @ (within @ flat).reshape(n, -1, r).transpose(1, 0, 2))
        other.append((across @ flat).reshape(len(across), n_targets, r).transpose(1, 0, 2))
    predicted = np.concatenate(other, axis=2)
    turned = predicted.transpose(0, 2, 1)
    return (
        np.stack(own, axis=1),
        np.einsum("tnr,nt->tr", axes, inside),
        turned @ predicted / len(outside),
        (turned @ outside.T[:, :, None])[..., 0] / len(outside),
        (outside**2).mean(0),
    )


def _minimized(
    folds: Sequence[_Reduced], known: Candidates, limits: tuple[float, float]
) -> np.ndarray:
    """Log weights of least loss in the directions, from the best mixtures; (n_targets, n_bands)."""
    order = np.argsort(known.losses, axis=0, kind="stable")[:STARTS]
    targets = np.arange(known.losses.shape[1])
    best, least = None, None
    for start in order:
        shares = np.maximum(known.mixtures[start], LEAST_SHARE)
        shares /= shares.sum(1, keepdims=True)
        theta, loss = _descended(
            folds, np.log(shares / known.alphas[start, targets][:, None]), limits
        )
        if best is None or least is None:
            best, least = theta, loss
            continue
        better = loss < least
        best[better], least[better] = theta[better], loss[better]
    assert best is not None
    return best


def _descended(
    folds: Sequence[_Reduced], theta: np.ndarray, limits: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Newton steps, damped after Levenberg and Marquardt, of all targets together."""
    n_bands = theta.shape[1]
    damping = np.full(len(theta), 1e-2)
    size = np.mean([fold.truth for fold in folds], axis=0)
    least = 1e-12 * np.where(size > 0, size, 1.0)
    loss, slope, bend = _slopes(folds, theta)
    for _ in range(STEPS):
        scale = np.einsum("tbb->tb", bend) + least[:, None]
        system = bend + (damping[:, None] * scale)[:, :, None] * np.eye(n_bands)
        step = np.clip(np.linalg.solve(system, -slope[..., None])[..., 0], -LONGEST, LONGEST)
        trial = _within(theta + step, limits)
        new = _slopes(folds, trial)
        better = new[0] < loss
        damping = np.where(better, damping / 5, damping * 5).clip(1e-8, 1e8)
        gain = np.where(better, loss - new[0], 0.0)
        theta = np.where(better[:, None], trial, theta)
        loss = np.where(better, new[0], loss)
        slope = np.where(better[:, None], new[1], slope)
        bend = np.where(better[:, None, None], new[2], bend)
        if (gain <= 1e-6 * loss).all() and (damping >= 1e-2).all():
            break
    return theta, loss


def _within(theta: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    """Log weights whose penalty, 1 over the sum of the weights, lies within the limits."""
    theta = theta.clip(LOWEST, None)
    total = np.log(np.exp(theta).sum(1, keepdims=True))
    return theta + np.clip(total, -np.log(limits[1]), -np.log(limits[0])) - total


def _slopes(
    folds: Sequence[_Reduced], theta: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Loss, gradient and Gauss-Newton matrix, averaged over folds."""
    weights = np.exp(theta)
    n_targets, k = theta.shape
    loss, slope, bend = np.zeros(n_targets), np.zeros((n_targets, k)), np.zeros((n_targets, k, k))
    for fold in folds:
        r = fold.y.shape[1]
        scaled = weights[:, :, None, None] * fold.grams
        inverse = np.linalg.inv(scaled.sum(1) + np.eye(r))
        c = (inverse @ fold.y[..., None])[..., 0]
        # (n_targets, n_bands, r): what changes of c with each log weight.
        change = -(inverse[:, None] @ (scaled @ c[:, None, :, None]))[..., 0]
        z = (weights[:, :, None] * c[:, None]).reshape(n_targets, -1)
        # (n_targets, n_bands of the log weight, n_bands, r)
        turn = weights[:, None, :, None] * change[:, :, None]
        turn[:, np.arange(k), np.arange(k)] += weights[:, :, None] * c[:, None]
        turn = turn.reshape(n_targets, k, -1)
        fitted = (fold.squares @ z[..., None])[..., 0]
        loss += fold.truth + (z * (fitted - 2 * fold.products)).sum(1)
        slope += 2 * (turn @ (fitted - fold.products)[..., None])[..., 0]
        bend += 2 * turn @ fold.squares @ turn.transpose(0, 2, 1)
    return loss / len(folds), slope / len(folds), bend / len(folds)
