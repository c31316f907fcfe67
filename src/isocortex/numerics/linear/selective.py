r"""Ridge regression in which each target has its own best units.

With the ones column penalized as well, as FastL2LiR has it, the bias can be eliminated first:

.. math:: (X_c^\top X_c + \alpha I + \gamma\, m m^\top)\, w = X_c^\top y_c + \gamma\, m \bar y,
          \qquad \gamma = \frac{n \alpha}{n + \alpha}

where :math:`X_c, y_c` are without their means :math:`m, \bar y`. With :math:`u, v` the solutions of
:math:`X_c^\top X_c + \alpha I` for :math:`X_c^\top y_c` and for m,

.. math:: w = u + t v, \qquad t = \frac{\gamma (\bar y - m^\top u)}{1 + \gamma\, m^\top v}

(Sherman & Morrison), so that a large mean costs no digits, and the selected part of one matrix of
inner products serves every target. Of three exact ways, the smallest system is solved: of the
selected units, of the samples, or of the units that are *left out*.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from isocortex.arrays import Array, as_numpy, column_blocks
from isocortex.numerics.arrays.gram import gram
from isocortex.numerics.arrays.parallel import on_all_cores
from isocortex.numerics.arrays.small_solves import solve_in_place
from isocortex.numerics.linear.selective_groups import Group, groups_of, solve_group
from isocortex.numerics.linear.selective_systems import (
    GRAM_UNITS,
    Samples,
    checked,
    factored,
    gather,
    rows_of,
)
from isocortex.numerics.linear.top_columns import strongest


class Weights(NamedTuple):
    """What was fitted: for each target its units, their weights, and the bias."""

    columns: np.ndarray
    """Shape (n_targets, n_selected), rising along each row."""
    weights: np.ndarray
    """Shape (n_targets, n_selected)."""
    intercept: np.ndarray
    """Shape (n_targets,)."""


def selective_ridge(
    x: Array,
    y: np.ndarray,
    n_features: int | None,
    alpha: float,
    times: np.ndarray | None = None,
) -> Weights:
    """Ridge on the ``n_features`` units with the largest correlation with each target.

    Parameters
    ----------
    x : array, shape (n_samples, n_units)
        In memory or lazy; a lazy one is read in blocks of columns, and no matrix of
        n_units x n_units is formed where it would be large.
    y : array, shape (n_samples, n_targets)
    n_features : int or None
        None, or at least ``n_units``: all units.
    alpha : float
        Of the penalty on the weights and on the bias.
    times : array, shape (n_samples,), optional
        How often each sample counts, as if it stood there so often.

    Returns
    -------
    Weights

    Raises
    ------
    UndefinedError
        If ``alpha`` is zero and the units of a target are linearly dependent.
    """
    y = np.asarray(y, dtype=np.float64)
    n_units = int(x.shape[1])
    samples = Samples(np.ones(len(y)) if times is None else np.asarray(times, float), alpha)
    if n_features is None or n_features >= n_units:
        return _all_units(x, y, samples)
    columns = strongest(x, y, n_features, times)
    # Where few are left out, taking them out of the whole solution is less work than solving.
    if n_units - n_features < min(n_features, len(y)) and n_units <= GRAM_UNITS:
        return _left_out(x, y, columns, samples)
    weights = np.empty(columns.shape)
    explained = np.empty(len(columns))
    for targets in groups_of(columns, n_units, len(y)):
        group = Group.of(x, y[:, targets], columns[targets], samples)
        solve_group(group, weights[targets], explained[targets])
    return Weights(columns, weights, samples.bias(y, explained))


def _all_units(x: Array, y: np.ndarray, samples: Samples) -> Weights:
    n_units = int(x.shape[1])
    everything = np.broadcast_to(np.arange(n_units), (y.shape[1], n_units))
    # The smaller matrix is factored: (n_units, n_units), or (n_samples, n_samples) below.
    if n_units < len(y):
        z, means = samples.centred(rows_of(x, np.arange(n_units)))
        target, target_means = samples.centred(y.T)
        solve = factored(z @ z.T, samples.alpha, "units")
        u, v = solve(z @ target.T), solve(means)
        step, explained = samples.step(target_means, means @ u, means @ v)
        return Weights(everything, (u + np.outer(v, step)).T, samples.bias(y, explained))
    through_samples = _through_samples_at_once if samples.alpha else _exact
    duals, of_mean, intercept = through_samples(x, y, samples)
    weights, share = np.empty((y.shape[1], n_units)), samples.times / samples.n
    # Duals to weights by blocks of units, since x may be larger than memory.
    for where, block in column_blocks(x):
        rows = as_numpy(block).astype(np.float64, copy=False)
        mean = share @ rows
        weights[:, where] = duals.T @ (rows - mean) + np.outer(of_mean, mean)
    return Weights(everything, weights, intercept)


def _exact(x: Array, y: np.ndarray, samples: Samples) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Without a penalty the samples are met exactly, by the smallest weights and bias."""
    root = np.sqrt(samples.times)[:, None]
    # The bias counts as the weight of one more unit, which is 1 for all samples.
    matrix = (gram(x).raw() + 1.0) * root * root.T
    duals = factored(matrix, 0.0, "samples")(root * y) * root
    return duals, duals.sum(0), duals.sum(0)


