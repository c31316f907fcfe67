"""Leave-one-trial-pair-out discriminants where there are more units than degrees of freedom."""

import numpy as np

from isocortex.numerics.arrays.small_solves import inverse
from isocortex.numerics.pairs.lda_pairs_regular import MARGIN, SMALLEST, TIE, Sides, clear


def singular(
    scatter: np.ndarray, delta: np.ndarray, d_a: np.ndarray, d_b: np.ndarray
) -> tuple[Sides, np.ndarray]:
    r"""Decisions where there are more units than degrees of freedom.

    scikit-learn then works in the subspace of the standardized training data. In units of the
    pair's standard deviations, with :math:`\omega_k` the share of each unit's variance that is
    left without trial k, its inverse is :math:`T^\top G T`, where G is any generalized inverse
    of the scatter, N spans the fold's null space and
    :math:`T = I - \omega N (N^\top \omega N)^{-1} N^\top`. The null space without trial k is
    that of the pair and the two directions :math:`G D_{ak}` and :math:`G D_{bk}`.

    Parameters and returns are those of :func:`regular`.
    """
    n, m, p = d_a.shape
    f, g = m / (m - 1), 1 / (m - 1)
    # Units in the pair's standard deviations, so that the tolerances below are shares.
    variance = np.einsum("npp->np", scatter)
    sd = np.sqrt(variance)
    delta, d_a, d_b = delta / sd, d_a / sd[:, None], d_b / sd[:, None]
    # The scatter of 2m trials has rank 2m - 2. Random directions F (p, p - rank) fill the rest: the
    # inverse of the sum is a generalized inverse of the scatter, and maps F onto its null space.
    fill = np.random.default_rng(p).normal(size=(p, p - (2 * m - 2)))
    inv = inverse(scatter / (sd[:, :, None] * sd[:, None]) + fill @ fill.T)
    null = inv @ fill  # (n, p, p - rank)
    q = null.shape[2] + 2
    h_a, h_b = d_a @ inv, d_b @ inv  # (n, m, p): the two directions that each fold adds
    left = 1 - f * (d_a**2 + d_b**2)

    gram = _null_gram(null, h_a, h_b, left)
    # Right-hand sides: N' delta, N' D_a and N' D_b, of which most entries are known.
    right = np.zeros((q, 3, n, m))
    right[:-2, 0] = (delta[:, None] @ null)[:, 0].T[:, :, None]
    right[-2, 0] = (h_a @ delta[:, :, None])[:, :, 0]
    right[-1, 0] = (h_b @ delta[:, :, None])[:, :, 0]
    right[-2, 1] = right[-1, 2] = 1 / f
    solved = eliminate(gram.reshape(q, q, -1), right.reshape(q, 3, -1)).reshape(right.shape)

    # A pair left out moves the difference of means by g (D_a - D_b); T acts on the sum of both.
    shift = solved[:, 0] + g * (solved[:, 1] - solved[:, 2])
    inside = np.matmul(shift[:-2].transpose(1, 2, 0), null.transpose(0, 2, 1))
    inside += shift[-2][..., None] * h_a
    inside += shift[-1][..., None] * h_b
    projected = delta[:, None] + g * (d_a - d_b) - left * inside
    u = projected @ inv  # (n, m, p)
    # T' acts from the other side: of u it needs e = N' omega u, shape (q, n, m).
    weighted = left * u
    e = np.empty((q, n, m))
    e[:-2] = (weighted @ null).transpose(2, 0, 1)
    e[-2] = np.einsum("nkp,nkp->nk", weighted, h_a)
    e[-1] = np.einsum("nkp,nkp->nk", weighted, h_b)

    on = (
        (u @ delta[:, :, None])[:, :, 0],
        np.einsum("nkp,nkp->nk", u, d_a),
        np.einsum("nkp,nkp->nk", u, d_b),
    )
    to_delta, to_a, to_b = (on[i] - (e * solved[:, i]).sum(0) for i in range(3))
    decision_a = -to_delta / 2 + (1 + g / 2) * to_a + g / 2 * to_b
    decision_b = to_delta / 2 + g / 2 * to_a + (1 + g / 2) * to_b
    size = np.abs(on[0]) + np.abs(on[1]) + np.abs(on[2])
    decisions, sizes = (decision_a, decision_b), (size, size)

    # What must hold exactly tells the rounding: D' G D = 1 / f without a trial, and F' G F = I.
    error = np.abs(np.einsum("nkp,nkp->nk", h_a, d_a) - 1 / f).max(1)
    if q > 2:
        error = np.maximum(error, np.abs(fill.T @ null - np.eye(q - 2)).max((1, 2)))
    sure = (error < 1e-6) & (left.min((1, 2)) > 1e-6)
    sure &= 1 / _trace_on_range(inv, null) > MARGIN * SMALLEST
    return decisions, sure & clear(decisions, sizes, TIE + 1e3 * error[:, None])


def _trace_on_range(inv: np.ndarray, null: np.ndarray) -> np.ndarray:
    """Trace of the pseudo-inverse: a bound on the inverse of the smallest eigenvalue kept."""
    trace = np.einsum("npp->n", inv)
    if null.shape[2]:
        across = null.transpose(0, 2, 1)
        trace = trace - np.einsum("nii->n", inverse(across @ null) @ (across @ (inv @ null)))
    return trace


def _null_gram(null: np.ndarray, h_a: np.ndarray, h_b: np.ndarray, left: np.ndarray) -> np.ndarray:
    """N' omega N for every item and fold, shape (q, q, n, m)."""
    n, r = len(null), null.shape[2]
    q, m = r + 2, left.shape[1]
    gram = np.empty((q, q, n, m))
    if r:
        # Products of every two null directions, (n, p, r (r + 1) / 2), for all folds at once.
        i, j = np.triu_indices(r)
        products = left @ (null[:, :, i] * null[:, :, j])
        gram[i, j] = products.transpose(2, 0, 1)
        gram[j, i] = gram[i, j]
    weighted_a, weighted_b = left * h_a, left * h_b
    for row, weighted in ((r, weighted_a), (r + 1, weighted_b)):
        gram[row, :r] = (weighted @ null).transpose(2, 0, 1)
        gram[:r, row] = gram[row, :r]
    gram[r, r] = np.einsum("nkp,nkp->nk", weighted_a, h_a)
    gram[r + 1, r + 1] = np.einsum("nkp,nkp->nk", weighted_b, h_b)
    gram[r, r + 1] = gram[r + 1, r] = np.einsum("nkp,nkp->nk", weighted_a, h_b)
    return gram


def eliminate(matrices: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve many small positive definite systems at once, the last axis being the systems.

    Parameters
    ----------
    matrices : array, shape (q, q, n)
        Overwritten.
    right : array, shape (q, n_right, n)
        Overwritten.

    Returns
    -------
    solutions : array, shape (q, n_right, n)
    """
    q = len(matrices)
    # Positive definite, so that no pivot has to be sought; each step serves all systems.
    for j in range(q):
        factor = matrices[j + 1 :, j] / matrices[j, j]
        matrices[j + 1 :, j + 1 :] -= factor[:, None] * matrices[j, j + 1 :]
        right[j + 1 :] -= factor[:, None] * right[j]
    for j in reversed(range(q)):
        if j + 1 < q:
            right[j] -= np.einsum("in,irn->rn", matrices[j, j + 1 :], right[j + 1 :])
        right[j] /= matrices[j, j]
    return right
