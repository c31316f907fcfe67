"""Targets that each solve their own small system, in groups whose units fit in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from isocortex.arrays import Array
from isocortex.numerics.arrays.parallel import on_all_cores
from isocortex.numerics.arrays.small_solves import solve_in_place
from isocortex.numerics.linear.selective_systems import (
    GRAM_UNITS,
    Samples,
    add_to_diagonal,
    checked,
    dependent,
    gather,
    rows_of,
)

GATHER_BYTES = 512 * 2**20
"""How much of the matrix is held at once, in float64, while targets are solved."""

Solver = Callable[[int, np.ndarray], np.ndarray]
"""From a target and a scratch matrix to u and v of that target, shape (2, n_selected)."""


@dataclass(frozen=True, eq=False)
class Group:
    """Some targets and the units that they need."""

    z: np.ndarray
    """Their units, centred, shape (n_needed, n_samples)."""
    means: np.ndarray
    y: np.ndarray
    """Centred, shape (n_samples, n_targets)."""
    y_means: np.ndarray
    places: np.ndarray
    """Where the units of each target stand in ``z``, shape (n_targets, k)."""
    samples: Samples

    @property
    def alpha(self) -> float:
        """The penalty on squared weights, as it was chosen or given."""
        return self.samples.alpha

    @classmethod
    def of(cls, x: Array, y: np.ndarray, columns: np.ndarray, samples: Samples) -> "Group":
        """Read the units that any of the targets needs."""
        union = np.unique(columns)
        z, means = samples.centred(rows_of(x, union))
        target, target_means = samples.centred(y.T)
        places = np.searchsorted(union, columns)
        return cls(z, means, np.ascontiguousarray(target.T), target_means, places, samples)


def solve_group(group: Group, weights: np.ndarray, explained: np.ndarray) -> None:
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

    on_all_cores(work, n_targets, each=min(k, n_samples) ** 3 / 2)


def _through_gram(group: Group) -> Solver:
    """One matrix of inner products for all targets, of which each takes its part."""
    matrix = group.z @ group.z.T
    add_to_diagonal(matrix, group.alpha)
    right = (group.z @ group.y).T

    def one(target: int, system: np.ndarray) -> np.ndarray:
        chosen = group.places[target]
        gather(matrix, chosen, system)
        solutions = np.stack([right[target, chosen], group.means[chosen]])
        checked(solve_in_place(system, solutions))
        return solutions

    return one


def _through_units(group: Group) -> Solver:
    """Inner products of each target's own units."""

    def one(target: int, system: np.ndarray) -> np.ndarray:
        own = group.z[group.places[target]]
        np.matmul(own, own.T, out=system)
        add_to_diagonal(system, group.alpha)
        solutions = np.stack([own @ group.y[:, target], group.means[group.places[target]]])
        checked(solve_in_place(system, solutions))
        return solutions

    return one


def _through_samples(group: Group) -> Solver:
    """Inner products of samples over each target's own units; there are more of these."""
    # More units than samples leave weights undefined without a penalty.
    if not group.alpha:
        raise dependent("units")

    def one(target: int, system: np.ndarray) -> np.ndarray:
        own = group.z[group.places[target]]
        np.matmul(own.T, own, out=system)
        add_to_diagonal(system, group.alpha)
        means = group.means[group.places[target]]
        duals = np.stack([group.y[:, target], means @ own])
        checked(solve_in_place(system, duals))
        # Push-through identity: (Z Z' + a)^-1 m = (m - Z (Z'Z + a)^-1 Z' m) / a.
        u, along = duals @ own.T
        return np.stack([u, (means - along) / group.alpha])

    return one


def groups_of(columns: np.ndarray, n_units: int, n_samples: int) -> list[slice]:
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
