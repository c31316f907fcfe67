r"""What noise that stimuli share takes from inner products, in samples of the stimuli.

For independent noise in each stimulus, dissimilarities of pairs with a stimulus in common covary.
With :math:`G = -D/2`, :math:`r_a = 2 w \circ (G_a w)` and
:math:`M = \operatorname{diag}(m) + 2 w w^\top`, :math:`m_i = 2 w_i (n + 2 - 2 w_i)`, the inner
product under the inverse of that covariance is
:math:`\tfrac12 \sum_{i<j} W_{ij} x_a x_b - r_a^\top M^{-1} r_b`, and the covariance, of pairs by
pairs, is never formed.

References
----------
.. [1] Diedrichsen et al. (2021), Comparing representational geometries using whitened
   unbiased-distance-matrix similarity, Neurons Behav. Data Anal. Theory 5(3).
   https://doi.org/10.51628/001c.27664
"""

import numpy as np

from isocortex.arrays import pairs_of

Part = tuple[np.ndarray, np.ndarray, np.ndarray]


def whitened_part(
    weights: np.ndarray,
    rows: tuple[np.ndarray, np.ndarray],
    means: list[np.ndarray] | None = None,
    mask: np.ndarray | None = None,
) -> Part:
    r"""The part :math:`r_a^\top M^{-1} r_b` of the whitened inner products.

    Parameters
    ----------
    weights : array, shape (n_samples, n_stimuli)
    rows : (array (n_first, n_pairs), array (n_second, n_pairs))
    means : [array (n_samples, n_first), array (n_samples, n_second)], optional
        What is taken from all dissimilarities of a row in a sample.
    mask : boolean array, shape (n_pairs,), optional
        Pairs that are there.

    Returns
    -------
    cross : array, shape (n_samples, n_first, n_second)
    first : array, shape (n_samples, n_first)
    second : array, shape (n_samples, n_second)
    """
    reach = _reach(weights, mask)
    sums = [
        _sums(weights, each, reach, None if means is None else means[k], mask)
        for k, each in enumerate(rows)
    ]
    n = weights.sum(1)
    # The diagonal m is not above 0 where one stimulus is half the sample: M is solved as it is.
    plain = weights.max(1) < n / 2 + 0.5
    if mask is not None:
        plain[:] = False
    cross = np.empty((len(weights), len(rows[0]), len(rows[1])))
    first, second = np.empty(cross.shape[:2]), np.empty(cross.shape[::2])
    if plain.any():
        found = _by_formula(weights[plain], [each[plain] for each in sums])
        cross[plain], first[plain], second[plain] = found
    if not plain.all():
        rest = ~plain
        found = _by_solving(weights[rest], [each[rest] for each in sums], reach[rest], mask)
        cross[rest], first[rest], second[rest] = found
    return cross, first, second


def _reach(weights: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """How much weight each stimulus is paired with, shape (n_samples, n_stimuli)."""
    if mask is None:
        return weights.sum(1, keepdims=True) - weights
    return weights @ _squares(mask[None].astype(np.float64), weights.shape[1])[0]


def _sums(
    weights: np.ndarray,
    rows: np.ndarray,
    reach: np.ndarray,
    means: np.ndarray | None,
    mask: np.ndarray | None,
) -> np.ndarray:
    """r of each sample and row, shape (n_samples, n_rows, n_stimuli)."""
    n = weights.shape[1]
    squares = _squares(rows if mask is None else rows * mask, n)
    sums = (weights @ squares.reshape(-1, n).T).reshape(len(weights), -1, n)
    if means is not None:
        sums -= means[:, :, None] * reach[:, None]
    sums *= -weights[:, None]
    return sums


def _by_formula(weights: np.ndarray, sums: list[np.ndarray]) -> Part:
    """By Sherman and Morrison, M being a diagonal and one product."""
    n = weights.sum(1, keepdims=True)
    # M = diag(m) + 2 w w'.
    m = 2 * weights * (n + 2 - 2 * weights)
    inverse = np.where(weights > 0, 1 / np.where(weights > 0, m, 1.0), 0.0)
    left, right = sums
    scaled = [each * inverse[:, None] for each in sums]
    z = [(each @ weights[:, :, None])[:, :, 0] for each in scaled]
    share = 2 / (1 + 2 * (weights**2 * inverse).sum(1))
    cross = scaled[0] @ right.transpose(0, 2, 1)
    cross -= share[:, None, None] * z[0][:, :, None] * z[1][:, None]
    own = [
        np.einsum("nac,nac->na", a, b) - share[:, None] * each**2
        for a, b, each in zip(scaled, (left, right), z, strict=True)
    ]
    return cross, own[0], own[1]


def _by_solving(
    weights: np.ndarray, sums: list[np.ndarray], reach: np.ndarray, mask: np.ndarray | None
) -> Part:
    n = weights.shape[1]
    there = 1 - np.eye(n) if mask is None else _squares(mask[None].astype(np.float64), n)[0]
    matrix = 2 * there * weights[:, :, None] * weights[:, None]
    diagonal = 2 * reach * weights + 4 * weights
    # Stimuli that were not drawn get a row of the identity, and 0 to solve for.
    matrix[:, range(n), range(n)] = np.where(weights > 0, diagonal, 1.0)
    left, right = sums
    both = np.concatenate([left, right], 1).transpose(0, 2, 1)
    solved = np.linalg.solve(matrix, both).transpose(0, 2, 1)
    k = left.shape[1]
    cross = left @ solved[:, k:].transpose(0, 2, 1)
    first = np.einsum("nac,nac->na", left, solved[:, :k])
    return cross, first, np.einsum("nac,nac->na", right, solved[:, k:])


def _squares(rows: np.ndarray, n: int) -> np.ndarray:
    """Square matrices with a diagonal of zeros, shape (n_rows, n, n)."""
    i, j = pairs_of(n)
    squares = np.zeros((len(rows), n, n))
    squares[:, i, j] = squares[:, j, i] = rows
    return squares
