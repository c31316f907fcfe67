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

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from isocortex.arrays import Array, as_numpy, column_blocks, is_lazy
from isocortex.errors import UndefinedError
from isocortex.numerics.arrays.gram import gram
from isocortex.numerics.arrays.parallel import on_all_cores
from isocortex.numerics.arrays.small_solves import solve_in_place
from isocortex.numerics.linear.top_columns import strongest

GATHER_BYTES = 512 * 2**20
"""How much of the matrix is held at once, in float64, while targets are solved."""
GRAM_UNITS = 8192
"""Inner products of all pairs of units are formed for at most this many of them."""


Solver = Callable[[int, np.ndarray], np.ndarray]
"""From a target and a scratch matrix to u and v of that target, shape (2, n_selected)."""


class Weights(NamedTuple):
    """What was fitted: for each target its units, their weights, and the bias."""

    columns: np.ndarray
    """Shape (n_targets, n_selected), rising along each row."""
    weights: np.ndarray
    """Shape (n_targets, n_selected)."""
    intercept: np.ndarray
    """Shape (n_targets,)."""


@dataclass(frozen=True, eq=False)
class _Samples:
    """What concerns samples: how often each counts, and the penalty that the bias shares."""

    times: np.ndarray
    alpha: float

    @property
    def n(self) -> float:
        """How many samples there are."""
        return float(self.times.sum())

    @property
    def gamma(self) -> float:
        """The penalty on what the mean explains."""
        return self.n * self.alpha / (self.n + self.alpha) if self.alpha else 0.0

    def centred(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Units (n_units, n_samples) less their means, weighted by the samples; the means."""
        share = self.times / self.n
        means = rows @ share
        z = rows - means[:, None]
        # What rounding of the mean has left is taken out too, so that offsets cost no digits.
        left = z @ share
        z -= left[:, None]
        # Most calls weight nothing, and are spared a pass over the matrix.
        if (self.times != 1).any():
            z *= np.sqrt(self.times)
        return z, means + left

    def step(self, y: Any, mu: Any, mv: Any) -> tuple[Any, Any]:
        """t, and what the mean explains, from the target's mean and m'u and m'v."""
        # Sherman and Morrison: a penalized bias adds gamma m m' to the inner products.
        below = 1 + self.gamma * mv
        return self.gamma * (y - mu) / below, (mu + self.gamma * mv * y) / below

    def bias(self, y: np.ndarray, explained: np.ndarray) -> np.ndarray:
        """The bias, penalized like the weights; ``explained`` is the mean of what they give."""
        return self.n / (self.n + self.alpha) * (self.times @ y / self.n - explained)


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
    samples = _Samples(np.ones(len(y)) if times is None else np.asarray(times, float), alpha)
    if n_features is None or n_features >= n_units:
        return _all_units(x, y, samples)
    columns = strongest(x, y, n_features, times)
    # Where few are left out, taking them out of the whole solution is less work than solving.
    if n_units - n_features < min(n_features, len(y)) and n_units <= GRAM_UNITS:
        return _left_out(x, y, columns, samples)
    weights = np.empty(columns.shape)
    explained = np.empty(len(columns))
    for targets in _groups(columns, n_units, len(y)):
        group = _Group.of(x, y[:, targets], columns[targets], samples)
        _solve(group, weights[targets], explained[targets])
    return Weights(columns, weights, samples.bias(y, explained))


def _all_units(x: Array, y: np.ndarray, samples: _Samples) -> Weights:
    n_units = int(x.shape[1])
    everything = np.broadcast_to(np.arange(n_units), (y.shape[1], n_units))
    # The smaller matrix is factored: (n_units, n_units), or (n_samples, n_samples) below.
    if n_units < len(y):
        z, means = samples.centred(_rows(x, np.arange(n_units)))
        target, target_means = samples.centred(y.T)
        solve = _factored(z @ z.T, samples.alpha, "units")
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


def _exact(x: Array, y: np.ndarray, samples: _Samples) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Without a penalty the samples are met exactly, by the smallest weights and bias."""
    root = np.sqrt(samples.times)[:, None]
    # The bias counts as the weight of one more unit, which is 1 for all samples.
    matrix = (gram(x).raw() + 1.0) * root * root.T
    duals = _factored(matrix, 0.0, "samples")(root * y) * root
    return duals, duals.sum(0), duals.sum(0)


def _through_samples_at_once(
    x: Array, y: np.ndarray, samples: _Samples
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
    solve = _factored(matrix * root * root.T, samples.alpha, "samples")
    of_y, of_mean = solve(target.T) * root, solve(along[:, None] * root) * root
    mu, mv = along @ of_y, (square - along @ of_mean[:, 0]) / samples.alpha
    step, explained = samples.step(target_means, mu, mv)
    part = step / samples.alpha
    return of_y - of_mean * part, part, samples.bias(y, explained)


def _left_out(x: Array, y: np.ndarray, columns: np.ndarray, samples: _Samples) -> Weights:
    """From the solution with all units, take the few that are not wanted out again.

    With the inverse P of the whole system and R the units left out,
    w = P c - P[:, R] P[R, R]^-1 (P c)[R], whose system has only n_units - k unknowns.
    """
    n_units, k = int(x.shape[1]), columns.shape[1]
    z, means = samples.centred(_rows(x, np.arange(n_units)))
    target, target_means = samples.centred(y.T)
    inverse = _factored(z @ z.T, samples.alpha, "units")(np.eye(n_units))
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
            _gather(inverse, left[target], system)
            _checked(solve_in_place(system, right))
            moved[left[target], target], moved_mean[left[target], target] = right

    on_all_cores(work, len(columns))
    u = np.take_along_axis((solved - inverse @ moved).T, columns, axis=1)
    v = np.take_along_axis((of_mean[:, None] - inverse @ moved_mean).T, columns, axis=1)
    mu, mv = (np.einsum("ij,ij->i", means[columns], each) for each in (u, v))
    step, explained = samples.step(target_means, mu, mv)
    return Weights(columns, u + step[:, None] * v, samples.bias(y, explained))


@dataclass(frozen=True, eq=False)
class _Group:
    """Some targets and the units that they need."""

    z: np.ndarray
    """Their units, centred, shape (n_needed, n_samples)."""
    means: np.ndarray
    y: np.ndarray
    """Centred, shape (n_samples, n_targets)."""
    y_means: np.ndarray
    places: np.ndarray
    """Where the units of each target stand in ``z``, shape (n_targets, k)."""
    samples: _Samples

    @property
    def alpha(self) -> float:
        """The penalty on squared weights, as it was chosen or given."""
        return self.samples.alpha

    @classmethod
    def of(cls, x: Array, y: np.ndarray, columns: np.ndarray, samples: _Samples) -> "_Group":
        """Read the units that any of the targets needs."""
        union = np.unique(columns)
        z, means = samples.centred(_rows(x, union))
        target, target_means = samples.centred(y.T)
        places = np.searchsorted(union, columns)
        return cls(z, means, np.ascontiguousarray(target.T), target_means, places, samples)


def _solve(group: _Group, weights: np.ndarray, explained: np.ndarray) -> None:
    """Weights of each target of a group, and the mean of what they give, into their rows."""
    n_targets, k = group.places.shape
    n_needed, n_samples = group.z.shape
    # The smaller matrix is solved; one Gram for all pays where targets share their units.
    if n_samples < k:
        one = _through_samples(group)
    elif n_needed <= GRAM_UNITS and n_needed**2 <= 2 * n_targets * k**2:
        one = _through_gram(group)
    else:
        one = _through_units(group)

    def work(targets: Sequence[int]) -> None:
        system = np.empty((min(k, n_samples),) * 2)
        for target in targets:
            u, v = one(target, system)
            means = group.means[group.places[target]]
            step, explained[target] = group.samples.step(
                group.y_means[target], means @ u, means @ v
            )
            weights[target] = u + step * v

    on_all_cores(work, n_targets)


def _through_gram(group: _Group) -> Solver:
    """One matrix of inner products for all targets, of which each takes its part."""
    matrix = group.z @ group.z.T
    _add_to_diagonal(matrix, group.alpha)
    right = (group.z @ group.y).T

    def one(target: int, system: np.ndarray) -> np.ndarray:
        chosen = group.places[target]
        _gather(matrix, chosen, system)
        solutions = np.stack([right[target, chosen], group.means[chosen]])
        _checked(solve_in_place(system, solutions))
        return solutions

    return one


def _through_units(group: _Group) -> Solver:
    """Inner products of each target's own units."""

    def one(target: int, system: np.ndarray) -> np.ndarray:
        own = group.z[group.places[target]]
        np.matmul(own, own.T, out=system)
        _add_to_diagonal(system, group.alpha)
        solutions = np.stack([own @ group.y[:, target], group.means[group.places[target]]])
        _checked(solve_in_place(system, solutions))
        return solutions

    return one


def _through_samples(group: _Group) -> Solver:
    """Inner products of samples over each target's own units; there are more of these."""
    # More units than samples leave weights undefined without a penalty.
    if not group.alpha:
        raise _dependent("units")

    def one(target: int, system: np.ndarray) -> np.ndarray:
        own = group.z[group.places[target]]
        np.matmul(own.T, own, out=system)
        _add_to_diagonal(system, group.alpha)
        means = group.means[group.places[target]]
        duals = np.stack([group.y[:, target], means @ own])
        _checked(solve_in_place(system, duals))
        # Push-through identity: (Z Z' + a)^-1 m = (m - Z (Z'Z + a)^-1 Z' m) / a.
        u, along = duals @ own.T
        return np.stack([u, (means - along) / group.alpha])

    return one


def _groups(columns: np.ndarray, n_units: int, n_samples: int) -> list[slice]:
    """Runs of targets whose units together fit in memory."""
    most = max(GATHER_BYTES // (8 * (n_samples + 1)), columns.shape[1])
    if n_units <= most:
        return [slice(0, len(columns))]
    groups, start = [], 0
    held = np.zeros(n_units, dtype=bool)
    count = 0
    for target, wanted in enumerate(columns):
        # Only units that the group does not hold yet cost memory.
        fresh = int((~held[wanted]).sum())
        if count + fresh > most:
            groups.append(slice(start, target))
            start, count, fresh = target, 0, len(wanted)
            held[:] = False
        held[wanted] = True
        count += fresh
    return [*groups, slice(start, len(columns))]


def _gather(matrix: np.ndarray, chosen: np.ndarray, into: np.ndarray) -> None:
    """``matrix[chosen][:, chosen]``, of which only what is on and above the diagonal is made."""
    flat, width = matrix.reshape(-1), matrix.shape[1]
    # Of a block of rows, the columns from its first one on suffice: the matrix is symmetric.
    step = max(32, -(-len(chosen) // 8))
    for start in range(0, len(chosen), step):
        rows = chosen[start : start + step, None] * width
        into[start : start + step, start:] = flat.take(rows + chosen[start:])


def _rows(x: Array, union: np.ndarray) -> np.ndarray:
    """The chosen columns of ``x`` as float64 rows; a lazy ``x`` is read in blocks."""
    rows = np.empty((len(union), int(x.shape[0])))
    if not is_lazy(x) and len(union) == x.shape[1]:
        rows[:] = as_numpy(x).T
        return rows
    for where, block in column_blocks(x):
        # The union rises, so that the units of a block stand together in it.
        first, last = np.searchsorted(union, (where.start, where.stop))
        if first < last:
            rows[first:last] = as_numpy(block)[:, union[first:last] - where.start].T
    return rows


def _add_to_diagonal(matrix: np.ndarray, alpha: float) -> None:
    matrix.reshape(-1)[:: len(matrix) + 1] += alpha


def _factored(matrix: np.ndarray, alpha: float, what: str):
    """A function that solves ``matrix + alpha I`` for any right-hand side."""
    _add_to_diagonal(matrix, alpha)
    try:
        factor = cho_factor(matrix, lower=True, overwrite_a=True)
    except np.linalg.LinAlgError:
        raise _dependent(what) from None
    return lambda right: cho_solve(factor, right)


def _checked(done: bool) -> None:
    if not done:
        raise _dependent("units")


def _dependent(what: str) -> UndefinedError:
    return UndefinedError(
        f"SelectiveRidge: the {what} are linearly dependent, so that the weights are not defined "
        "without a penalty. Use a larger alpha, such as 100."
    )
