r"""Ridge regression in which each target has its own best units.

With the ones column penalised as well, as FastL2LiR has it, the bias can be eliminated first:

.. math:: (X_c^\top X_c + \alpha I + \gamma\, m m^\top)\, w = X_c^\top y_c + \gamma\, m \bar y,
          \qquad \gamma = \frac{n \alpha}{n + \alpha}

where :math:`X_c, y_c` are without their means :math:`m, \bar y`. That is ridge without a bias on
centred data with one more row, :math:`\sqrt\gamma\, m`; so the selected part of one matrix of
inner products serves every target. Of three exact ways, the smallest system is solved: of the
selected units, of the samples, or of the units that are *left out*.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from isocortex.arrays import Array, as_numpy, column_blocks, is_lazy
from isocortex.errors import UndefinedError
from isocortex.numerics.cholesky import on_all_cores, solve_in_place
from isocortex.numerics.gram import gram
from isocortex.numerics.strongest import strongest

GATHER_BYTES = 512 * 2**20
"""How much of the matrix is held at once, in float64, while targets are solved."""
GRAM_UNITS = 8192
"""Inner products of all pairs of units are formed for at most this many of them."""


Solver = Callable[[int, np.ndarray], np.ndarray]
"""From a target and a scratch matrix to the target's weights."""


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
    def ones(self) -> float:
        """The factor of the mean, as one more sample."""
        return (self.n * self.alpha / (self.n + self.alpha)) ** 0.5 if self.alpha else 0.0

    def augmented(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Centred units (n_units, n_samples + 1), the last sample their scaled mean; the means."""
        n = rows.shape[1]
        z = np.empty((len(rows), n + 1))
        means = rows @ (self.times / self.n)
        np.subtract(rows, means[:, None], out=z[:, :n])
        if (self.times != 1).any():
            z[:, :n] *= np.sqrt(self.times)
        z[:, n] = self.ones * means
        return z, means

    def bias(self, y: np.ndarray, explained: np.ndarray) -> np.ndarray:
        """The bias, penalised like the weights; ``explained`` is the mean of what they give."""
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
    if n_units < len(y):
        z, means = samples.augmented(_rows(x, np.arange(n_units)))
        target, _ = samples.augmented(y.T)
        solved = _factored(z @ z.T, samples.alpha, "units")(z @ target.T)
        return Weights(everything, solved.T, samples.bias(y, means @ solved))
    matrix = gram(x).raw()
    root = np.sqrt(samples.times)
    matrix = (matrix + 1.0) * root * root[:, None]
    duals = _factored(matrix, samples.alpha, "samples")(root[:, None] * y) * root[:, None]
    weights = np.empty((y.shape[1], n_units))
    for where, block in column_blocks(x):
        weights[:, where] = duals.T @ as_numpy(block)
    return Weights(everything, weights, duals.sum(0))


def _left_out(x: Array, y: np.ndarray, columns: np.ndarray, samples: _Samples) -> Weights:
    """From the solution with all units, take the few that are not wanted out again.

    With the inverse P of the whole system and R the units left out,
    w = P c - P[:, R] P[R, R]^-1 (P c)[R], whose system has only n_units - k unknowns.
    """
    n_units, k = int(x.shape[1]), columns.shape[1]
    z, means = samples.augmented(_rows(x, np.arange(n_units)))
    target, _ = samples.augmented(y.T)
    inverse = _factored(z @ z.T, samples.alpha, "units")(np.eye(n_units))
    solved = inverse @ (z @ target.T)
    out = np.ones((y.shape[1], n_units), dtype=bool)
    np.put_along_axis(out, columns, False, axis=1)
    left = np.nonzero(out)[1].reshape(len(out), n_units - k)
    moved = np.zeros_like(solved)

    def work(targets: Sequence[int]) -> None:
        system = np.empty((n_units - k, n_units - k))
        for target in targets:
            right = solved[left[target], target]
            _gather(inverse, left[target], system)
            _checked(solve_in_place(system, right))
            moved[left[target], target] = right

    on_all_cores(work, len(columns))
    solved -= inverse @ moved
    weights = np.take_along_axis(solved.T, columns, axis=1)
    explained = np.einsum("ij,ij->i", means[columns], weights)
    return Weights(columns, weights, samples.bias(y, explained))


@dataclass(frozen=True, eq=False)
class _Group:
    """Some targets and the units that they need."""

    z: np.ndarray
    """Their units, shape (n_needed, n_samples + 1)."""
    means: np.ndarray
    y: np.ndarray
    """Shape (n_samples + 1, n_targets)."""
    places: np.ndarray
    """Where the units of each target stand in ``z``, shape (n_targets, k)."""
    alpha: float

    @classmethod
    def of(cls, x: Array, y: np.ndarray, columns: np.ndarray, samples: _Samples) -> "_Group":
        """Read the units that any of the targets needs."""
        union = np.unique(columns)
        z, means = samples.augmented(_rows(x, union))
        target, _ = samples.augmented(y.T)
        places = np.searchsorted(union, columns)
        return cls(z, means, np.ascontiguousarray(target.T), places, samples.alpha)


def _solve(group: _Group, weights: np.ndarray, explained: np.ndarray) -> None:
    """Weights of each target of a group, and the mean of what they give, into their rows."""
    n_targets, k = group.places.shape
    n_needed, n_samples = group.z.shape
    if n_samples < k:
        one = _through_samples(group)
    elif n_needed <= GRAM_UNITS and n_needed**2 <= 2 * n_targets * k**2:
        one = _through_gram(group)
    else:
        one = _through_units(group)

    def work(targets: Sequence[int]) -> None:
        system = np.empty((min(k, n_samples),) * 2)
        for target in targets:
            weights[target] = one(target, system)
            explained[target] = group.means[group.places[target]] @ weights[target]

    on_all_cores(work, n_targets)


def _through_gram(group: _Group) -> Solver:
    """One matrix of inner products for all targets, of which each takes its part."""
    matrix = group.z @ group.z.T
    _add_to_diagonal(matrix, group.alpha)
    right = (group.z @ group.y).T

    def one(target: int, system: np.ndarray) -> np.ndarray:
        chosen = group.places[target]
        _gather(matrix, chosen, system)
        solution = right[target, chosen]
        _checked(solve_in_place(system, solution))
        return solution

    return one


def _through_units(group: _Group) -> Solver:
    """Inner products of each target's own units."""

    def one(target: int, system: np.ndarray) -> np.ndarray:
        own = group.z[group.places[target]]
        np.matmul(own, own.T, out=system)
        _add_to_diagonal(system, group.alpha)
        solution = own @ group.y[:, target]
        _checked(solve_in_place(system, solution))
        return solution

    return one


def _through_samples(group: _Group) -> Solver:
    """Inner products of samples over each target's own units; there are more of these."""

    def one(target: int, system: np.ndarray) -> np.ndarray:
        own = group.z[group.places[target]]
        np.matmul(own.T, own, out=system)
        _add_to_diagonal(system, group.alpha)
        duals = group.y[:, target].copy()
        _checked(solve_in_place(system, duals))
        return own @ duals

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