def _through_samples_at_once(
    x: Array, y: np.ndarray, samples: Samples
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All units, of which there are more than samples.

    Weights are sums of centred samples (the first array) and a part of the mean (the second);
    the third is the bias.
    """
    known, share = gram(x), samples.times / samples.n
    unit, root = known.unit, np.sqrt(samples.times)[:, None]
    # Products of the samples with the mean, of the mean with itself, and centred products.
    row = known.shifted @ share
    level = row + known.with_common
    along = (level - share @ level) * unit**2
    square = (share @ row + 2 * share @ known.with_common + known.common_square) * unit**2
    matrix = (known.shifted - row[:, None] - row[None, :] + share @ row) * unit**2
    target, target_means = samples.centred(y.T)
    solve = factored(matrix * root * root.T, samples.alpha, "samples")
    of_y, of_mean = solve(target.T) * root, solve(along[:, None] * root) * root
    mu, mv = along @ of_y, (square - along @ of_mean[:, 0]) / samples.alpha
    step, explained = samples.step(target_means, mu, mv)
    part = step / samples.alpha
    return of_y - of_mean * part, part, samples.bias(y, explained)


def _left_out(x: Array, y: np.ndarray, columns: np.ndarray, samples: Samples) -> Weights:
    """From the solution with all units, take the few that are not wanted out again.

    With the inverse P of the whole system and R the units left out,
    w = P c - P[:, R] P[R, R]^-1 (P c)[R], whose system has only n_units - k unknowns.
    """
    n_units, k = int(x.shape[1]), columns.shape[1]
    z, means = samples.centred(rows_of(x, np.arange(n_units)))
    target, target_means = samples.centred(y.T)
    inverse = factored(z @ z.T, samples.alpha, "units")(np.eye(n_units))
    solved, of_mean = inverse @ (z @ target.T), inverse @ means
    out = np.ones((y.shape[1], n_units), dtype=bool)
    np.put_along_axis(out, columns, False, axis=1)
    # (n_targets, n_units - k), rising along each row.
    left = np.nonzero(out)[1].reshape(len(out), n_units - k)
    moved, moved_mean = np.zeros_like(solved), np.zeros_like(solved)

    def work(targets: Sequence[int]) -> None:
        system = np.empty((n_units - k, n_units - k))
        for target in targets:
            # The weights w = A^-1 b of those left out become 0: w - A^-1[:, l] (A^-1[l, l])^-1
            # w[l].
            right = np.stack([solved[left[target], target], of_mean[left[target]]])
            gather(inverse, left[target], system)
            checked(solve_in_place(system, right))
            moved[left[target], target], moved_mean[left[target], target] = right

    on_all_cores(work, len(columns), each=(n_units - k) ** 3 / 2)
    u = np.take_along_axis((solved - inverse @ moved).T, columns, axis=1)
    v = np.take_along_axis((of_mean[:, None] - inverse @ moved_mean).T, columns, axis=1)
    mu, mv = (np.einsum("ij,ij->i", means[columns], each) for each in (u, v))
    step, explained = samples.step(target_means, mu, mv)
    return Weights(columns, u + step[:, None] * v, samples.bias(y, explained))
