"""The noise for each run's distances, estimated from the trials of all other runs."""

import numpy as np

from isocortex.choice import one_of
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.rsa.metric import regular
from isocortex.rsa.noise import SHRINKAGES
from isocortex.rsa.trial_folds import over_time, refuse_flat

MOST_PARTS = 10
"""Into how many parts the trials of a recording without runs are split, at most."""


def left_out_roots(
    trials: Trials, condition: np.ndarray, partition: np.ndarray | None, shrinkage: str
) -> tuple[np.ndarray, np.ndarray]:
    r"""Roots :math:`W` of inverse noise covariances, each without the trials of one partition.

    The residuals are those of the least-squares fit of a mean for each condition and an offset
    for each run, so that no offset counts as noise. The covariance that meets the differences
    of a run was estimated without that run and so does not know their noise: where two
    conditions do not differ, the mean of the products is zero for any distribution of noise.

    Parameters
    ----------
    trials : Trials
    condition : integer array, shape (n_trials,)
    partition : integer array, shape (n_trials,), optional
        Without runs the trials of each condition are assigned in turn to three to ten parts.
    shrinkage : {"ledoit_wolf", "diagonal"}

    Returns
    -------
    partition : integer array, shape (n_trials,)
    roots : array, shape (n_partitions, 1, n_units, n_units)
        With :math:`W W^\top = \Sigma^{-1}`; patterns times W are whitened.

    Raises
    ------
    InputError
        If the other runs leave nothing to tell the noise from the conditions, or a unit is flat.
    """
    estimate = SHRINKAGES[one_of(shrinkage, SHRINKAGES, "noise")]
    refuse_flat(trials, f"rdms(noise={shrinkage!r})")
    with_offsets = partition is not None
    if partition is None:
        partition = _parts_in_turn(condition)
    values = np.array(over_time(trials), dtype=np.float64)
    for run in range(partition.max() + 1):
        values[:, partition == run] -= values[:, partition == run].mean(1, keepdims=True)
    found = []
    for run in range(partition.max() + 1):
        others = np.nonzero(partition != run)[0]
        offsets = partition[others] if with_offsets else np.zeros(len(others), dtype=np.intp)
        residuals, free = _residuals(values[:, others], condition[others], offsets)
        if free < 1:
            raise InputError(
                f"rdms: noise={shrinkage!r} is estimated, for each run, from the trials of the "
                "other runs, and these hold too few to tell noise from conditions (no condition "
                "twice). Record at least three runs, or hand over what was estimated elsewhere: "
                "noise=noise_covariance(residuals of the GLM)."
            )
        rows = residuals.reshape(-1, residuals.shape[2])
        covariance, _ = estimate(rows, free * len(residuals))
        found.append(np.linalg.inv(np.linalg.cholesky(regular(covariance))).T)
    return partition, np.array(found)[:, None]


def _parts_in_turn(condition: np.ndarray) -> np.ndarray:
    """A part for each trial: the trials of a condition in turn."""
    counts = np.bincount(condition)
    n_parts = int(np.clip(counts[counts > 0].min(), 3, MOST_PARTS))
    part = np.empty(len(condition), dtype=np.intp)
    for c in np.nonzero(counts)[0]:
        mine = np.nonzero(condition == c)[0]
        part[mine] = np.arange(len(mine)) % n_parts
    return part


def _residuals(
    values: np.ndarray, condition: np.ndarray, offset: np.ndarray
) -> tuple[np.ndarray, int]:
    """Values (n_times, n_trials, n_units) less condition and offset, and degrees of freedom."""
    conditions, first = np.unique(condition, return_inverse=True)
    offsets, second = np.unique(offset, return_inverse=True)
    # Dummies of conditions and of offsets share a constant, which the pseudo-inverse takes.
    design = np.concatenate([np.eye(len(conditions))[first], np.eye(len(offsets))[second]], 1)
    products = design.T @ design
    weights = np.linalg.pinv(products, hermitian=True) @ np.matmul(design.T, values)
    of_condition, of_offset = np.split(weights, [len(conditions)], 1)
    cells = of_condition[:, :, None] + of_offset[:, None]
    # (n_times, n_conditions * n_offsets, n_units): what is fitted to each cell.
    cells = cells.reshape(len(values), -1, values.shape[2])
    rank = int(np.linalg.matrix_rank(products, hermitian=True))
    return values - cells[:, first * len(offsets) + second], len(condition) - rank
