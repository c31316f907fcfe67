"""The verb ``fit_rdms``: a flexible model, fitted, and scored where it was not fitted."""

from typing import Any

import numpy as np

from isocortex.choice import choose, current, named
from isocortex.data.align import aligned
from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.data.scores import Scores
from isocortex.data.tables import with_other_names
from isocortex.errors import InputError
from isocortex.inference.dependent import refuse_dependent
from isocortex.inference.fitted import FittedRDMs
from isocortex.inference.flexible import Flexible, Interpolated, Selected, Weighted
from isocortex.inference.held_out import HeldOut, Task, fitted_weights, on_folds, scored_each
from isocortex.numerics.inference.draws import default_folds
from isocortex.numerics.inference.training import Training, training
from isocortex.numerics.measures.comparison import COMPARISONS, JOINT, Comparison
from isocortex.progress import Job, Shown
from isocortex.rsa.ceiling import check_one_kind, person_of
from isocortex.rsa.compare import numbered_rows
from isocortex.seeds import generator

REPETITIONS = 10
"""So many drawings of folds are averaged, so that scores hang little on the lot."""

FEWEST_TESTED = 3


@door
def fit_rdms(
    model: Flexible,
    brain: RDMs,
    comparison: str | Comparison = "whitened_correlation",
    *,
    folds: tuple[int, int] | None = None,
    seed: int = 0,
    progress: Shown = None,
) -> FittedRDMs:
    r"""Fit a flexible model to RDMs, and score it on other stimuli and other people.

    Weights maximize the mean comparison with the training people over pairs of which both
    stimuli are in the training set; scores are of held-out people on pairs of which both are
    held out [1]_. Folds over people alone would not do: a model that is like the brain by chance
    on these stimuli is so for everybody.

    Parameters
    ----------
    model : Weighted, Selected or Interpolated
        Over the stimuli of the brain, in any order.
    brain : RDMs
        One or several for each person (label ``subject``), of one region and time. With gaps, fit
        and scores go over the pairs that each person has.
    comparison : str or callable, default="whitened_correlation"
        As in :func:`compare`. The cosines and the whitened correlation are maximized as they are;
        for ranks (``"spearman"``, ``"rho_a"``, Kendall's) and functions the weights maximize
        Pearson's correlation, and the scores are of the comparison that was asked for.
    folds : (int, int), optional
        Of stimuli and of people. Default: 2, 3, 4 or 5 of stimuli (below 12, 24, 40 and from
        there) and of people (below 6, 12, 20 and from there); 1 for people trains and tests on
        the same ones, as for a single person. Scores are means over ten drawings of folds.
    seed : int, default=0
        Of the drawings.
    progress : bool or function, optional
        True draws a bar; a function is told each drawing.

    Returns
    -------
    FittedRDMs
        ``.table()``: weight, share and own score of each part; ``.scores`` of the fitted model;
        ``.predicted``; ``.ceiling``.

    Raises
    ------
    InputError
        If the model is not flexible, folds do not fit, or held-out sets have too few stimuli.
    UndefinedError
        If parts are linearly dependent and neither nonnegative nor penalized, or an RDM of the
        brain is constant.

    See Also
    --------
    Weighted, Selected, Interpolated : The flexible models.
    infer : Tests them beside fixed models, with intervals.
    partition : What several sets of models explain alone and together.

    Notes
    -----
    A fold in which no weights predict anything (all products with the data at or below 0) or the
    prediction is constant scores 0; ``notes["n_without"]`` counts them.

    References
    ----------
    .. [1] Schütt et al. (2023), Statistical inference on representational geometries, eLife
       12:e82566. https://doi.org/10.7554/eLife.82566

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(24)]
    >>> features = ic.RDMs(rng.random((4, 276)), names, {"feature": list("abcd")})
    >>> truth = features.values[0] + 3 * features.values[2]
    >>> brain = ic.RDMs(truth + rng.random((8, 276)), names, {"subject": range(8)})
    >>> fitted = ic.fit_rdms(ic.Weighted(features), brain, "pearson")
    >>> fitted.table()[["feature", "weight"]].round(1)
      feature  weight
    0       a     0.3
    1       b     0.0
    2       c     0.9
    3       d     0.0
    >>> bool(fitted.score > fitted.ceiling[0])
    True
    """
    if not isinstance(model, Weighted | Selected | Interpolated):
        raise InputError(
            f"fit_rdms fits ic.Weighted, ic.Selected or ic.Interpolated, not "
            f"{type(model).__name__}. RDMs as they are have nothing to fit: use compare or infer."
        )
    if not isinstance(brain, RDMs):
        raise InputError(f"fit_rdms needs RDMs of brains, not {type(brain).__name__}.")
    function = choose(current(comparison, COMPARISONS, "comparison"), COMPARISONS, "comparison")
    if function in JOINT:
        raise InputError(
            f"fit_rdms: {named(comparison)!r} is a fit of its own; give a comparison of single "
            "RDMs, such as 'pearson'."
        )
    check_one_kind(brain, "fit_rdms")
    parts = aligned(brain, model.rdms.complete("fit_rdms"), who="fit_rdms")[1]
    task = Task(model, parts, brain, function, person_of(brain))
    k = _checked_folds(folds, brain.n_stimuli, task.people.max() + 1)
    refuse_dependent(model, parts.values, task.metric, "fit_rdms")
    rng = generator(seed)
    held_out = []
    with Job(progress, "fit_rdms", REPETITIONS) as job:
        for _ in range(REPETITIONS):
            held_out.append(on_folds(task, k, rng))
            job.step()
    # The weights that are kept are fitted to all stimuli and people.
    whole = np.ones((1, brain.n_stimuli))
    everybody = training(parts.values, brain.values, whole, task.metric)
    weights = fitted_weights(task, everybody, np.arange(brain.n_rdms))[0]
    return _result(task, held_out, (everybody, weights), {"folds": k, "seed": seed})


