"""What distances between conditions start from: single trials, their runs and their noise."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isocortex.data.noise import Noise
from isocortex.data.trials import Trials
from isocortex.numerics.arrays.parallel import in_blocks, rows_for
from isocortex.numerics.pairs.crossnobis import cell_means
from isocortex.rsa.left_out import left_out_roots
from isocortex.rsa.metric import noise_of
from isocortex.rsa.trial_folds import over_time


@dataclass(frozen=True)
class Patterns:
    """What the distances start from."""

    values: np.ndarray
    """Float64, shape (n_times, n_trials, n_units)."""
    condition: np.ndarray
    """Shape (n_trials,)."""
    partition: np.ndarray | None
    """The run of each trial, from 0; None where each trial stands for itself."""
    names: tuple[str, ...]
    runs: tuple[Any, ...]
    noise: Noise | None
    """One for all runs, or one for each."""
    left_out: np.ndarray | None = None
    """Whitening that was estimated without each partition, (n_partitions, 1, n_units, n_units)."""

    def means(self) -> np.ndarray:
        """Plain mean of each condition, shape (n_times, n_conditions, n_units)."""
        member = (self.condition == np.arange(len(self.names))[:, None]).astype(np.float64)
        return np.matmul(member / member.sum(1, keepdims=True), self.values)

    def cells(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean of each condition in each partition, and the numbers of trials."""
        assert self.partition is not None
        return cell_means(self.values, self.condition, self.partition)


def in_time_blocks(
    trials: Trials, shared: Patterns, function: Callable[[Patterns], np.ndarray]
) -> np.ndarray:
    """The distances at all times, some times at once, shape (n_times, n_pairs)."""
    n = len(trials.conditions)
    out = np.empty((trials.n_times, n * (n - 1) // 2))
    source = over_time(trials)

    def work(block: slice) -> None:
        noise = shared.noise
        # A noise covariance of each time goes with its time.
        if noise is not None and len(noise.covariance) > 1:
            noise = replace(noise, covariance=noise.covariance[block])
        values = np.ascontiguousarray(source[block], dtype=np.float64)
        out[block] = function(replace(shared, values=values, noise=noise))

    size = rows_for(8 * trials.n_trials * trials.n_units, 2**23)
    in_blocks(work, trials.n_times, size, steps=1)
    return out


def patterns_of(trials: Trials, noise: Any, crossvalidated: bool) -> Patterns:
    """All but the values.

    Parameters
    ----------
    trials : Trials
    noise : Noise, array, str or None
        As in :func:`isocortex.rdms`.
    crossvalidated : bool
        Whether a noise that is only named has to leave each run out.
    """
    names, condition = trials.conditions, trials.codes
    runs, partition = (), None
    if trials.runs is not None:
        found, partition = np.unique(trials.runs, return_inverse=True)
        runs = tuple(found)
    none = np.empty((0, trials.n_trials, trials.n_units))
    if crossvalidated and isinstance(noise, str):
        partition, left_out = left_out_roots(trials, condition, partition, noise)
        return Patterns(none, condition, partition, names, runs, None, left_out)
    return Patterns(none, condition, partition, names, runs, noise_of(trials, noise))
