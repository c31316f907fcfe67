"""Identification of stimuli from decoded features, by units or in the full feature space."""

from collections.abc import Callable
from typing import Any

import numpy as np

from isocortex.arrays import as_numpy
from isocortex.data.gram import Gram
from isocortex.data.layers_of import Layers
from isocortex.data.names import Names, positions
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.scores import Scores
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.mapping.alignment import one_or_more, rows_of, source_labels
from isocortex.mapping.default_folds import folds_of_stimuli
from isocortex.mapping.feature_source import Source
from isocortex.mapping.folds import FoldsLike, as_folds, split
from isocortex.mapping.models.base import Model
from isocortex.mapping.models.translate import check_folds, translate
from isocortex.mapping.predictions import Predictions
from isocortex.mapping.solver import views_of
from isocortex.numerics.arrays.centre import without_mean
from isocortex.numerics.measures import identification as algebra
from isocortex.progress import Job, Shown
from isocortex.store.grams import gram
from isocortex.types import HasPrepare, Regressor

Space = tuple[np.ndarray, Callable[[np.ndarray], np.ndarray], bool]


@door
def identification(
    decoded: Layers | Trials,
    features: Responses | Gram,
    model: Regressor | HasPrepare | None = None,
    *,
    folds: FoldsLike = None,
    n_way: int | None = 2,
    progress: Shown = None,
) -> Scores:
    """Tell which stimulus was seen, by the correlation of decoded and true features.

    Parameters
    ----------
    decoded : Responses or list of them
        Features that were decoded of test stimuli, or, with a ``model``, the recording to
        decode them from. Of ``scores.predicted`` each is compared with the stimuli that its
        model was not trained on (those of the same test set): a prediction falls back on the
        mean of its training stimuli, which is unlike the one that was left out. Of other
        Responses all features are candidates, and chance is right only if their model saw none.
    features : Responses or Gram
        The true features of the candidates. With a model and a Gram (or more units than
        stimuli), decoding happens in the full feature space without decoding every unit.
    model : estimator, optional
        As in :func:`decode`. In the full space it must treat all units alike: OLS, PCR,
        ``PLS(scale=False)``, Ridge with ``per_target=False`` or one penalty.
    folds : as in :func:`decode`, optional
        With a model: candidates are the test stimuli of the same fold.
    n_way : int or None, default=2
        How many candidates the true one is drawn among; the result is the exact expectation
        over all draws. None: all candidates.
    progress : bool or function, optional
        True draws a bar; a function is told each region.

    Returns
    -------
    Scores, axes (region, stimulus)
        The probability of a right answer, a tie counting half; ``notes["chance"]`` is
        1 / n_way, ``notes["candidates"]`` says which they were.

    Raises
    ------
    MisalignedError
        If a decoded stimulus is not among the candidates.
    InputError
        If there are fewer candidates than ``n_way``.

    See Also
    --------
    decode : Decodes the features.
    noise_ceiling : What noise leaves.

    References
    ----------
    Kay, Naselaris, Prenger & Gallant (2008), Identifying natural images from human brain
    activity, Nature 452:352, https://doi.org/10.1038/nature06713

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(40)]
    >>> voxels = rng.normal(size=(40, 10))
    >>> it = ic.Responses(voxels, names, labels={"region": "IT"})
    >>> fc6 = ic.Responses(voxels @ rng.normal(size=(10, 50)), names)
    >>> scores = ic.identification(it, fc6, ic.PCR(10), folds=5)
    >>> scores.values.shape, scores.notes["chance"]
    ((1, 40), 0.5)
    >>> bool(scores.values.mean() > 0.95)
    True
    """
    nouns = one_or_more(decoded, "identification")
    names, rows = nouns[0].stimuli, []
    fitted = None if model is None else translate(model)
    if model is not None:
        given = decoded if isinstance(decoded, list | tuple) else [decoded]
        folds = folds_of_stimuli(as_folds(folds, names), given, names)
    with Job(progress, "identification", len(nouns)) as job:
        for noun in nouns:
            if fitted is None:
                rows.append(_compared(noun, features, n_way))
            else:
                both = (model, fitted)
                rows.append(_decoded(noun, (names, features), both, folds, n_way))
            job.step()
    labels = source_labels(nouns, "region")
    tables = {"region": labels, "stimulus": {"stimulus": names}}
    values = np.array([shares for shares, _ in rows])
    least = min(n for _, n in rows)
    notes = {
        "n_way": n_way or least,
        "chance": 1 / (n_way or least),
        "n_candidates": least,
        "candidates": _told(nouns, model),
    }
    return Scores(values, tables, "identification", notes=notes)


