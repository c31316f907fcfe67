r"""Ridge regression on principal axes: any penalty, for each target by itself, and its choice.

With :math:`\tilde X = U \Lambda^{1/2} V^\top` the penalty is a filter on
:math:`U^\top Y`, so that many penalties cost one factorization. The intercept is not penalized.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from isocortex.numerics.arrays.parallel import shared, side_by_side
from isocortex.numerics.linear.basis import Basis
from isocortex.numerics.linear.small_folds import InnerFold, SmallFolds

_TARGETS = 512
"""Targets are taken in blocks, so that predictions at all penalties stay small."""
_VALUES = 2**24
"""And so are test stimuli, whose smoothers have so many values."""
_FEW_PENALTIES = 5
"""So many are seldom mixtures of fewer."""


def ridge(basis: Basis, y: np.ndarray, alpha: float | np.ndarray) -> np.ndarray:
    r"""Coefficients on the scores, :math:`\Lambda^{1/2} (\Lambda + \alpha)^{-1} U^\top Y`.

    Parameters
    ----------
    basis : Basis
    y : array, shape (n_train, n_targets)
        Centred.
    alpha : float or array, shape (n_targets,)
        The penalty on squared weights, as in scikit-learn.

    Returns
    -------
    array, shape (n_axes, n_targets)
    """
    found, alpha = basis.train.T @ y, np.broadcast_to(alpha, y.shape[1])
    for part in _blocks(y.shape[1]):
        found[:, part] *= shrinkage(basis.variances, alpha[part])
    return found


def shrinkage(variances: np.ndarray, alpha: float | np.ndarray) -> np.ndarray:
    r"""The filter :math:`\lambda^{1/2} / (\lambda + \alpha)`, shape (n_axes, 1 or n_targets)."""
    return np.sqrt(variances)[:, None] / (variances[:, None] + np.atleast_1d(alpha))


def fold_losses(folds: Iterable[InnerFold], y: np.ndarray, alphas: np.ndarray) -> np.ndarray:
    """Mean squared error on held-out stimuli, averaged over folds.

    Parameters
    ----------
    folds : iterable of (train, test, Basis)
        Rows of ``y``, and the axes of that training set.
    y : array, shape (n_stimuli, n_targets)
    alphas : array, shape (n_alphas,)

    Returns
    -------
    array, shape (n_alphas, n_targets)
    """
    if isinstance(folds, SmallFolds) and folds.at_once(y.shape[1], len(alphas)):
        losses = [stack.losses(y, alphas).sum(0) for stack in folds.stacks]
        return np.sum(losses, axis=0) / len(folds)
    return _mean_over(folds, y, alphas, _squared)


def fold_unexplained(folds: Iterable[InnerFold], y: np.ndarray, alphas: np.ndarray) -> np.ndarray:
    """One minus r2 on held-out stimuli, averaged over folds; shape (n_alphas, n_targets)."""
    return _mean_over(folds, y, alphas, _relative)


def _mean_over(
    folds: Iterable[InnerFold],
    y: np.ndarray,
    alphas: np.ndarray,
    of_fold: Callable[..., np.ndarray],
) -> np.ndarray:
    total, n_folds = np.zeros((len(alphas), y.shape[1])), 0
    for loss in _of_each(lambda fold: of_fold(fold, y, alphas), folds, y, alphas):
        total += loss
        n_folds += 1
    return total / n_folds


def _of_each(
    work: Callable[[InnerFold], np.ndarray],
    folds: Iterable[InnerFold],
    y: np.ndarray,
    alphas: np.ndarray,
) -> Iterable[np.ndarray]:
    """Side by side where the folds are all there; what makes them one by one has a reason."""
    if not isinstance(folds, Sequence):
        return map(work, folds)
    together = side_by_side(len(folds), len(y), y.shape[1] * len(alphas) // 4)
    bytes_each = 8 * len(alphas) * (3 * _TARGETS * len(y) // len(folds) + y.shape[1])
    return shared(work, folds, bytes_each=bytes_each, alone=not together)


def _squared(fold: InnerFold, y: np.ndarray, alphas: np.ndarray) -> np.ndarray:
    train, test, basis = fold
    return _held_out(basis, y, (train, test), alphas)


def _relative(fold: InnerFold, y: np.ndarray, alphas: np.ndarray) -> np.ndarray:
    loss, variance = _squared(fold, y, alphas), y[fold[1]].var(0)
    # A target that does not vary in a fold says nothing about penalties.
    return np.divide(loss, variance, out=np.zeros_like(loss), where=variance > 0)


def _held_out(
    basis: Basis, y: np.ndarray, fold: tuple[np.ndarray, np.ndarray], alphas: np.ndarray
) -> np.ndarray:
    (train, test), n_targets = fold, y.shape[1]
    blocks = list(_blocks(n_targets))
    means = np.concatenate([y[train, part].mean(0) for part in blocks])
    filters, mixture = _few_filters(basis, alphas)
    n_filters, n_axes = filters.shape
    # With many targets the smoothers go on to stimuli, with few the targets go on to axes.
    many = len(test) * n_filters < n_targets
    projected = np.empty(0) if many else basis.train.T @ (y[train] - means)
    losses = np.zeros((len(alphas), n_targets))
    size = max(1, _VALUES // max(1, n_filters * n_axes))
    for start in range(0, len(test), size):
        some = basis.test[start : start + size]
        # Rows: a test stimulus under each filter, of which there is none where nothing varies.
        smoothers = (some[:, None] * filters).reshape(len(some) * n_filters, n_axes)
        if many:
            smoothers = smoothers @ basis.train.T
        for part in blocks:
            inside = y[train, part] - means[part] if many else projected[:, part]
            truth = y[test[start : start + size], part] - means[part]
            losses[:, part] += _mixed_losses(smoothers, mixture, inside, truth)
    return losses / len(test)


def _blocks(n_targets: int) -> Iterator[slice]:
    return (slice(start, start + _TARGETS) for start in range(0, n_targets, _TARGETS))


def _few_filters(basis: Basis, alphas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The filters of all penalties as mixtures of fewer.

    Neighbouring penalties have much the same filter, so that twenty of them are spanned by
    about ten. Rows are weighted by the size of the test scores that they multiply, so that
    what is cut off is less than a billionth of the predictions. A few are their own: what
    stands in memory are the predictions of all penalties in any case.

    Returns
    -------
    filters : array, shape (n_filters, n_axes)
    mixture : array, shape (n_filters, n_alphas)
    """
    if len(alphas) <= _FEW_PENALTIES:
        return shrinkage(basis.variances, alphas).T, np.eye(len(alphas))
    weight = np.linalg.norm(basis.test, axis=0)
    exact = shrinkage(basis.variances, alphas)
    left, size, right = np.linalg.svd(exact * weight[:, None], full_matrices=False)
    keep = size > 1e-9 * size[0] if len(size) else size > 0
    shape = (left * size)[:, keep]
    filters = np.divide(shape, weight[:, None], out=np.zeros_like(shape), where=weight[:, None] > 0)
    return filters.T, right[keep]


