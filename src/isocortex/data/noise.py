"""The covariance of the noise of a recording."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from isocortex.arrays import as_numpy
from isocortex.choice import counted, listed
from isocortex.data.cards import of_noise
from isocortex.data.frozen import frozen_fields, held
from isocortex.data.needs import door
from isocortex.data.squares import square
from isocortex.data.validation import table_of
from isocortex.display.shown import shown
from isocortex.errors import InputError

ROUNDING = 1e-6
"""How far from symmetric or definite single precision can bring a covariance, relatively."""


@door
@shown(of_noise)
@frozen_fields
@dataclass(frozen=True, eq=False, repr=False)
class Noise:
    """How units vary and covary between trials of the same condition.

    Parameters
    ----------
    covariance : array, shape (n_times or 1, n_runs or 1, n_units, n_units)
        In the squared unit of the recording; symmetric, and no variance of any sum negative. A
        singular one can be held, but not be inverted.
    runs : tuple
        The run of each entry; empty where all runs share one.
    dof : array, shape (n_runs or 1,)
        Degrees of freedom: trials less conditions.
    shrinkage : array, shape (n_times or 1, n_runs or 1)
        From 0 (none) to 1.
    method : str
        How it was drawn towards a simpler form.
    units : DataFrame or mapping, optional
        One row for each unit, as of the trials that it was estimated from. Trials then meet it by
        the columns that both have (a ``channel``, say), in any order; without names, by place.
        Default: the index of a covariance that is a DataFrame, as the column ``unit``.

    Raises
    ------
    InputError
        If it is no covariance: not symmetric, indefinite, not finite, or with flat units.

    See Also
    --------
    noise_covariance : Estimates one from trials or residuals.
    rdms : Takes it as ``noise=``, for crossnobis distances.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> trials = ic.Trials(np.random.default_rng(0).normal(size=(40, 6)), ["face", "house"] * 20)
    >>> noise = ic.noise_covariance(trials)
    >>> noise.covariance.shape, noise.dof
    ((1, 1, 6, 6), array([38]))
    """

    covariance: np.ndarray
    runs: tuple[Any, ...] = ()
    dof: np.ndarray | None = None
    shrinkage: np.ndarray | None = None
    method: str = ""
    units: "pd.DataFrame | Mapping[str, Any] | None" = None

    def __post_init__(self) -> None:
        found = square(self.covariance, "Noise", ("rdm", "time", "unit", "other"))
        covariance = np.asarray(as_numpy(found.values), dtype=np.float64)
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
        object.__setattr__(self, "covariance", held(_checked(covariance)))
        units = _named(found.names) if self.units is None else self.units
        if units is not None:
            units = table_of(units, covariance.shape[2], "Noise units")
            object.__setattr__(self, "units", units)

    @property
    def n_units(self) -> int:
        """The number of units that the covariance is of."""
        return self.covariance.shape[2]

    def take(self, units: Sequence[int]) -> "Noise":
        """The units at integer positions, in that order."""
        places = np.asarray(units, dtype=np.intp)
        table = None if self.units is None else pd.DataFrame(self.units).iloc[places]
        return replace(self, covariance=self.covariance[:, :, places][..., places], units=table)

    def __repr__(self) -> str:
        n_times, n_runs = self.covariance.shape[:2]
        counts = [
            counted(n, what)
            for n, what in ((self.n_units, "unit"), (n_times, "time"), (n_runs, "run"))
        ]
        return f"Noise({', '.join([*counts, self.method or 'given'])})"


def _named(names: tuple[str, ...] | None) -> dict[str, list[str]] | None:
    """Units by the index of a table, unless that only counts them."""
    counted = names is None or list(names) == [str(i) for i in range(len(names))]
    return None if counted else {"unit": list(names or ())}


def _checked(covariance: np.ndarray) -> np.ndarray:
    """Exactly symmetric, after a check that it was so but for rounding, and not indefinite."""
    sd = np.sqrt(np.einsum("trpp->trp", covariance))
    scaled = covariance / (sd[..., :, None] * sd[..., None, :])
    skew = np.abs(scaled - np.swapaxes(scaled, 2, 3))
    if skew.max(initial=0.0) > ROUNDING:
        _, _, i, j = np.unravel_index(int(skew.argmax()), skew.shape)
        raise InputError(
            f"Noise: the covariance is not symmetric: entry ({i}, {j}) is "
            f"{covariance[..., i, j].flat[0]:.4g}, entry ({j}, {i}) is "
            f"{covariance[..., j, i].flat[0]:.4g}. If one triangle is stored, fill in the other: "
            "c + c.T - np.diag(np.diag(c))."
        )
    slack = ROUNDING * covariance.shape[2] * np.eye(covariance.shape[2])
    try:
        np.linalg.cholesky((scaled + np.swapaxes(scaled, 2, 3)) / 2 + slack)
    except np.linalg.LinAlgError:
        least = np.linalg.eigvalsh((scaled + np.swapaxes(scaled, 2, 3)) / 2)[..., 0].min()
        raise InputError(
            f"Noise: the matrix is indefinite (smallest eigenvalue {least:.3g} after scaling to "
            "unit variances), so it is no covariance: some weighted sum of the units would have a "
            "negative variance. Was it inverted, thresholded, or put together by pairs?"
        ) from None
    return (covariance + np.swapaxes(covariance, 2, 3)) / 2