def _compared(
    decoded: Responses | Gram, features: Any, n_way: int | None
) -> tuple[np.ndarray, int]:
    if not isinstance(decoded, Responses) or not isinstance(features, Responses):
        raise InputError(
            "identification without a model compares decoded with true features unit by unit: "
            "both must be Responses. From a Gram of the features, give the recording and a model."
        )
    if decoded.n_units != features.n_units:
        raise InputError(
            f"identification: {decoded.n_units} units were decoded, but the features have "
            f"{features.n_units}."
        )
    own = positions(features.stimuli, decoded.stimuli, "identification: features")
    arrays = (noun.numpy().astype(float, copy=False) for noun in (decoded, features))
    values, true = (without_mean(each, 1) for each in arrays)
    parts = [(np.arange(len(values)), np.arange(len(true)))]
    if isinstance(decoded, Predictions):
        parts = decoded.by_fold(features.stimuli)
    shares, least = np.empty(len(values)), len(true)
    for rows, candidates in parts:
        among = _checked_size(n_way, len(candidates))
        own_of = np.searchsorted(candidates, own[rows])
        known = true if len(candidates) == len(true) else true[candidates]
        shares[rows] = algebra.shares(values[rows], known, own_of, among)
        least = min(least, len(candidates))
    return shares, least


def _told(nouns: list[Any], model: Any) -> str:
    if model is not None or all(isinstance(noun, Predictions) for noun in nouns):
        return "stimuli that the model of the fold was not trained on"
    return "all features, which the model must not have been trained on"


def _decoded(
    recording: Any,
    truth: tuple[Names, Any],
    models: tuple[Any, Model],
    folds: Any,
    n_way: int | None,
) -> tuple[np.ndarray, int]:
    """Shares of one region; ``models``: as it was given, and as it is fitted."""
    (names, features), (given, model) = truth, models
    values, over_units, of_gram = _space(features, names, given)
    source = Source(recording, rows_of(recording, names))
    parts, groups = split(folds, names), folds.group_of(names)
    (view,) = views_of(given, model, [source], len(names), parts, groups)
    check_folds(model, view, parts, values.shape[1])
    if of_gram:
        _check_alike(given, model)
    shares, least = np.full(len(names), np.nan), len(names)
    for train, test in parts:
        decoded = model.prepare(view.on(train, test)).predict(values[train])
        among, own = _checked_size(n_way, len(test)), np.arange(len(test))
        shares[test] = algebra.shares(over_units(decoded), over_units(values[test]), own, among)
        least = min(least, len(test))
    return shares, least


def _space(features: Any, names: Names, model: Any) -> Space:
    if not isinstance(features, Responses | Gram):
        raise InputError("identification needs the features of one layer: Responses or a Gram.")
    rows = rows_of(features, names)
    # Sums of targets stand for them where one linear map predicts all alike.
    own_penalties = getattr(model, "per_target", False) and np.size(model.alphas) > 1
    # Targets that are scaled one by one are no sums of one another either.
    own_scales = bool(getattr(model, "scale", False))
    few = features.n_units <= features.n_stimuli or own_penalties or own_scales
    if isinstance(features, Responses) and few:
        values = as_numpy(features.values[:]).astype(np.float64, copy=False)[rows]
        return values, lambda rows: without_mean(rows, 1), False
    known = gram(features)
    found = algebra.coordinates(known.products.take(rows))
    return found.values, found.over_units, True


def _check_alike(given: Any, model: Model) -> None:
    if not model.alike:
        raise InputError(
            f"{type(given).__name__} does not treat all features alike, so that they cannot "
            "be decoded through their Gram. Take OLS, PCR, PLS(scale=False) or Ridge with "
            "per_target=False, or give the features themselves (Responses) of fewer units than "
            "stimuli."
        )


def _checked_size(n_way: int | None, most: int) -> int:
    among = most if n_way is None else int(n_way)
    if most < 2:
        raise InputError(
            "identification needs 2 candidates that the model of a fold was not trained on, but a "
            "test set has 1 stimulus: take fewer folds."
        )
    if not 2 <= among <= most:
        raise InputError(f"n_way={among}, but there are {most} candidates: choose 2 to {most}.")
    return among
