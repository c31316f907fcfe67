r"""Leave-one-trial-pair-out linear discriminants of all pairs, one factorisation for each pair.

Let :math:`D_{ak}` be trial k of condition a less the mean of its m trials,
:math:`S = \sum_k D_{ak} D_{ak}^\top + D_{bk} D_{bk}^\top`, :math:`\delta = \mu_b - \mu_a`,
:math:`f = m/(m-1)` and :math:`g = 1/(m-1)`. Without trial k of both, the scatter is
:math:`S - f D_{ak} D_{ak}^\top - f D_{bk} D_{bk}^\top`, and the means, their midpoint and the
two trials to be told apart are combinations of :math:`\delta, D_{ak}, D_{bk}`. So every
decision follows from inner products of these three. Where a matrix comes too near to the limit
at which scikit-learn drops a direction, or a decision too near to zero, the pair is marked as
unsure, and is left to the plain road.
"""

import numpy as np

from isocortex.numerics.blocks import in_blocks, inverse, inverse_root, rows_for

SMALLEST = 1e-8
"""scikit-learn keeps singular values above 1e-4, so eigenvalues above this."""
MARGIN = 10.0
TIE = 1e-9


def leave_pair_out(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How often the two trials that were left out are told apart rightly.

    Parameters
    ----------
    values : array, shape (n_times, n_conditions, m, n_units)
        The same number m of trials for every condition.

    Returns
    -------
    accuracy : array, shape (n_times, n_pairs)
        From 0 to 1; meaningless where unsure.
    unsure : boolean array, shape (n_times, n_pairs)
        What the plain road should decide.
    """
    n_times, n_conditions, m, p = values.shape
    means = values.mean(2)
    deviations = (values - means[:, :, None]).reshape(-1, m, p)
    means = means.reshape(-1, p)
    rows, columns = np.triu_indices(n_conditions, 1)
    n_pairs = len(rows)
    offsets = np.arange(n_times)[:, None] * n_conditions
    first, second = (offsets + rows).ravel(), (offsets + columns).ravel()
    accuracy = np.zeros(n_times * n_pairs)
    unsure = np.ones(n_times * n_pairs, dtype=bool)
    road = road_for(m, p)
    if road is not None:
        scatter = np.matmul(deviations.transpose(0, 2, 1), deviations)

        def work(block: slice) -> None:
            a, b = first[block], second[block]
            delta = means[b] - means[a]
            decisions, sure = road(scatter[a] + scatter[b], delta, deviations[a], deviations[b])
            right_a, right_b = decisions[0] <= 0, decisions[1] > 0
            accuracy[block] = (right_a.sum(1) + right_b.sum(1)) / (2 * m)
            unsure[block] = ~sure

        with np.errstate(all="ignore"):
            # Large enough that the overhead of each call is small, and near the cache's size.
            budget = 2**23 if road is singular else 3 * 2**20
            in_blocks(work, len(first), rows_for(8 * (p * p + 6 * m * p), budget))
    shape = (n_times, n_pairs)
    return accuracy.reshape(shape), unsure.reshape(shape)


def road_for(m: int, p: int):
    """The fast road for m trials of each condition and p units, if there is one."""
    if m < 3:
        return None
    if 2 * m - 4 >= p:
        return regular
    # With far more units than trials the null space is large, and the dual road is shorter.
    if p >= 2 * m - 2 and p - (2 * m - 2) <= m:
        return singular
    return None


def regular(scatter, delta, d_a, d_b):
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
    f, g = m / (m - 1), 1 / (m - 1)
    root = inverse_root(scatter)
    across = np.swapaxes(root, 1, 2)
    x_a, x_b, x_d = d_a @ across, d_b @ across, (delta[:, None] @ across)[:, 0]
    alpha = np.einsum("nkp,nkp->nk", x_a, x_a)
    beta = np.einsum("nkp,nkp->nk", x_b, x_b)
    gamma = np.einsum("nkp,nkp->nk", x_a, x_b)
    from_a = (x_a @ x_d[:, :, None])[:, :, 0]
    from_b = (x_b @ x_d[:, :, None])[:, :, 0]
    between = np.einsum("np,np->n", x_d, x_d)[:, None]

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

    least = (one_a + one_b) / 2 - np.sqrt(((one_a - one_b) / 2) ** 2 + (f * gamma) ** 2)
    trace = np.einsum("np,npp->n", np.einsum("nqp,nqp->np", root, root), scatter)
    sure = least.min(1) / trace > MARGIN * SMALLEST
    return decisions, sure & clear(decisions, sizes)


def combine(g, spread, c, b):
    """Decision values of the two trials from the inner products under the fold's inverse."""
    along_a = spread / 2, c[0] + g * c[1], g * ((1 + g / 2) * b[0] + g / 2 * b[1])
    along_b = spread / 2, g * c[0] + c[1], g * (g / 2 * b[0] + (1 + g / 2) * b[1])
    decisions = (along_a[1] + along_a[2] - along_a[0], along_b[0] + along_b[1] + along_b[2])
    sizes = tuple(sum(np.abs(part) for part in parts) for parts in (along_a, along_b))
    return decisions, sizes


def clear(decisions, sizes, tie=TIE):
    """Whether all decisions of an item stand clear of rounding."""
    above = [np.abs(value) > tie * size for value, size in zip(decisions, sizes, strict=True)]
    return (above[0] & above[1]).all(1)


def singular(scatter, delta, d_a, d_b):
    r"""Decisions where there are more units than degrees of freedom.

    scikit-learn then works in the subspace of the standardised training data. In units of the
    pair's standard deviations, with :math:`\omega_k` the share of each unit's variance that is
    left without trial k, its inverse is :math:`T^\top G T`, where G is any generalised inverse
    of the scatter, N spans the fold's null space and
    :math:`T = I - \omega N (N^\top \omega N)^{-1} N^\top`. The null space without trial k is
    that of the pair and the two directions :math:`G D_{ak}` and :math:`G D_{bk}`.

    Parameters and returns are those of :func:`regular`.
    """
    n, m, p = d_a.shape
    f, g = m / (m - 1), 1 / (m - 1)
    variance = np.einsum("npp->np", scatter)
    sd = np.sqrt(variance)
    delta, d_a, d_b = delta / sd, d_a / sd[:, None], d_b / sd[:, None]
    fill = np.random.default_rng(p).normal(size=(p, p - (2 * m - 2)))
    inv = inverse(scatter / (sd[:, :, None] * sd[:, None]) + fill @ fill.T)
    null = inv @ fill
    q = null.shape[2] + 2
    h_a, h_b = d_a @ inv, d_b @ inv
    left = 1 - f * (d_a**2 + d_b**2)

    gram = _null_gram(null, h_a, h_b, left)
    # Right-hand sides: N' delta, N' D_a and N' D_b, of which most entries are known.
    right = np.zeros((q, 3, n, m))
    right[:-2, 0] = (delta[:, None] @ null)[:, 0].T[:, :, None]
    right[-2, 0] = (h_a @ delta[:, :, None])[:, :, 0]
    right[-1, 0] = (h_b @ delta[:, :, None])[:, :, 0]
    right[-2, 1] = right[-1, 2] = 1 / f
    solved = eliminate(gram.reshape(q, q, -1), right.reshape(q, 3, -1)).reshape(right.shape)

    shift = solved[:, 0] + g * (solved[:, 1] - solved[:, 2])
    inside = np.matmul(shift[:-2].transpose(1, 2, 0), null.transpose(0, 2, 1))
    inside += shift[-2][..., None] * h_a
    inside += shift[-1][..., None] * h_b
    projected = delta[:, None] + g * (d_a - d_b) - left * inside
    u = projected @ inv
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

    error = np.abs(np.einsum("nkp,nkp->nk", h_a, d_a) - 1 / f).max(1)
    if q > 2:
        error = np.maximum(error, np.abs(fill.T @ null - np.eye(q - 2)).max((1, 2)))
    sure = (error < 1e-6) & (left.min((1, 2)) > 1e-6)
    sure &= 1 / _trace_on_range(inv, null) > MARGIN * SMALLEST
    return decisions, sure & clear(decisions, sizes, TIE + 1e3 * error[:, None])


def _trace_on_range(inv, null):
    """Trace of the pseudo-inverse: a bound on the inverse of the smallest eigenvalue kept."""
    trace = np.einsum("npp->n", inv)
    if null.shape[2]:
        across = null.transpose(0, 2, 1)
        trace = trace - np.einsum("nii->n", inverse(across @ null) @ (across @ (inv @ null)))
    return trace


def _null_gram(null, h_a, h_b, left):
    """N' omega N for every item and fold, shape (q, q, n, m)."""
    n, r = len(null), null.shape[2]
    q, m = r + 2, left.shape[1]
    gram = np.empty((q, q, n, m))
    if r:
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
    for j in range(q):
        factor = matrices[j + 1 :, j] / matrices[j, j]
        matrices[j + 1 :, j + 1 :] -= factor[:, None] * matrices[j, j + 1 :]
        right[j + 1 :] -= factor[:, None] * right[j]
    for j in reversed(range(q)):
        if j + 1 < q:
            right[j] -= np.einsum("in,irn->rn", matrices[j, j + 1 :], right[j + 1 :])
        right[j] /= matrices[j, j]
    return right
