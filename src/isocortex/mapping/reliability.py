"""Noise ceilings of encoding: how well could each unit be predicted at best?"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from isocortex.arrays import as_numpy
from isocortex.choice import listed, one_of
from isocortex.data.needs import door
from isocortex.data.scores import Scores
from isocortex.data.tables import unit_rows
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.numerics.arrays.constant import is_constant
from isocortex.numerics.measures.reliability import (
    halving_factor,
    noise_and_averages,
    spearman_brown,
    split_half,
    unbiased,
)
from isocortex.seeds import generator
from isocortex.types import Values


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
        Correlation of random halves of the repeats, averaged over splits and raised by Spearman
        and Brown to all the repeats that there are (a factor of 2 for even numbers, 3 for three
        repeats, the mean over stimuli of one over the repeats where they are unequal); or the
        ratio of signal to noise from the variance between and within stimuli:
        ``ncsnr**2 / (ncsnr**2 + mean(1 / repeats))``.
    n_splits : int, default=100
        How many random halves.
    seed : int, default=0
        Of the halves.

    Returns
    -------
    Scores, axis (unit)
        The reliability, at most 1, of the averages over all repeats and stimuli; corrected for
        the number of stimuli, so that its mean over many units is right, and therefore below
        zero for some units without signal. NaN for units that do not vary. Columns: ``ceiling``,
        its root, the highest correlation to be expected, and 0 where the reliability is not
        above 0, so that no unit leaves a mean over units (such means are some way off below
        reliabilities of about .2: see the page on ceilings); ``ncsnr``, at least 0, with that
        method. Notes: ``below_zero`` counts the units whose ceiling is 0.

    Raises
    ------
    InputError
        If a stimulus was shown once, there are fewer than four, or the trials have a time axis.

    References
    ----------
    Allen et al. (2022), A massive 7T fMRI dataset, Nat. Neurosci. 25:116,
    https://doi.org/10.1038/s41593-021-00962-x
    """
    measure = RELIABILITIES[one_of(method, RELIABILITIES, "method")]
    values, stimuli = _checked(trials)
    found, columns = measure(values, stimuli, n_splits, generator(seed))
    found = np.where(is_constant(values), np.nan, unbiased(found, int(stimuli.max()) + 1))
    columns["ceiling"] = np.sqrt(np.maximum(found, 0))
    notes = {
        "method": method,
        "n_stimuli": int(stimuli.max()) + 1,
        "n_trials": len(values),
        "below_zero": int((found <= 0).sum()),
    }
    if method == "split_half":
        notes.update(seed=seed, n_splits=n_splits)
    units = unit_rows(trials, numbered=True)
    return Scores(found, {"unit": units}, "reliability", columns, notes)


@door
def normalize(scores: Scores, ceiling: Scores | Values, *, kind: str | None = None) -> Scores:
    r"""Scores as a share of what the noise allows; raw, ceiling and normalized side by side.

    Correlations are divided by the ceiling :math:`\sqrt{\rho}`, explained variance (and r2) by
    the reliability :math:`\rho` itself.

    Parameters
    ----------
    scores : Scores
        With an axis ``unit``, such as those of :func:`encode`.
    ceiling : Scores or array, shape (n_units,)
        What :func:`noise_ceiling` gave for the same units; of an array, the highest score to
        be expected, which is divided by as it is.
    kind : {"correlation", "variance"}, optional
        What the scores are. Default: known of ``"pearson"`` and ``"spearman"`` (correlations) and
        of ``"r2"`` and ``"explained_variance"`` (variances); any other has to be told.

    Returns
    -------
    Scores
        Of the same axes; the columns ``raw`` and ``ceiling`` beside them. NaN where the
        ceiling is unknown or not above 0. ``mean("unit")`` weighs units by their reliability
        (column ``weight``), :math:`\sum \sqrt{\rho} \, r / \sum \rho` for correlations and
        :math:`\sum R^2 / \sum \rho` for variances, over all units: none is dropped, and a
        perfect model has 1. With an array, units are weighed by it.

    Raises
    ------
    InputError
        If the units differ, or nothing tells whether the scores are correlations.

    See Also
    --------
    noise_ceiling : Makes the ceiling.
    encode : Makes the scores.
    plots.accuracy : Draws scores with their ceiling.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(60)]
    >>> conv5 = ic.Responses(rng.normal(size=(60, 10)), names)
    >>> signal = conv5.numpy() @ rng.normal(size=(10, 3))
    >>> repeats = np.concatenate([signal + 3 * rng.normal(size=(60, 3)) for _ in range(4)])
    >>> trials = ic.Trials(repeats, names * 4)
    >>> model = ic.Ridge(np.logspace(-2, 3, 6))
    >>> scores = ic.encode(conv5, ic.average(trials), model, pooled=True)
    >>> share = ic.normalize(scores, ic.noise_ceiling(trials))
    >>> bool((share.values > scores.values).all())
    True
    """
    place = scores.axis("unit")
    limit, weight = _limit(scores, ceiling, kind)
    if len(limit) != scores.values.shape[place]:
        raise InputError(
            f"normalize: the scores have {scores.values.shape[place]} units, the ceiling "
            f"{len(limit)}."
        )
    shape = [1] * scores.values.ndim
    shape[place] = len(limit)
    limit, weight = limit.reshape(shape), weight.reshape(shape)
    columns = {**scores.columns, "raw": scores.values, "ceiling": limit, "weight": weight}
    share = scores.values / np.where(limit > 0, limit, np.nan)
    return scores.replace(values=share, columns=columns, metric=f"normalized {scores.metric}")


