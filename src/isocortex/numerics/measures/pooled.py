r"""One score for each target from the held-out predictions of all folds together.

Predictions fall back on the mean of the training stimuli, and a training mean is low where the
test stimuli are high: over all stimuli raw predictions correlate negatively with what was
measured even where nothing was learnt. So both sides are taken relative to the training mean
:math:`\bar y_f` of their fold,

.. math:: y'_i = y_i - \bar y_f, \qquad p'_i = \hat y_i - \bar y_f,

after which :math:`E[y'_i p'_i] = 0` where there is nothing to learn. A correlation divides by
the size of the predictions, and a fold whose test stimuli disagree with the others leaves the
larger model: predictions are brought to a common scale first,

.. math:: p''_i = p'_i / s_f, \quad
          s_f^2 = \frac{\sum_{i \in f} p_i'^2 + 2 c^2 v_f}{n_f + 2}, \quad
          c^2 = \frac{\sum_i p_i'^2}{\sum_f n_f v_f},

with :math:`v_f` the variance over the training stimuli of what the model of the fold makes of
them. Under the null the mean of :math:`r` is then 0 to about .005.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from isocortex.numerics.arrays.constant import is_constant, is_rounding
from isocortex.numerics.arrays.ranks import midranks

PRIOR = 2
"""How many test stimuli the scale of the training stimuli counts for."""


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What one fold gives: measured and predicted responses to its test stimuli, and its scale."""

    measured: np.ndarray
    """Shape (n_test, n_targets)."""
    predicted: np.ndarray
    mean: np.ndarray
    """Of the training stimuli, shape (n_targets,)."""
    variance: np.ndarray
    """Of the fitted training stimuli, shape (n_targets,)."""


@dataclass(frozen=True, eq=False)
class Pool:
    """All folds together, relative to their training means."""

    measured: np.ndarray
    """Shape (n_tested, n_targets)."""
    predicted: np.ndarray
    scaled: np.ndarray
    """Predictions at a common scale."""
    flat: np.ndarray
    """Shape (n_targets,): what was measured is constant, to rounding."""
    undefined: np.ndarray
    """Shape (n_targets,): either side is."""


def pool(folds: Sequence[HeldOut]) -> Pool:
    """Bring the test stimuli of all folds together, each once."""
    measured = [fold.measured - fold.mean for fold in folds]
    predicted = [fold.predicted - fold.mean for fold in folds]
    squares = np.array(
        [np.einsum("ij,ij->j", each, each) for each in predicted]
    )  # (n_folds, n_targets)
    sizes = np.array([len(each) for each in predicted])[:, None]
    variances = np.array([fold.variance for fold in folds])
    expected = (sizes * variances).sum(0)
    # Squares over a few test stimuli are noisy: the scale of training counts for some more.
    ratio = np.divide(squares.sum(0), expected, out=np.zeros(len(expected)), where=expected > 0)
    scale = np.sqrt((squares + PRIOR * ratio * variances) / (sizes + PRIOR))
    scaled = [
        np.divide(each, size, out=np.zeros(each.shape), where=size > 0)
        for each, size in zip(predicted, scale, strict=True)
    ]
    raw = np.concatenate([fold.measured for fold in folds])
    guess = np.concatenate([fold.predicted for fold in folds])
    # A prediction that leaves the training mean by rounding alone says nothing.
    away = np.max([np.abs(each).max(0) for each in predicted], axis=0)
    flat = is_constant(raw)
    undefined = flat | is_rounding(away, np.abs(guess).max(0))
    y, p, p_scaled = (np.concatenate(each) for each in (measured, predicted, scaled))
    return Pool(y, p, p_scaled, flat, undefined)


def pearson(found: Pool) -> np.ndarray:
    r""":math:`r = \sum y' p'' / \sqrt{\sum y'^2 \sum p''^2}`, shape (n_targets,), -1 to 1."""
    return _cosine(found.measured, found.scaled, found.undefined)


def spearman(found: Pool) -> np.ndarray:
    """Pearson correlation of the ranks of :math:`y'` and :math:`p''`, -1 to 1."""
    y, p = (midranks(each.T).T for each in (found.measured, found.scaled))
    return _cosine(y - y.mean(0), p - p.mean(0), found.undefined)


def r2(found: Pool) -> np.ndarray:
    r""":math:`r |r|`: the share of variance that predictions at their best scale explain.

    It has the sign of that scale, and a mean of 0 under the null, which
    :func:`explained_variance` has not: there the variance of worthless predictions counts
    against the model.
    """
    r = pearson(found)
    return r * np.abs(r)


def explained_variance(found: Pool) -> np.ndarray:
    r""":math:`1 - \sum (y' - p')^2 / \sum y'^2`: predictions as they are; at most 1."""
    wrong = found.measured - found.predicted
    lost = np.einsum("ij,ij->j", wrong, wrong)
    total = np.einsum("ij,ij->j", found.measured, found.measured)
    varies = ~found.flat & (total > 0)
    return 1 - np.divide(lost, total, out=np.full(lost.shape, np.nan), where=varies)


def _cosine(y: np.ndarray, p: np.ndarray, undefined: np.ndarray) -> np.ndarray:
    products = np.einsum("ij,ij->j", y, p)
    size = np.sqrt(np.einsum("ij,ij->j", y, y) * np.einsum("ij,ij->j", p, p))
    answer = np.full(products.shape, np.nan)
    np.divide(products, size, out=answer, where=~undefined & (size > 0))
    return np.clip(answer, -1, 1)


POOLED: Mapping[str, Callable[[Pool], np.ndarray]] = {
    "pearson": pearson,
    "r2": r2,
    "explained_variance": explained_variance,
    "spearman": spearman,
}
