"""The verb ``infer``: does a model explain the brain, also of other people on other stimuli?"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from isocortex.choice import counted, current, listed, named, one_of
from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.errors import InputError, UndefinedError, warn
from isocortex.inference.contrasts import Spread, spread, t_of
from isocortex.inference.crossvalidated import crossvalidated, held_out_scores, repetitions
from isocortex.inference.dependent import refuse_dependent
from isocortex.inference.flexible import Interpolated, Selected, Weighted
from isocortex.inference.models import models_of
from isocortex.inference.people import (
    check_numbers,
    check_permutation,
    factors,
    names_of_people,
    people_of,
    tell_few_stimuli,
)
from isocortex.inference.relabelled import refitted_p, relabelled_p
from isocortex.inference.result import Inference
from isocortex.inference.samples import Samples, Task, drawn, sampled, scores_of
from isocortex.numerics.inference.draws import default_folds
from isocortex.numerics.inference.products import METRICS, RANKED
from isocortex.progress import Job, Shown
from isocortex.rsa.ceiling import rdm_ceiling
from isocortex.seeds import generator

Model = RDMs | Weighted | Selected | Interpolated
FEWEST_SAMPLES = 20
WITHOUT_ZERO = ("cosine", "whitened_cosine")
"""Of unrelated RDMs they are far above 0, since dissimilarities are positive."""

DF = ("published", "satterthwaite")
METHODS = ("bootstrap", "permutation")
_MOST_DROPPED = 0.5


@door
def infer(  # noqa: PLR0913
    models: Model | Mapping[str, Model],
    brain: RDMs,
    comparison: str = "whitened_correlation",
    *,
    over: str | Sequence[str] = ("subject", "stimulus"),
    n: int = 1000,
    seed: int = 0,
    df: str = "published",
    method: str = "bootstrap",
    progress: Shown = None,
) -> Inference:
    r"""Test models on the RDMs of brains: for other people, other stimuli, and one another.

    The two-factor bootstrap [1]_ draws people and stimuli anew in every sample. Pairs of a
    stimulus with a copy of itself are left out; the variance of each contrast,

    .. math:: v = a v_p + b v_s - ab (v_{ps} - v_p - v_s), \quad a = \tfrac{P}{P-1},
              b = \tfrac{S}{S-1}

    is corrected by itself, held to at least either part and at most :math:`v_{ps}`, and tested
    by t. Scores and ceilings are those of the data, which samples would bias.

    Parameters
    ----------
    models : RDMs, Weighted, Selected, Interpolated, or dict of names to any of these
        Over the stimuli of the brain, in any order. Where any is to be fitted, all models are
        scored on the same held-out stimuli and people, within every sample.
    brain : RDMs
        One for each person (label ``subject``; several of a person are averaged) of one region
        and time. Pairs that somebody lacks may be NaN.
    comparison : str, default="whitened_correlation"
        ``"pearson"``, ``"spearman"``, ``"rho_a"``, ``"cosine"``, ``"whitened_cosine"`` or
        ``"whitened_correlation"``. Ranks are taken anew in every sample. Fits maximize Pearson's
        where the score is of ranks.
    over : {"subject", "stimulus"} or both, default=("subject", "stimulus")
        What a conclusion shall generalize to others of. One person's RDM can be tested over
        ``"stimulus"``.
    n : int, default=1000
        How many samples or permutations.
    seed : int, default=0
        Of the people and stimuli that are drawn anew, or of the orders of stimuli.
    df : {"published", "satterthwaite"}, default="published"
        Degrees of freedom of two factors: the smaller number less 1, or by the parts of the
        variance, which is less conservative where few people saw many stimuli [2]_.
    method : {"bootstrap", "permutation"}, default="bootstrap"
        ``"permutation"`` exchanges the stimuli of a model instead: the sharpest test of no
        relation at all, for these people. It has no intervals, and compares no models.
    progress : bool or function, optional
        True draws a bar; a function is told how many samples are made.

    Returns
    -------
    Inference
        ``.table()``: score, ceilings, interval and p-values of each model; ``.pairs()``: of each
        two. P above 0 is one-sided; for the cosines, which have no zero, it is that of relabelled
        stimuli (where any model is fitted, of at most 200 relabellings, each with new fits).
        ``p_ceiling`` is one-sided, below the lower ceiling, and conservative: the true
        model lies above it.

    Raises
    ------
    InputError
        If there are fewer than 5 of what is drawn, the comparison is not known or cannot be had
        in samples, or a choice is not known.
    UndefinedError
        If an RDM is constant, the RDMs of a :class:`Weighted` are linearly dependent and neither
        nonnegative nor penalized, or most samples have too few distinct stimuli.
    MisalignedError
        If models and brain are of other stimuli.

    Warns
    -----
    IsocortexWarning
        If there are fewer than 10 stimuli to draw from, or many samples were dropped.

    See Also
    --------
    compare : The scores of single people.
    noise_ceiling : The ceilings alone.
    fit_rdms : What a flexible model is when fitted.
    plots.models : Draws the result.

    Notes
    -----
    With few stimuli or people the published test is conservative: of unrelated models it finds
    fewer than 5 in 100 above 0 at p = .05. What to expect is tabulated in the documentation, under
    "Inference".

    Where models are fitted, the variance of the bootstraps is less what the lot of the folds adds,
    known from two drawings of folds in each of 1000 samples, and from more of them (up to ten)
    where there are fewer samples; the scores of the data are means over 50 drawings.

    References
    ----------
    .. [1] Schütt et al. (2023), Statistical inference on representational geometries, eLife
       12:e82566. https://doi.org/10.7554/eLife.82566
    .. [2] Satterthwaite (1946), An approximate distribution of estimates of variance components,
       Biometrics Bulletin 2:110. https://doi.org/10.2307/3002019

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(24)]
    >>> truth = rng.random(276)
    >>> models = {"true": ic.RDMs([truth], names), "other": ic.RDMs(rng.random((1, 276)), names)}
    >>> brain = ic.RDMs(truth + rng.random((8, 276)), names, {"subject": range(8)})
    >>> result = ic.infer(models, brain, "spearman", seed=1)
    >>> result.table()[["model", "score", "p", "p_ceiling"]].round(2)
       model  score     p  p_ceiling
    0   true   0.70  0.00       0.98
    1  other   0.01  0.45       0.00
    """
    if not isinstance(brain, RDMs):
        raise InputError(f"infer needs RDMs of brains, not {type(brain).__name__}.")
    df = one_of(df, DF, "df")
    method = one_of(method, METHODS, "method")
    comparison = _known(comparison)
    _check_n(n)
    over = factors(over)
    people = people_of(brain)
    task = Task(models_of(models, brain), brain.values, people, brain.n_stimuli, comparison)
    if method == "bootstrap":
        check_numbers(over, people.n, brain.n_stimuli)
        tell_few_stimuli(over, brain.n_stimuli)
    else:
        check_permutation(over, brain.n_stimuli)
    _check_defined(task, names_of_people(brain, people))
    _check_determined(task)
    work = _bootstrap if method == "bootstrap" else _permutation
    with Job(progress, "infer", _n_steps(task, over, n)):
        return work(task, brain, _Asked(over, n, seed, df))


class _Asked(NamedTuple):
    over: tuple[str, ...]
    n: int
    seed: int
    df: str


def _n_steps(task: Task, over: tuple[str, ...], n: int) -> int:
    """Samples, or, where models are fitted in each, folds of stimuli in samples."""
    if not task.models.flexible:
        return n
    k = default_folds(task.n_stimuli, task.people.n, bootstrap=True)[0]
    return (3 if len(over) == 2 else 1) * n * repetitions(n) * k


def _bootstrap(task: Task, brain: RDMs, asked: _Asked) -> Inference:
    over, n, seed, df = asked
    rng = generator(seed)
    draws = drawn(task, over, n, rng)
    notes: dict[str, Any] = _notes(task, seed)
    if task.models.flexible:
        samples, notes["n_folds_without_prediction"] = crossvalidated(task, over, draws, rng)
        score, ceiling = held_out_scores(task, rng)
    else:
        samples = sampled(task, over, *draws)
        score, ceiling = scores_of(task).mean(1), _ceiling(task, brain)
    _check_dropped(samples, n)
    found = spread(samples, task.people.n, task.n_stimuli, df)
    m = task.models.n
    main = samples.by_factor["both" if len(over) == 2 else over[0]]
    p, how = _p(task, found, score, (n, rng))
    said = _said(task, over, df) + how
    scores = main[:, :, :m].mean(1)
    return Inference(
        task.models.names,
        score,
        ceiling,
        task.metric,
        said,
        n,
        samples.n_dropped,
        p,
        found,
        scores,
        notes,
    )


def _permutation(task: Task, brain: RDMs, asked: _Asked) -> Inference:
    if task.models.flexible:
        raise InputError(
            "infer: models that are fitted cannot be tested by method='permutation', since each "
            "relabelling would be fitted anew. Infer with method='bootstrap'."
        )
    p, n = relabelled_p(task, asked.n, generator(asked.seed))
    said = f"stimuli of the model relabelled {n} times, for {_these(task)}"
    return Inference(
        task.models.names,
        scores_of(task).mean(1),
        _ceiling(task, brain),
        task.metric,
        said,
        n,
        0,
        p,
        None,
        None,
        _notes(task, asked.seed),
    )


def _p(
    task: Task, found: Spread, score: np.ndarray, asked: tuple[int, np.random.Generator]
) -> tuple[np.ndarray, str]:
    """P above 0 by t, or above relabelled stimuli where 0 means nothing."""
    m = task.models.n
    if task.metric not in WITHOUT_ZERO:
        return stats.t.sf(t_of(score, found.of_scores[:m]), found.df_of_scores[:m]), ""
    p, n = (refitted_p if task.models.flexible else relabelled_p)(task, *asked)
    fitted = ", and models fitted anew" if task.models.flexible else ""
    return p, f"; p: stimuli relabelled {n} times{fitted}, since {task.metric} has no zero"


def _ceiling(task: Task, brain: RDMs) -> tuple[float, float]:
    if task.people.n == 1:
        return float("nan"), float("nan")
    low, up = rdm_ceiling(brain, task.metric)
    return low, up


def _said(task: Task, over: tuple[str, ...], df: str) -> str:
    stimuli = counted(task.n_stimuli, "stimulus")
    fitted = ", cross-validated over both in every sample" if task.models.flexible else ""
    if len(over) == 2:
        return f"two-factor bootstrap of {_people(task)} and {stimuli}, {df} df{fitted}"
    if over == ("subject",):
        return f"bootstrap of {_people(task)} on these {stimuli}{fitted}"
    return f"bootstrap of {stimuli} for {_these(task)}{fitted}"


def _people(task: Task) -> str:
    return f"{task.people.n} subjects"


def _these(task: Task) -> str:
    return "this one subject" if task.people.n == 1 else f"these {_people(task)}"


def _notes(task: Task, seed: int) -> dict[str, Any]:
    return {"seed": seed, "n_subjects": task.people.n, "n_stimuli": task.n_stimuli}


def _known(comparison: object) -> str:
    """The comparison, if samples can weight it."""
    name = current(comparison, (*METRICS, *_NOT_IN_SAMPLES), "comparison")
    if callable(name) or name in _NOT_IN_SAMPLES:
        tau = name in ("kendall", "tau_a", "tau_b")
        why = "; tau goes over pairs of pairs, 8.8 million of 92 stimuli" if tau else ""
        also = "; 'rho_a' treats ties as tau_a does" if tau else ""
        raise InputError(
            f"infer: {named(name)!r} is no product of single RDMs that samples could weight{why}. "
            f"Use {', '.join(METRICS)}{also}."
        )
    return one_of(name, METRICS, "comparison")


_NOT_IN_SAMPLES = ("kendall", "tau_a", "tau_b", "partial", "partial_spearman", "regression")


def _check_n(n: Any) -> None:
    whole = isinstance(n, int | np.integer) and not isinstance(n, bool)
    if not whole or n < FEWEST_SAMPLES:
        raise InputError(
            f"infer: n must be a whole number of samples, at least {FEWEST_SAMPLES}, not {n!r}."
        )


def _check_defined(task: Task, subjects: np.ndarray) -> None:
    alike = scores_of(task)
    if not np.isnan(alike).any():
        return
    bad = np.isnan(alike)
    who = f"models {listed(np.array(task.models.names)[bad.all(1)])}"
    if not bad.all(1).any():
        who = f"subjects {listed(subjects[bad.any(0)])}"
    raise UndefinedError(
        f"infer: {task.metric} is undefined for {who}: RDMs that are constant (or zero), or have "
        "fewer than 3 pairs in common with the brain."
    )


def _check_determined(task: Task) -> None:
    metric = "pearson" if task.metric in RANKED else task.metric
    for name, rows, fit in zip(task.models.names, task.models.rows, task.models.fits, strict=True):
        refuse_dependent(fit, task.models.values[rows], metric, f"infer: {name}")


def _check_dropped(samples: Samples, n: int) -> None:
    if samples.n_dropped > _MOST_DROPPED * n:
        raise UndefinedError(
            f"infer: {samples.n_dropped} of {n} samples are undefined: too few distinct stimuli "
            "(or people) are left in them. Use more stimuli, or fewer folds."
        )
    if samples.n_dropped > 0.05 * n:
        warn(
            f"infer: {samples.n_dropped} of {n} samples were dropped, since too few distinct "
            "stimuli (or people) were left in them."
        )