def _limit(scores: Scores, ceiling: Any, kind: str | None) -> tuple[np.ndarray, np.ndarray]:
    """What each unit's score is divided by, and what it weighs in a mean over units."""
    if not isinstance(ceiling, Scores):
        limit = np.atleast_1d(np.asarray(ceiling, dtype=np.float64))
        return limit, limit
    if "unit" not in ceiling.tables or ceiling.values.ndim != 1:
        raise InputError(
            "normalize needs the reliability of each unit (axis 'unit' alone); this ceiling has "
            f"the axes {listed(ceiling.dims)}."
        )
    mine, theirs = scores.tables["unit"], ceiling.tables["unit"]
    shared = [column for column in mine.columns if column in theirs.columns]
    if len(mine) == len(theirs) and not mine[shared].equals(theirs[shared]):
        raise InputError(f"normalize: scores and ceiling are of other units, by {listed(shared)}.")
    return LIMITS[_kind(scores.metric, kind)](ceiling), ceiling.values


def _kind(metric: str, kind: str | None) -> str:
    if kind is not None:
        one_of(kind, LIMITS, "kind")
        return kind
    if metric not in KINDS:
        raise InputError(
            f"normalize: are these scores ({metric!r}) correlations, whose ceiling is the root of "
            "the reliability, or shares of variance, whose ceiling is the reliability? Say so: "
            "kind='correlation' or kind='variance'."
        )
    return KINDS[metric]


def _checked(trials: Trials) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(trials, Trials):
        raise InputError(
            f"noise_ceiling needs Trials with repeats, not {type(trials).__name__}: averages do "
            "not tell signal from noise."
        )
    if trials.times is not None:
        raise InputError("noise_ceiling: these trials have a time axis; take trials.at(time).")
    names, counts = np.unique(np.asarray(trials.stimuli), return_counts=True)
    once = names[counts < 2]
    if len(once):
        raise InputError(
            f"noise_ceiling: {len(once)} of {len(names)} stimuli were shown once only: "
            f"{listed(once)}. Each needs at least two trials."
        )
    if len(names) < 4:
        raise InputError(f"noise_ceiling: {len(names)} stimuli are too few; at least 4 are needed.")
    stimuli = np.searchsorted(names, np.asarray(trials.stimuli))
    return as_numpy(trials.values[:]).astype(np.float64, copy=False), stimuli


def _split_half(values, stimuli, n_splits, rng):
    half = split_half(values, stimuli, n_splits, rng)
    return spearman_brown(half, halving_factor(np.bincount(stimuli))), {}


def _ncsnr(values, stimuli, n_splits, rng):  # noqa: ARG001
    noise, averages, inverse = noise_and_averages(values, stimuli)
    ratio, share = np.full(noise.shape, np.nan), np.full(noise.shape, np.nan)
    np.divide(averages - noise * inverse, noise, out=ratio, where=noise > 0)
    np.divide(noise * inverse, averages, out=share, where=averages > 0)
    return 1 - share, {"ncsnr": np.sqrt(np.maximum(ratio, 0))}


RELIABILITIES: Mapping[str, Callable[..., tuple[np.ndarray, dict[str, np.ndarray]]]] = {
    "split_half": _split_half,
    "ncsnr": _ncsnr,
}

LIMITS: Mapping[str, Callable[[Scores], np.ndarray]] = {
    "correlation": lambda reliabilities: reliabilities.columns["ceiling"],
    "variance": lambda reliabilities: reliabilities.values,
}
"""What a perfect model reaches, of the reliabilities of the units."""

KINDS: Mapping[str, str] = {
    "pearson": "correlation",
    "spearman": "correlation",
    "r2": "variance",
    "explained_variance": "variance",
}
