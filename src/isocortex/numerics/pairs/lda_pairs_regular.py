r"""Leave-one-trial-pair-out linear discriminants of all pairs, one factorization for each pair.

Let :math:`D_{ak}` be trial k of condition a less the mean of its m trials,
:math:`S = \sum_k D_{ak} D_{ak}^\top + D_{bk} D_{bk}^\top`, :math:`\delta = \mu_b - \mu_a`,
:math:`f = m/(m-1)` and :math:`g = 1/(m-1)`. Without trial k of both, the scatter is
:math:`S - f D_{ak} D_{ak}^\top - f D_{bk} D_{bk}^\top`, and the means, their midpoint and the
two trials to be classified are combinations of :math:`\delta, D_{ak}, D_{bk}`. So every
decision follows from inner products of these three. Where a matrix comes too near to the limit
at which scikit-learn drops a direction, or a decision too near to zero, the pair is marked as
unsure, and is left to the solver for any case.
"""

from collections.abc import Sequence

import numpy as np

from isocortex.numerics.arrays.small_solves import inverse_root

SMALLEST = 1e-8
"""scikit-learn keeps singular values above 1e-4, so eigenvalues above this."""
MARGIN = 10.0
TIE = 1e-9

Sides = tuple[np.ndarray, np.ndarray]
"""One array for the trials of condition a and one for those of b, each of shape (n, m)."""


def regular(
    scatter: np.ndarray, delta: np.ndarray, d_a: np.ndarray, d_b: np.ndarray
) -> tuple[Sides, np.ndarray]:
    """Decisions where the scatter without any one pair has full rank, by Woodbury's identity.

    Parameters
    ----------
    scatter : array, shape (n, n_units, n_units)
    delta : array, shape (n, n_units)
    d_a, d_b : arrays, shape (n, m, n_units)

    Returns
    -------
    decisions : pair of arrays, shape (n, m)
        Of the trial of a and of the trial of b; positive means b.
    sure : boolean array, shape (n,)
    """
    m = d_a.shape[1]
    # Without a trial the mean moves by 1 / (m - 1) of its distance; the scatter loses m / (m - 1).
    f, g = m / (m - 1), 1 / (m - 1)
    # Whitened, so that products under the inverse of the scatter are plain ones.
    root = inverse_root(scatter)
    across = np.swapaxes(root, 1, 2)
    x_a, x_b, x_d = d_a @ across, d_b @ across, (delta[:, None] @ across)[:, 0]
    alpha = np.einsum("nkp,nkp->nk", x_a, x_a)  # (n_pairs, m)
    beta = np.einsum("nkp,nkp->nk", x_b, x_b)
    gamma = np.einsum("nkp,nkp->nk", x_a, x_b)
    from_a = (x_a @ x_d[:, :, None])[:, :, 0]
    from_b = (x_b @ x_d[:, :, None])[:, :, 0]
    between = np.einsum("np,np->n", x_d, x_d)[:, None]

    decisions, sizes, least = without_one((alpha, beta, gamma), (from_a, from_b, between), f, g)
    # Sum of (S^-1)_pp S_pp: its inverse is at most the least eigenvalue of the scatter of
    # standardized units, by which scikit-learn decides on the rank.
    trace = np.einsum("np,npp->n", np.einsum("nqp,nqp->np", root, root), scatter)
    sure = least.min(1) / trace > MARGIN * SMALLEST
    return decisions, sure & clear(decisions, sizes)


