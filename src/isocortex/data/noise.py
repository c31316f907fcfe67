"""The covariance of the noise of a recording."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.choice import listed
from isocortex.errors import InputError


@dataclass(frozen=True, eq=False, repr=False)
class Noise:
    """How units vary and covary between trials of the same condition.

    Parameters
    ----------
    covariance : array, shape (n_times or 1, n_runs or 1, n_units, n_units)
        In the squared unit of the recording.
    runs : tuple
        The run of each entry; empty where all runs share one.
    dof : array, shape (n_runs or 1,)
        Degrees of freedom: trials less conditions.
    shrinkage : array, shape (n_times or 1, n_runs or 1)
        From 0 (none) to 1.
    method : str
        How it was drawn towards a simpler form.
    """

    covariance: np.ndarray
    runs: tuple[Any, ...] = ()
    dof: np.ndarray | None = None
    shrinkage: np.ndarray | None = None
    method: str = ""

    def __post_init__(self) -> None:
        covariance = np.asarray(self.covariance, dtype=np.float64)
        if covariance.ndim == 2:
            covariance = covariance[None, None]
        if covariance.ndim != 4 or covariance.shape[2] != covariance.shape[3]:
            raise InputError(
                "Noise needs a covariance of shape (n_units, n_units) or (n_times, n_runs, "
                f"n_units, n_units), not {np.shape(self.covariance)}."
            )
        if not np.isfinite(covariance).all():
            raise InputError("Noise: the covariance holds NaN or infinite numbers.")
        flat = np.nonzero((np.einsum("trpp->trp", covariance) <= 0).any((0, 1)))[0]
        if len(flat):
            raise InputError(
                f"Noise: {len(flat)} units have no variance: {listed(flat)}. Drop flat units."
            )
        object.__setattr__(self, "covariance", covariance)

    @property
    def n_units(self) -> int:
        """The number of units."""
        return self.covariance.shape[2]

    def __repr__(self) -> str:
        n_times, n_runs = self.covariance.shape[:2]
        return f"Noise({self.n_units} units, {n_times} times, {n_runs} runs, {self.method})"
