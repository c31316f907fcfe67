"""The one cross-validation loop: prepare a fold, predict, measure; for every layer."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from isocortex.data.responses import Responses
from isocortex.data.scores import Scores
from isocortex.data.tables import beside
from isocortex.errors import InputError
from isocortex.mapping.banded import roads_of
from isocortex.mapping.folds import keeps_whole
from isocortex.mapping.gate import Fold
from isocortex.mapping.join import Joined, source_labels
from isocortex.mapping.null import LayerNull, p_columns
from isocortex.mapping.permutation import Null
from isocortex.mapping.plan import Groups, Road, check_components
from isocortex.mapping.single import single_units
from isocortex.mapping.univariate import Univariate
from isocortex.mapping.weights import fit_whole
from isocortex.numerics.accuracy import Accuracy, is_constant


@dataclass(frozen=True, eq=False)
class Settings:
    """What a verb was asked for, checked."""

    model: Any
    folds: Sequence[Fold]
    measure: Accuracy
    metric: str
    axis: str
    keep_model: bool = False
    null: Null | None = None
    notes: dict[str, Any] = field(default_factory=dict)
    groups: np.ndarray | None = None
    """Of the joint rows (runs, say), for what is split inside the training stimuli."""


@dataclass(frozen=True, eq=False)
class LayerResult:
    """What was found for one layer."""

    values: np.ndarray
    """Shape (n_folds, n_targets)."""
    predicted: list[np.ndarray] | None = None
    chosen: np.ndarray | None = None
    """The unit that a univariate model chose, shape (n_folds, n_targets)."""
    p: np.ndarray | None = None
    maxima: np.ndarray | None = None


def cross_validate(joined: Joined, settings: Settings) -> Scores:
    """Scores of every layer, fold and target.

    Raises
    ------
    InputError
        Before any work: too many components, a Gram where features are needed, test sets too
        small for the accuracy.
    """
    _check_test_sets(settings)
    roads = ready_roads(joined, settings)
    notes = {**settings.notes, **_warn_constant(joined.y, settings)}
    results: list[LayerResult] = []
    models: list[Any] = []
    for road in roads:
        results.append(_layer(road, joined, settings))
        if settings.keep_model:
            rows = np.arange(len(joined.names)) if joined.fold is None else joined.fold[0]
            models.append(fit_whole(road, rows, joined.y[rows], joined.units))
        road.source.forget()
    kept = {}
    if settings.keep_model:
        predicted = [_held_out(joined, settings.folds, result.predicted) for result in results]
        kept = {"models": models, "predicted": predicted}
    values = np.array([result.values for result in results])
    columns = _columns(results, values, settings)
    tables = axes_of(roads, settings)
    taken = pd.concat(list(tables.values()), axis=1)
    tables["unit"] = beside(joined.units, taken)
    return Scores(values, tables, settings.metric, columns, notes, kept)


def ready_roads(joined: Joined, settings: Settings) -> list[Any]:
    """The road of every layer, with all that can be refused refused.

    Raises
    ------
    InputError
    """
    n_train = min(len(train) for train, _ in settings.folds)
    groups = Groups(settings.groups, keeps_whole(settings.folds, settings.groups))
    roads = roads_of(settings.model, joined.sources, len(joined.names), groups)
    for road in roads:
        check_components(road, n_train)
        for train, _ in settings.folds:
            road.inner(train)
        if settings.keep_model:
            road.source.check_values("keep_model=True")
    return roads


def axes_of(roads: Sequence[Any], settings: Settings) -> dict[str, pd.DataFrame]:
    """The tables of layers and of folds."""
    layers = source_labels([road.source for road in roads], settings.axis)
    layers = layers.assign(road=[r.name for r in roads], why=[r.why for r in roads])
    sizes = [(i, len(train), len(test)) for i, (train, test) in enumerate(settings.folds)]
    folds = pd.DataFrame.from_records(sizes, columns=["fold", "n_train", "n_test"])
    return {settings.axis: layers, "fold": folds}


def notes_of(model: Any, null: Null | None) -> dict[str, Any]:
    """What is true of all scores: the model, the permutations, and a biased choice."""
    notes: dict[str, Any] = {"model": " ".join(repr(model).split())}
    if null is not None:
        notes.update(null.notes)
    if getattr(model, "select", None) == "test":
        notes["biased"] = (
            "the best unit was chosen on the test stimuli that are scored: too high by selection"
        )
    return notes


def _layer(road: Road, joined: Joined, settings: Settings) -> LayerResult:
    if isinstance(road.model, Univariate):
        parts: Any = single_units(road, joined.y, settings)
        return LayerResult(*parts)
    null = None
    if settings.null:
        n_targets = joined.y.shape[1]
        null = LayerNull(settings.null, settings.metric, settings.measure, n_targets)
    jobs = [(road, joined.y, fold, null, settings) for fold in settings.folds]
    if road.recipe is None or road.recipe.kind == "tail":
        found: list[Any] = list(Parallel(**_sharing(null))(delayed(_fold)(*job) for job in jobs))
    else:
        found = [_fold(*job) for job in jobs]
    values = np.array([score for score, _ in found])
    predicted = [guess for _, guess in found] if settings.keep_model else None
    p, maxima = null.finish(joined.y, values.mean(0), len(values)) if null else (None, None)
    return LayerResult(values, predicted, None, p, maxima)


def _fold(
    road: Any, y: np.ndarray, fold: Fold, null: LayerNull | None, settings: Settings
) -> tuple[np.ndarray, np.ndarray | None]:
    """The score of each target, and the predictions where they are kept."""
    train, test = fold
    prepared = road.prepare(train, test)
    if null is not None:
        null.add_fold(prepared, y, fold)
    predicted = prepared.predict(y[train])
    score = settings.measure(y[test], predicted)
    return score, predicted if settings.keep_model else None


def _sharing(null: LayerNull | None) -> dict[str, Any]:
    # A null collects from every fold in this process.
    return {"n_jobs": 1} if null is not None else {}


def _check_test_sets(settings: Settings) -> None:
    least = min(len(test) for _, test in settings.folds)
    if settings.metric in ("pearson", "r2", "explained_variance") and least < 2:
        raise InputError(
            f"accuracy={settings.metric!r} is a number over the test stimuli of a fold, and needs "
            f"at least 2 of them; here a fold has {least}. Take fewer folds, or a function of "
            "(measured, predicted) that makes sense for one stimulus, such as squared error."
        )


def _warn_constant(y: np.ndarray, settings: Settings) -> dict[str, int]:
    always = is_constant(y)
    parts = [is_constant(y[test]) for _, test in settings.folds if len(test) > 1]
    count, always = int(np.any([always, *parts], axis=0).sum()), int(always.sum())
    if not count:
        return {}
    warnings.warn(
        f"{count} of {y.shape[1]} targets are constant in the test stimuli of at least one fold "
        f"({always} are constant throughout); their scores there are NaN.",
        UserWarning,
        stacklevel=5,
    )
    return {"n_constant": count}


def _columns(
    results: list[LayerResult], values: np.ndarray, settings: Settings
) -> dict[str, np.ndarray]:
    columns = {}
    if results[0].chosen is not None:
        columns["chosen"] = np.array([result.chosen for result in results], dtype=float)
    if settings.null:
        p = np.array([result.p for result in results])
        maxima = np.max(np.array([result.maxima for result in results]), axis=0)
        columns.update(p_columns(values.mean(1), p, maxima))
    return columns


def _held_out(joined: Joined, folds: Sequence[Fold], predicted: list[np.ndarray] | None):
    """Predictions of every stimulus that was tested exactly once, as Responses."""
    if predicted is None:
        return None
    rows = np.concatenate([test for _, test in folds])
    names = [joined.names[i] for i in rows]
    if len(set(names)) < len(names):
        return None
    order = np.argsort(rows)
    values = np.concatenate(predicted)[order]
    return Responses(values, [names[i] for i in order], joined.units)
