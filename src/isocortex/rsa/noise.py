"""The verb ``noise_covariance``: what varies between trials of the same condition."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from isocortex.arrays import as_numpy
from isocortex.choice import listed, one_of
from isocortex.data.door import given
from isocortex.data.needs import door
from isocortex.data.noise import Noise
from isocortex.data.trials import Trials, condition_means
from isocortex.errors import InputError
from isocortex.numerics.pairs.shrinkage import ledoit_wolf, towards_diagonal
from isocortex.rsa.trial_folds import over_time, refuse_flat

Estimator = Callable[[np.ndarray, float], tuple[np.ndarray, float]]
"""Residuals (n_rows, n_units) and degrees of freedom → covariance and shrinkage."""


@door
def noise_covariance(
    source: Trials | np.ndarray,
    shrinkage: str | None = "ledoit_wolf",
    *,
    by: Sequence[str] = (),
    dof: int | None = None,
) -> Noise:
    r"""Covariance of the units over trials of the same condition.

    .. math:: \Sigma = \frac1{\mathrm{dof}} \sum_t r_t r_t^\top, \quad
              \mathrm{dof} = n_{trials} - n_{conditions}

    where :math:`r_t` is a trial less the mean of its condition (in its run, with ``by="run"``),
    and then drawn towards a simpler form.

    Parameters
    ----------
    source : Trials, or array of residuals (n_rows, n_units)
        Residuals of a linear model, such as of a GLM, whose mean is zero.
    shrinkage : {"ledoit_wolf", "diagonal", None}, default="ledoit_wolf"
        Towards a multiple of the identity (Ledoit & Wolf), towards the variances alone (Schäfer
        & Strimmer), or not at all.
    by : sequence of "run", "time"
        For each of them one covariance; otherwise one for all.
    dof : int, optional
        Of residuals; default their number of rows.

    Returns
    -------
    Noise

    Raises
    ------
    InputError
        If no trial is repeated, a unit is flat, or there are no runs or times to go by.

    See Also
    --------
    Noise : What it returns.
    rdms : Takes it as ``noise=``.
    noise_ceiling : What noise leaves to a model.

    References
    ----------
    .. [1] Walther et al. (2016), Reliability of dissimilarity measures for multi-voxel pattern
       analysis, NeuroImage 137:188. https://doi.org/10.1016/j.neuroimage.2015.12.012

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> values = np.random.default_rng(0).normal(size=(40, 6))
    >>> trials = ic.Trials(values, ["face", "house"] * 20, runs=np.repeat([1, 2, 3, 4], 10))
    >>> noise = ic.noise_covariance(trials)
    >>> noise.covariance.shape, noise.dof
    ((1, 1, 6, 6), array([38]))
    >>> ic.rdms(trials, "crossnobis", noise=noise).n_stimuli
    2
    """
    if shrinkage is not None:
        shrinkage = one_of(shrinkage, SHRINKAGES, "shrinkage")
    estimate = _plain if shrinkage is None else SHRINKAGES[shrinkage]
    by = (by,) if isinstance(by, str) else tuple(by)
    unknown = [each for each in by if each not in ("run", "time")]
    if unknown:
        raise InputError(f"noise_covariance: by={listed(unknown)} is not known; use run, time.")
    method = str(shrinkage)
    if not isinstance(source, Trials):
        return _of_residuals(source, estimate, dof, by, method)
    refuse_flat(source, "noise_covariance")
    parts = _by_run(source) if "run" in by else [((), source)]
    covariances, amounts, dofs = [], [], []
    for run, part in parts:
        residuals, free = _residuals(part, run)
        # One covariance for each time, or the residuals of all times as rows of one.
        slices = residuals if "time" in by else residuals.reshape(1, -1, source.n_units)
        n_each = free if "time" in by else free * len(residuals)
        made = [estimate(rows, n_each) for rows in slices]
        covariances.append([each[0] for each in made])
        amounts.append([each[1] for each in made])
        dofs.append(free)
    runs = tuple(run for run, _ in parts) if "run" in by else ()
    stacked = np.swapaxes(np.array(covariances), 0, 1)  # (n_times, n_runs, n_units, n_units)
    units = source.units if len(source.unit_rows) else None
    return Noise(stacked, runs, np.array(dofs), np.array(amounts).T, method, units)


def _of_residuals(source: Any, estimate: Estimator, dof: int | None, by: Any, method: str) -> Noise:
    values = given(source, "noise_covariance", ("stimulus", "unit")).values
    rows = np.asarray(as_numpy(values), dtype=np.float64)
    if rows.ndim != 2 or not rows.size or by:
        raise InputError(
            f"noise_covariance: residuals must have shape (n_rows, n_units), not {rows.shape}, "
            "and go by nothing; for runs and times pass Trials."
        )
    if not np.isfinite(rows).all():
        raise InputError("noise_covariance: the residuals hold NaN or infinite numbers.")
    covariance, amount = estimate(rows, len(rows) if dof is None else dof)
    return Noise(covariance, (), np.array([dof or len(rows)]), np.array([[amount]]), method)


def _by_run(trials: Trials) -> list[tuple[Any, Trials]]:
    if trials.runs is None:
        raise InputError("noise_covariance(by='run') needs trials with runs: Trials(..., runs=…).")
    return [(run, trials.take(trials.runs == run)) for run in np.unique(trials.runs)]


def _residuals(trials: Trials, run: Any) -> tuple[np.ndarray, int]:
    """Trials less the mean of their condition, (n_times, n_trials, n_units), and their dof."""
    names = trials.conditions
    free = trials.n_trials - len(names)
    if free < 1:
        where = "" if isinstance(run, tuple) else f" in run {run}"
        raise InputError(
            f"noise_covariance: no condition has a second trial{where}, so nothing tells the "
            "noise from the conditions. Pass residuals, or do not go by runs."
        )
    values = as_numpy(trials.values).astype(np.float64)
    means, _ = condition_means(values, trials.stimuli, names)
    return over_time(trials.replace(values=values - means[trials.codes])), free


def _plain(rows: np.ndarray, dof: float) -> tuple[np.ndarray, float]:
    return rows.T @ rows / dof, 0.0


def _ledoit_wolf(rows: np.ndarray, dof: float) -> tuple[np.ndarray, float]:
    covariance, amount = ledoit_wolf(rows)
    # It divides by rows, of which there are more than degrees of freedom.
    return covariance * (len(rows) / dof), float(amount)


SHRINKAGES: Mapping[str, Estimator] = {
    "ledoit_wolf": _ledoit_wolf,
    "diagonal": towards_diagonal,
}
