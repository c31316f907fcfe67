r"""Shares of a prediction's score among the parts that it is the sum of.

Parts :math:`f_b` add up to the prediction :math:`f`. Shares of R2 take them as they are, with their
offsets, as R2 does: who wants none split takes :func:`without_means` first. A share may be
negative, where a part makes the sum worse.

References
----------
.. [1] Dupre la Tour, Eickenberg, Nunez-Elizalde & Gallant (2022), Feature-space selection with
   banded ridge regression, NeuroImage 264:119728.
   https://doi.org/10.1016/j.neuroimage.2022.119728
.. [2] Johnson (2000), A heuristic method for estimating the relative weight of predictor variables
   in multiple regression, Multivar. Behav. Res. 35:1.
   https://doi.org/10.1207/S15327906MBR3501_1
"""

from collections.abc import Callable, Mapping

import numpy as np

Split = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From truth, shape (n_test, n_targets), and parts, shape (n_parts, n_test, n_targets), to shares,
shape (n_parts, n_targets)."""


def product_split(y: np.ndarray, parts: np.ndarray) -> np.ndarray:
    r"""The product measure, :math:`\sum (2 y f_b - f_b f) / \sum y^2`, which adds up to R2.

    NaN for a target that does not vary.
    """
    y = y - y.mean(0)
    return _ratio((parts * (2 * y - parts.sum(0))).sum(1), (y**2).sum(0))


def correlation_split(y: np.ndarray, parts: np.ndarray) -> np.ndarray:
    r""":math:`\sum y f_b / (|y| |f|)`, which adds up to the correlation."""
    y, parts = without_means(y, parts)
    lengths = np.sqrt((y**2).sum(0) * (parts.sum(0) ** 2).sum(0))
    return _ratio((parts * y).sum(1), lengths)


def relative_split(y: np.ndarray, parts: np.ndarray) -> np.ndarray:
    r"""Relative weights [2]_: R2 shared out by the axes nearest to the parts; all of one sign.

    With :math:`[f_b] / |f| = U s V^\top` and :math:`\beta = V U^\top f / |f|` the share of b is in
    proportion to :math:`\sum_j (V s V^\top)_{bj}^2 \beta_j^2 / |f_j|^2`: what the axis nearest to
    part j explains goes to the parts that it loads on.
    """
    total = parts.sum(0)
    length = np.sqrt((total**2).sum(0))
    # (n_targets, n_test, n_parts)
    each = np.moveaxis(parts, 0, 2).transpose(1, 0, 2)
    unit = each / np.where(length > 0, length, 1.0)[:, None, None]
    left, size, right = np.linalg.svd(unit, full_matrices=False)
    back = right.transpose(0, 2, 1)
    whole = (total / np.where(length > 0, length, 1.0)).T[..., None]
    beta = (back @ (left.transpose(0, 2, 1) @ whole))[..., 0]
    loading = (back * size[:, None]) @ right
    norm = (unit**2).sum(1)[:, None]
    known = np.divide(loading**2, norm, out=np.zeros_like(loading), where=norm > 0)
    share = (known @ beta[..., None] ** 2)[..., 0].T
    r2 = product_split(y, parts).sum(0)
    return _ratio(share, share.sum(0)) * r2


SPLITS: Mapping[str, Split] = {
    "product": product_split,
    "correlation": correlation_split,
    "relative": relative_split,
}


def without_means(y: np.ndarray, parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Truth and parts less their means over stimuli."""
    return y - y.mean(0), parts - parts.mean(1, keepdims=True)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    below = np.broadcast_to(below, above.shape)
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
