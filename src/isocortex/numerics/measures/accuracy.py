"""How well predictions meet what was measured: one number for each target.

Each function maps measured and predicted values of shape ``(n_stimuli, n_targets)`` to one of
shape ``(n_targets,)``; NaN where it is undefined, never 0. To add one: write the function, add
its line to ``ACCURACIES``. The tests find it there. Those that also follow from sums stand in
``numerics.arrays.from_sums`` once more, for predictions that are never formed.
"""

from collections.abc import Callable, Mapping

import numpy as np

from isocortex.numerics.arrays import from_sums
from isocortex.numerics.arrays.constant import is_constant
from isocortex.numerics.arrays.ranks import midranks

Accuracy = Callable[[np.ndarray, np.ndarray], np.ndarray]


def pearson(measured: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    r"""Pearson correlation over stimuli.

    .. math:: r = \frac{\sum (y - \bar y)(\hat y - \bar{\hat y})}
                       {\|y - \bar y\| \; \|\hat y - \bar{\hat y}\|}

    Returns
    -------
    array, shape (n_targets,)
        From -1 to 1; NaN where either side is constant.
    """
    y, p = _centred(measured), _centred(predicted)
    yy, yp, pp = (np.einsum("ij,ij->j", *pair) for pair in ((y, y), (y, p), (p, p)))
    undefined = is_constant(measured) | is_constant(predicted)
    return np.where(undefined, np.nan, from_sums.pearson(yy, yp, pp, np.zeros(1)))


def spearman(measured: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Spearman correlation over stimuli: Pearson's of mid-ranks.

    Returns
    -------
    array, shape (n_targets,)
        From -1 to 1; NaN where either side is constant.
    """
    undefined = is_constant(measured) | is_constant(predicted)
    r = pearson(midranks(measured.T).T, midranks(predicted.T).T)
    return np.where(undefined, np.nan, r)


def r2(measured: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    r"""Coefficient of determination, :math:`1 - \sum (y-\hat y)^2 / \sum (y-\bar y)^2`.

    Returns
    -------
    array, shape (n_targets,)
        At most 1; below 0 where the mean would predict better; NaN for constant targets.
    """
    y, wrong = _centred(measured), measured - predicted
    lost = np.einsum("ij,ij->j", wrong, wrong)
    return 1 - _ratio(lost, np.einsum("ij,ij->j", y, y), is_constant(measured))


def explained_variance(measured: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    r"""One minus the variance of the errors over that of the targets.

    Like :func:`r2`, but a constant offset of the predictions costs nothing.

    Returns
    -------
    array, shape (n_targets,)
        At most 1; NaN for constant targets.
    """
    y, wrong = _centred(measured), _centred(measured - predicted)
    lost = np.einsum("ij,ij->j", wrong, wrong)
    return 1 - _ratio(lost, np.einsum("ij,ij->j", y, y), is_constant(measured))


def _centred(values: np.ndarray) -> np.ndarray:
    return values - values.sum(0) / len(values)


def _ratio(above: np.ndarray, below: np.ndarray, undefined: np.ndarray) -> np.ndarray:
    answer = np.full(below.shape, np.nan)
    np.divide(above, below, out=answer, where=~undefined & (below > 0))
    return answer


ACCURACIES: Mapping[str, Accuracy] = {
    "pearson": pearson,
    "r2": r2,
    "explained_variance": explained_variance,
    "spearman": spearman,
}
