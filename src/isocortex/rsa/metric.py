"""A noise covariance that was handed over: of the units of the trials, and invertible."""

from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import counted, listed
from isocortex.data.noise import Noise
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.rsa.noise import noise_covariance


def noise_of(trials: Trials, noise: Any) -> Noise | None:
    """The noise of these trials, its units in their order.

    Parameters
    ----------
    trials : Trials
    noise : Noise, array, covariance of MNE, str or None
        A name is estimated from the trials themselves.

    Raises
    ------
    InputError
        If units, times or sizes do not fit.
    """
    if noise is None:
        return None
    if isinstance(noise, str):
        noise = noise_covariance(trials, noise)
    elif hasattr(noise, "ch_names") and hasattr(noise, "data"):
        # A diagonal mne.Covariance holds its diagonal alone.
        data = np.asarray(noise.data)
        units = pd.DataFrame({"channel": list(noise.ch_names)})
        noise = Noise(np.diag(data) if data.ndim == 1 else data, method="given", units=units)
    elif not isinstance(noise, Noise):
        noise = Noise(np.asarray(noise), method="given")
    noise = _of_units(noise, trials.units)
    if noise.n_units != trials.n_units:
        raise InputError(
            f"rdms: the noise covariance has {counted(noise.n_units, 'unit')}, the trials "
            f"{trials.n_units}."
        )
    if len(noise.covariance) not in (1, trials.n_times):
        raise InputError(
            f"rdms: the noise covariance has {counted(len(noise.covariance), 'time')}, the trials "
            f"{trials.n_times}."
        )
    return noise


def _of_units(noise: Noise, units: pd.DataFrame) -> Noise:
    """The noise of these units, by name where both sides have names."""
    theirs = None if noise.units is None else pd.DataFrame(noise.units)
    shared = [] if theirs is None else [c for c in units.columns if c in theirs.columns]
    if theirs is None or not shared:
        return noise
    mine, known = (pd.MultiIndex.from_frame(table.loc[:, shared]) for table in (units, theirs))
    if mine.equals(known):
        return noise
    if not (mine.is_unique and known.is_unique):
        raise InputError(
            f"rdms: the noise covariance and the trials have other units, by {listed(shared)}, and "
            "some of these names come twice, so that they cannot be matched. Estimate the noise "
            "from trials of the same units."
        )
    rows = known.get_indexer(mine)
    missing = [" ".join(map(str, name)) for name in mine[rows < 0]]
    if missing:
        raise InputError(
            f"rdms: the noise covariance lacks {len(missing)} of the {len(mine)} units of the "
            f"trials, by {listed(shared)}: {listed(missing)}."
        )
    return noise.take(rows.tolist())


def regular(covariance: np.ndarray) -> np.ndarray:
    """The covariances as they are, if they can be inverted.

    Raises
    ------
    InputError
        If one is singular.
    """
    # As correlations: units of other scales are not dependent.
    sd = np.sqrt(np.einsum("...pp->...p", covariance))
    least = np.linalg.eigvalsh(covariance / (sd[..., :, None] * sd[..., None, :]))[..., 0]
    if (least < 1e-10).any():
        raise InputError(
            "rdms: the noise covariance is singular (fewer degrees of freedom than units, or units "
            "that are sums of others), so it cannot be inverted. Shrink it: noise='ledoit_wolf'."
        )
    return covariance