def _checked_folds(folds: Any, n_stimuli: int, n_people: int) -> tuple[int, int]:
    k = default_folds(n_stimuli, n_people) if folds is None else folds
    if folds is None and n_people == 1:
        k = (k[0], 1)
    numbers = isinstance(k, tuple | list) and len(k) == 2
    if not numbers or not all(isinstance(each, int | np.integer) for each in k):
        raise InputError(
            f"fit_rdms: folds={folds!r} must be two whole numbers, of stimuli and of people, such "
            "as (4, 3)."
        )
    if not k[0] >= 2 or n_stimuli // k[0] < FEWEST_TESTED:
        raise InputError(
            f"fit_rdms: {k[0]} folds of {n_stimuli} stimuli are not possible; at least 2 folds of "
            f"{FEWEST_TESTED} stimuli each are needed."
        )
    if not 1 <= k[1] <= n_people:
        raise InputError(
            f"fit_rdms: {k[1]} folds of {n_people} people are not possible; 1 (the same people "
            f"are trained and tested on) to {n_people} are."
        )
    return int(k[0]), int(k[1])


def _result(
    task: Task,
    held_out: list[HeldOut],
    whole: tuple[Training, np.ndarray],
    notes: dict[str, Any],
) -> FittedRDMs:
    everybody, weights = whole
    means = _mean_of_known([each.scores for each in held_out])
    name = _named(task.function) or named(task.function)
    models = numbered_rows(task.parts.label_rows, "model")
    data = numbered_rows(task.brain.label_rows, "rdm")
    predicted = weights @ task.parts.values
    same = scored_each(task.function, predicted[None], task.brain.values)[0]
    cross = (everybody.cross[0].sum(0) * everybody.scale) * weights
    total = cross.sum()
    folds = np.concatenate([each.weights for each in held_out])
    low, up = (float(np.nanmean(row)) if np.isfinite(row).any() else np.nan for row in means[-2:])
    said = {
        "fitted": task.metric,
        "scored": name,
        "repetitions": len(held_out),
        "n_without": sum(each.n_without for each in held_out),
        "n_folds": len(folds),
    }
    kind = f"{type(task.model).__name__} of {task.parts.dissimilarity}".removesuffix(" of ")
    return FittedRDMs(
        task.model,
        weights,
        cross / total + 0.0 if total else np.full(len(weights), np.nan),
        Scores(means[0], {"data": data}, name, notes=said | notes),
        Scores(means[1:-2], {"model": models, "data": with_other_names(data, models)}, name),
        Scores(same, {"data": data}, name),
        Scores(folds, {"fold": {"fold": range(len(folds))}, "model": models}, "weight"),
        RDMs(predicted[None], task.brain.stimuli, {"model": type(task.model).__name__}, kind),
        (low, up),
        said | notes,
    )


def _mean_of_known(parts: list[np.ndarray]) -> np.ndarray:
    values = np.array(parts)
    there = np.isfinite(values)
    n = there.sum(0)
    return np.where(n > 0, np.where(there, values, 0.0).sum(0) / np.maximum(n, 1), np.nan)


def _named(function: Comparison) -> str:
    return next((name for name, each in COMPARISONS.items() if each is function), "")
