"""Noise ceilings of encoding: how well could each unit be predicted at best?"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from isocortex.arrays import as_numpy
from isocortex.choice import choose, listed
from isocortex.data.scores import Scores
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.numerics.reliability import noise_and_signal, spearman_brown, split_half


def reliability(
    trials: Trials, method: str = "split_half", *, n_splits: int = 100, seed: int = 0
) -> Scores:
    r"""Reliability of each unit's average over repeats, and the ceiling that it sets.

    A model that predicts the signal without error correlates with the measured averages at
    :math:`\sqrt{\rho}`, where :math:`\rho` is their reliability: the share of their variance
    that is signal.

    Parameters
    ----------
    trials : Trials, shape (n_trials, n_units)
        Each stimulus at least twice; no time axis.
    method : {"split_half", "ncsnr"}, default="split_half"
        Correlation of random halves of the repeats, averaged over splits and raised to all
        repeats by Spearman and Brown; or the ratio of signal to noise from the variance
        between and within stimuli: ``ncsnr**2 / (ncsnr**2 + mean(1 / repeats))``.
    n_splits : int, default=100
        How many random halves.
    seed : int, default=0
        Of the halves.

    Returns
    -------
    Scores, axis (unit)
        The reliability, at most 1. Columns: ``ceiling``, its root, the highest correlation to
        be expected (NaN where the reliability is not above 0); ``ncsnr`` with that method.

    Raises
    ------
    InputError
        If a stimulus was shown once, or the trials have a time axis.

    References
    ----------
    Allen et al. (2022), A massive 7T fMRI dataset, Nat. Neurosci. 25:116,
    https://doi.org/10.1038/s41593-021-00962-x
    """
    measure = choose(method, RELIABILITIES, "method")
    values, stimuli = _checked(trials)
    found, columns = measure(values, stimuli, n_splits, np.random.default_rng(seed))
    columns["ceiling"] = np.sqrt(np.where(found > 0, found, np.nan))
    notes = {"method": method, "n_stimuli": int(stimuli.max()) + 1, "n_trials": len(values)}
    if method == "split_half":
        notes.update(seed=seed, n_splits=n_splits)
    units = trials.units
    if not len(units.columns):
        units = pd.DataFrame({"unit": np.arange(trials.n_units)})
    units = units.assign(**{k: v for k, v in trials.labels.items() if k not in units.columns})
    return Scores(found, {"unit": units}, "reliability", columns, notes)


def normalize(scores: Scores, ceiling: Any) -> Scores:
    r"""Scores as a share of what the noise allows; raw, ceiling and normalized side by side.

    Correlations are divided by the ceiling :math:`\sqrt{\rho}`, explained variance (and r2) by
    the reliability :math:`\rho` itself.

    Parameters
    ----------
    scores : Scores
        With an axis ``unit``, such as those of :func:`encode`.
    ceiling : Scores or array, shape (n_units,)
        What :func:`reliability` gave for the same units; of an array, the highest score to
        be expected.

    Returns
    -------
    Scores
        Of the same axes; the columns ``raw`` and ``ceiling`` beside them. NaN where the
        ceiling is unknown or 0.

    Raises
    ------
    InputError
        If the units differ.
    """
    place = scores.axis("unit")
    limit = _limit(scores, ceiling)
    if len(limit) != scores.values.shape[place]:
        raise InputError(
            f"normalize: the scores have {scores.values.shape[place]} units, the ceiling "
            f"{len(limit)}."
        )
    limit = np.where(limit > 0, limit, np.nan)
    shape = [1] * scores.values.ndim
    shape[place] = len(limit)
    limit = limit.reshape(shape)
    columns = {**scores.columns, "raw": scores.values, "ceiling": limit}
    metric = f"normalized {scores.metric}"
    return scores.replace(values=scores.values / limit, columns=columns, metric=metric)


def _limit(scores: Scores, ceiling: Any) -> np.ndarray:
    if not isinstance(ceiling, Scores):
        return np.atleast_1d(np.asarray(ceiling, dtype=np.float64))
    if "unit" not in ceiling.tables or ceiling.values.ndim != 1:
        raise InputError(
            "normalize needs the reliability of each unit (axis 'unit' alone); this ceiling has "
            f"the axes {listed(ceiling.dims)}."
        )
    mine, theirs = scores.tables["unit"], ceiling.tables["unit"]
    shared = [column for column in mine.columns if column in theirs.columns]
    if len(mine) == len(theirs) and not mine[shared].equals(theirs[shared]):
        raise InputError(f"normalize: scores and ceiling are of other units, by {listed(shared)}.")
    return ceiling.columns["ceiling"] if scores.metric == "pearson" else ceiling.values


def _checked(trials: Trials) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(trials, Trials):
        raise InputError(
            f"reliability needs Trials with repeats, not {type(trials).__name__}: averages do "
            "not tell signal from noise."
        )
    if trials.times is not None:
        raise InputError("reliability: these trials have a time axis; take trials.at(time).")
    names, counts = np.unique(np.asarray(trials.stimuli), return_counts=True)
    once = names[counts < 2]
    if len(once):
        raise InputError(
            f"reliability: {len(once)} of {len(names)} stimuli were shown once only: "
            f"{listed(once)}. Each needs at least two trials."
        )
    if len(names) < 3:
        raise InputError(f"reliability: {len(names)} stimuli are too few; at least 3 are needed.")
    stimuli = np.searchsorted(names, np.asarray(trials.stimuli))
    return as_numpy(trials.values[:]).astype(np.float64, copy=False), stimuli


def _split_half(values, stimuli, n_splits, rng):
    return spearman_brown(split_half(values, stimuli, n_splits, rng)), {}


def _ncsnr(values, stimuli, n_splits, rng):  # noqa: ARG001
    noise, signal, inverse = noise_and_signal(values, stimuli)
    ratio = np.full(noise.shape, np.nan)
    np.divide(signal, noise, out=ratio, where=noise > 0)
    ncsnr = np.sqrt(ratio)
    return ncsnr**2 / (ncsnr**2 + inverse), {"ncsnr": ncsnr}


RELIABILITIES: Mapping[str, Callable[..., tuple[np.ndarray, dict[str, np.ndarray]]]] = {
    "split_half": _split_half,
    "ncsnr": _ncsnr,
}