def _mixed_losses(
    smoothers: np.ndarray, mixture: np.ndarray, projected: np.ndarray, truth: np.ndarray
) -> np.ndarray:
    """Squared errors of every mixture of the filtered predictions; (n_alphas, n_targets)."""
    n_test, n_targets = truth.shape
    # One product for all filters, one for all penalties: few calls, of large matrices.
    filtered = (projected.T @ smoothers.T).reshape(n_targets * n_test, -1)
    wrong = (filtered @ mixture).reshape(n_targets, n_test, -1)
    wrong -= truth.T[:, :, None]
    return np.einsum("tea,tea->ta", wrong, wrong).T


def leave_one_out_losses(basis: Basis, y: np.ndarray, alphas: np.ndarray) -> np.ndarray:
    r"""Mean squared error of leaving out each stimulus in turn, from one factorization.

    The held-out residual of stimulus i is :math:`(R Y)_i / R_{ii}` with
    :math:`R = I - \tfrac1n 1 1^\top - U \Lambda (\Lambda + \alpha)^{-1} U^\top`: exact, with
    the mean taken anew without each stimulus.

    Parameters
    ----------
    basis : Basis
        All axes of the training stimuli.
    y : array, shape (n_train, n_targets)
        Centred.
    alphas : array, shape (n_alphas,)

    Returns
    -------
    array, shape (n_alphas, n_targets)
    """
    n = len(y)
    projected, beyond = _split(basis, y)
    squares = basis.train**2
    # What the axes leave of each stimulus; exactly 0 when they span the centred space.
    rest = 1 - 1 / n - squares.sum(1) if _leaves_something(basis) else np.zeros(n)
    losses = np.empty((len(alphas), y.shape[1]))
    for i, alpha in enumerate(alphas):
        left = alpha / (basis.variances + alpha)
        residual = (basis.train * left) @ projected + beyond
        residual /= (squares @ left + rest)[:, None]
        losses[i] = np.einsum("ij,ij->j", residual, residual) / n
    return losses


def generalized_losses(basis: Basis, y: np.ndarray, alphas: np.ndarray) -> np.ndarray:
    r"""Generalized cross-validation, :math:`n \|R Y\|^2 / (\mathrm{tr} R)^2`.

    Golub, Heath & Wahba (1979), Technometrics 21:215,
    https://doi.org/10.1080/00401706.1979.10489751

    Returns
    -------
    array, shape (n_alphas, n_targets)
    """
    n = len(y)
    projected, beyond = _split(basis, y)
    beyond = np.einsum("ij,ij->j", beyond, beyond)
    left = alphas[:, None] / (basis.variances + alphas[:, None])
    trace = left.sum(1) + (n - 1 - len(basis.variances))
    return n * (left**2 @ projected**2 + beyond) / trace[:, None] ** 2


def _split(basis: Basis, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centred targets on the axes, and what of them is on none, shape (n_train or 1, n_targets)."""
    projected = basis.train.T @ y
    if not _leaves_something(basis):
        return projected, np.zeros((1, y.shape[1]))
    return projected, y - basis.train @ projected


def _leaves_something(basis: Basis) -> bool:
    """Whether the axes do not span all that centred targets can be."""
    return len(basis.variances) < len(basis.train) - 1


def best_alphas(losses: np.ndarray, alphas: np.ndarray, per_target: bool) -> np.ndarray:
    """The penalty of least loss, for each target or on average; shape (n_targets,)."""
    n_targets = losses.shape[1]
    if not per_target:
        return np.full(n_targets, alphas[int(losses.mean(1).argmin())])
    return alphas[losses.argmin(0)]