def shrunken(
    scatter: np.ndarray, delta: np.ndarray, d_a: np.ndarray, d_b: np.ndarray, shrinkage: float
) -> tuple[Sides, np.ndarray]:
    r"""Decisions with a fixed shrinkage of the covariance, from one eigendecomposition.

    Without trial k the matrix is :math:`(1-s)(S - f U U^\top) + \tau_k I`, whose
    :math:`\tau_k` is s times the mean variance that is left.

    Parameters and returns are those of :func:`regular`; shrinkage is above 0 and up to 1.
    """
    m, p = d_a.shape[1:]
    f, g = m / (m - 1), 1 / (m - 1)
    # Shrinkage keeps the axes, whatever trace is left without a pair of trials.
    values, axes = np.linalg.eigh(scatter)
    x_a, x_b, x_d = d_a @ axes, d_b @ axes, (delta[:, None] @ axes)[:, 0]
    left = values.sum(1)[:, None] - f * ((d_a**2).sum(2) + (d_b**2).sum(2))  # (n_pairs, m)
    weights = (1 - shrinkage) * values[:, None] + (shrinkage / p * left)[:, :, None]
    w_a, w_b = x_a / weights, x_b / weights
    products = (
        np.einsum("nkp,nkp->nk", w_a, x_a),
        np.einsum("nkp,nkp->nk", w_b, x_b),
        np.einsum("nkp,nkp->nk", w_a, x_b),
    )
    between = np.einsum("nkp,np->nk", 1 / weights, x_d**2)
    along = (w_a @ x_d[:, :, None])[:, :, 0], (w_b @ x_d[:, :, None])[:, :, 0], between
    decisions, sizes, least = without_one(products, along, (1 - shrinkage) * f, g)
    sure = (least.min(1) > 1e-9) & (left.min(1) > 1e-9 * values.sum(1))
    return decisions, sure & clear(decisions, sizes)


def without_one(
    products: Sequence[np.ndarray], along: Sequence[np.ndarray], f: float, g: float
) -> tuple[Sides, Sides, np.ndarray]:
    """Decisions after a rank-2 downdate, their sizes, and the least share that is left.

    Parameters
    ----------
    products : alpha, beta, gamma, each (n, m)
        Inner products of D_a and D_b with themselves and each other, under the inverse.
    along : arrays, shape (n, m), (n, m), and (n, m) or (n, 1)
        Those of delta with D_a, D_b and itself.
    f, g : float
    """
    alpha, beta, gamma = products
    from_a, from_b, between = along
    one_a, one_b = 1 - f * alpha, 1 - f * beta
    det = one_a * one_b - (f * gamma) ** 2
    # The 2 x 2 matrix (I - f U' S^-1 U)^-1 times U' S^-1 [delta, D_a, D_b].
    c_a = (one_b * from_a + f * gamma * from_b) / det
    c_b = (f * gamma * from_a + one_a * from_b) / det
    spread = between + f * (from_a * c_a + from_b * c_b)
    b_aa = (one_b * alpha + f * gamma * gamma) / det
    b_bb = (f * gamma * gamma + one_a * beta) / det
    b_ab = gamma / det
    decisions, sizes = combine(g, spread, (c_a, c_b), (b_aa - b_ab, b_ab - b_bb))
    # The smaller eigenvalue of the 2 x 2 matrix: which share of the scatter is left.
    least = (one_a + one_b) / 2 - np.sqrt(((one_a - one_b) / 2) ** 2 + (f * gamma) ** 2)
    return decisions, sizes, least


def combine(g: float, spread: np.ndarray, c: Sides, b: Sides) -> tuple[Sides, Sides]:
    """Decision values of the two trials from the inner products under the fold's inverse."""
    along_a = spread / 2, c[0] + g * c[1], g * ((1 + g / 2) * b[0] + g / 2 * b[1])
    along_b = spread / 2, g * c[0] + c[1], g * (g / 2 * b[0] + (1 + g / 2) * b[1])
    decisions = (along_a[1] + along_a[2] - along_a[0], along_b[0] + along_b[1] + along_b[2])
    size_a, size_b = (abs(one) + abs(two) + abs(three) for one, two, three in (along_a, along_b))
    return decisions, (size_a, size_b)


def clear(decisions: Sides, sizes: Sides, tie: float | np.ndarray = TIE) -> np.ndarray:
    """Whether all decisions of an item stand clear of rounding."""
    above = [np.abs(value) > tie * size for value, size in zip(decisions, sizes, strict=True)]
    return np.all(above, axis=(0, 2))
