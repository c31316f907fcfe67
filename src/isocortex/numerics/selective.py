r"""Ridge regression in which each target has its own best units.

With the ones column penalised as well, as FastL2LiR has it, the bias can be eliminated first:

.. math:: (X_c^\top X_c + \alpha I + \gamma\, m m^\top)\, w = X_c^\top y_c + \gamma\, m \bar y,
          \qquad \gamma = \frac{n \alpha}{n + \alpha}

where :math:`X_c, y_c` are without their means :math:`m, \bar y`. That is ridge without a bias on
centred data with one more row, :math:`\sqrt\gamma\, m`; so the selected part of one matrix of
inner products serves every target. Of three exact ways, the smallest system is solved: of the
selected units, of the samples, or of the units that are *left out*.
"""

from collections.abc import Sequence
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


class Weights(NamedTuple):
    """What was fitted: for each target its units, their weights, and the bias."""

    columns: np.ndarray
    """Shape (n_targets, n_selected), rising along each row."""
    weights: np.ndarray
    """Shape (n_targets, n_selected)."""
    intercept: np.ndarray
    """Shape (n_targets,)."""


def selective_ridge(x: Array, y: np.ndarray, n_features: int | None, alpha: float) -> Weights:
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
    if n_features is None or n_features >= n_units:
        return _all_units(x, y, alpha)
    if n_units - n_features < min(n_features, len(y)) and n_units <= GRAM_UNITS:
        return _left_out(x, y, n_features, alpha)
    columns = strongest(x, y, n_features)
    weights = np.empty(columns.shape)
    intercept = np.empty(len(columns))
    for targets in _groups(columns, n_units, len(y)):
        _solve_group(x, y[:, targets], columns[targets], alpha, (weights, intercept), targets)
    return Weights(columns, weights, intercept)


def _all_units(x: Array, y: np.ndarray, alpha: float) -> Weights:
    n, n_units = len(y), int(x.shape[1])
    everything = np.broadcast_to(np.arange(n_units), (y.shape[1], n_units))
    if n_units < n:
        z, means, ones = _augmented(as_numpy(x[:, :]).T, alpha)
        solved = _factored(z @ z.T, alpha, "units")(z @ _with_mean(y, ones))
        return Weights(everything, solved.T, _bias(y, means @ solved, alpha))
    matrix, _ = gram(x)
    duals = _factored(matrix + 1.0, alpha, "samples")(y)
    weights = np.empty((y.shape[1], n_units))
    for where, block in column_blocks(x):
        weights[:, where] = duals.T @ as_numpy(block)
    return Weights(everything, weights, duals.sum(0))


def _left_out(x: Array, y: np.ndarray, k: int, alpha: float) -> Weights:
    """From the solution with all units, take the few that are not wanted out again.

    With the inverse P of the whole system and R the units left out,
    w = P c - P[:, R] P[R, R]^-1 (P c)[R], whose system has only n_units - k unknowns.
    """
    z, means, ones = _augmented(as_numpy(x[:, :]).T, alpha)
    n_units = len(z)
    inverse = _factored(z @ z.T, alpha, "units")(np.eye(n_units))
    solved = inverse @ (z @ _with_mean(y, ones))
    columns = strongest(x, y, k)
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
    solved[out.T] = 0.0
    return Weights(columns, weights, _bias(y, means @ solved, alpha))


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


def _solve_group(x, y, columns, alpha, results, targets):
    """Weights of some targets into their rows of ``results``."""
    n, k = len(y), columns.shape[1]
    union = np.unique(columns)
    z, means, ones = _augmented(_rows(x, union), alpha)
    places = np.searchsorted(union, columns)
    y_ones = _with_mean(y, ones)
    weights, intercept = (part[targets] for part in results)
    dual = n + 1 < k
    shared = not dual and len(union) <= GRAM_UNITS and len(union) ** 2 <= 2 * len(columns) * k**2
    if shared:
        matrix = z @ z.T
        _add_to_diagonal(matrix, alpha)
        right = (z @ y_ones).T

    def work(some: Sequence[int]) -> None:
        system = np.empty((n + 1, n + 1) if dual else (k, k))
        for target in some:
            chosen = places[target]
            if shared:
                _gather(matrix, chosen, system)
                solution = right[target, chosen]
            elif dual:
                own = z[chosen]
                np.matmul(own.T, own, out=system)
                solution = y_ones[:, target].copy()
                _add_to_diagonal(system, alpha)
            else:
                own = z[chosen]
                np.matmul(own, own.T, out=system)
                solution = own @ y_ones[:, target]
                _add_to_diagonal(system, alpha)
            _checked(solve_in_place(system, solution))
            weights[target] = own @ solution if dual else solution
            intercept[target] = means[chosen] @ weights[target]

    on_all_cores(work, len(columns))
    intercept[:] = _bias(y, intercept, alpha)


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


def _augmented(rows: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Centred units with their scaled mean as one more sample; the means; the scale."""
    n = rows.shape[1]
    ones = (n * alpha / (n + alpha)) ** 0.5 if alpha else 0.0
    z = np.empty((len(rows), n + 1))
    means = rows.mean(1, dtype=np.float64)
    np.subtract(rows, means[:, None], out=z[:, :n])
    z[:, n] = ones * means
    return z, means, ones


def _with_mean(y: np.ndarray, ones: float) -> np.ndarray:
    mean = y.mean(0)
    return np.vstack([y - mean, ones * mean])


def _bias(y: np.ndarray, explained: np.ndarray, alpha: float) -> np.ndarray:
    """The bias, penalised like the weights, when the mean of what they give is known."""
    n = len(y)
    return n / (n + alpha) * (y.mean(0) - explained)


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
