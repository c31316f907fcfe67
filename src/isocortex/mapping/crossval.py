"""The one cross-validation loop: prepare a fold, predict, measure; for every layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from isocortex.data.scores import Scores
from isocortex.data.tables import with_other_names
from isocortex.errors import InputError
from isocortex.mapping.alignment import Joined, source_labels
from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.folds import keeps_whole
from isocortex.mapping.kept_models import fit_whole
from isocortex.mapping.leaks import Leaks
from isocortex.mapping.models.prepared import Edges, Outcome
from isocortex.mapping.models.translate import Translated
from isocortex.mapping.null_scores import (
    LayerNull,
    chance_if_undefined,
    p_and_largest,
    p_columns,
    warn_undefined_null,
)
from isocortex.mapping.permutation import Null
from isocortex.mapping.pooled_scores import Pooled, held_out, pooled_null
from isocortex.mapping.predictions import Predictions
from isocortex.mapping.score_warnings import warn_edges, warn_small_folds, warn_undefined
from isocortex.mapping.solver import Solver, solvers_of
from isocortex.mapping.view import Groups
from isocortex.numerics.arrays.constant import is_constant
from isocortex.numerics.measures.accuracy import ACCURACIES, Accuracy


@dataclass(frozen=True, eq=False)
class Settings:
    """What a verb was asked for, checked."""

    model: Translated
    folds: Sequence[Fold]
    measure: Accuracy | Pooled
    metric: str
    axis: str
    keep_model: bool = False
    null: Null | None = None
    notes: dict[str, Any] = field(default_factory=dict)
    groups: np.ndarray | None = None
    """Of the joint rows (runs, say), for what is split inside the training stimuli."""
    pooled: bool = False
    """One score of all folds together; ``measure`` is then a function of the folds."""
    leaks: Leaks | None = None


@dataclass(frozen=True, eq=False)
class LayerResult:
    """What was found for one layer."""

    values: np.ndarray
    """Shape (n_folds, n_targets); (n_targets,) where all folds are pooled."""
    predicted: list[np.ndarray] | None = None
    chosen: Mapping[str, np.ndarray] = field(default_factory=dict)
    """What was chosen (units, penalties, shares of bands), shape (n_folds, n_targets)."""
    edges: Sequence[Edges] = ()
    p: np.ndarray | None = None
    maxima: np.ndarray | None = None


def cross_validate(joined: Joined, settings: Settings) -> Scores:
    """Scores of every layer, fold and target, or of every layer and target.

    Raises
    ------
    InputError
        Before any work: too many components, a Gram where features are needed, test sets too
        small for the accuracy.
    """
    _check_test_sets(settings)
    solvers = ready_solvers(joined, settings)
    warn_small_folds(settings.folds, settings.metric, settings.pooled)
    results: list[LayerResult] = []
    models: list[Any] = []
    leaks = settings.leaks or Leaks(settings.folds, joined.names, joined.y, False)
    leaks.targets()
    for solver in solvers:
        leaks.features(solver.source)
        results.append(_layer(solver, joined, settings))
        if settings.keep_model:
            rows = np.arange(len(joined.names)) if joined.fold is None else joined.fold[0]
            models.append(fit_whole(solver, rows, joined.y[rows], joined.units))
        solver.source.forget()
    kept = {}
    if settings.keep_model:
        predicted = [_held_out(joined, settings.folds, result.predicted) for result in results]
        kept = {"models": models, "predicted": predicted}
    leaks.tell()
    values = np.array([result.values for result in results])
    undefined = warn_undefined(values, joined.y, settings.folds, settings.metric)
    edges = [each for result in results for each in result.edges]
    warn_edges(edges, len(edges) * joined.y.shape[1])
    columns = _columns(results, values, settings)
    tables = axes_of(solvers, settings)
    if settings.pooled:
        del tables["fold"]
    taken = pd.concat(list(tables.values()), axis=1)
    tables["unit"] = with_other_names(joined.units, taken)
    notes = {**settings.notes, **undefined}
    return Scores(values, tables, settings.metric, columns, notes, kept)


def ready_solvers(joined: Joined, settings: Settings) -> list[Solver]:
    """The solver of every layer, with all that can be refused refused.

    Raises
    ------
    InputError
    """
    groups = Groups(settings.groups, keeps_whole(settings.folds, settings.groups))
    solvers = solvers_of(settings.model, joined.sources, len(joined.names), groups)
    if settings.keep_model and not hasattr(settings.model.given, "fit"):
        raise InputError(
            f"keep_model=True needs a model with fit and predict, but {settings.model.name} has "
            "prepare alone."
        )
    for solver in solvers:
        solver.check(settings.folds, joined.y.shape[1])
        if settings.keep_model:
            solver.source.check_values("keep_model=True")
    return solvers


def axes_of(solvers: Sequence[Solver], settings: Settings) -> dict[str, pd.DataFrame]:
    """The tables of layers and of folds."""
    layers = source_labels([each.source for each in solvers], settings.axis)
    layers = layers.assign(solver=[s.name for s in solvers], why=[s.why for s in solvers])
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


def _layer(solver: Solver, joined: Joined, settings: Settings) -> LayerResult:
    model, y = solver.model, joined.y
    if model.across_folds is not None:
        return LayerResult(*model.across_folds(solver.source, y, settings))
    null = None
    if settings.null and not settings.pooled:
        measure: Any = settings.measure
        null = LayerNull(settings.null, settings.metric, measure, y.shape[1], model.columnwise)
    jobs = [(solver, y, fold, null, settings) for fold in settings.folds]
    found: list[Any]
    if model.parallel:
        found = list(Parallel(**_sharing(null))(delayed(_fold)(*job) for job in jobs))
    else:
        found = [_fold(*job) for job in jobs]
    outcomes = [outcome for outcome, _ in found]
    chosen = {
        name: np.array([outcome.chosen[name] for outcome in outcomes])
        for name in outcomes[0].chosen
    }
    if settings.pooled:
        values, p, maxima = _pooled(solver, found, y, settings)
    else:
        values = _scores(outcomes, y, settings)
        finished = null.finish(y, values.mean(0), len(values)) if null else (None, None)
        p, maxima = finished
    predicted = [outcome.predicted for outcome in outcomes] if settings.keep_model else None
    edges = [outcome.edges for outcome in outcomes if outcome.edges is not None]
    return LayerResult(values, predicted, chosen, edges, p, maxima)


def _fold(
    solver: Solver, y: np.ndarray, fold: Fold, null: LayerNull | None, settings: Settings
) -> tuple[Outcome, Any]:
    """The outcome of a fold; with what is ready where the null of pooled scores needs it again."""
    train, test = fold
    prepared = solver.prepare(train, test)
    if null is not None:
        null.add_fold(prepared, y, fold)
    outcome = prepared.outcome(y[train], settings.pooled)
    return outcome, prepared if settings.pooled and settings.null else None


def _scores(outcomes: Sequence[Outcome], y: np.ndarray, settings: Settings) -> np.ndarray:
    """Of each fold, shape (n_folds, n_targets)."""
    measure: Any = settings.measure
    pairs = zip(outcomes, settings.folds, strict=True)
    return np.array([measure(y[test], outcome.predicted) for outcome, (_, test) in pairs])


def _pooled(
    solver: Solver, found: list[tuple[Outcome, Any]], y: np.ndarray, settings: Settings
) -> tuple[Any, Any, Any]:
    """The pooled scores, their p-values, and the largest scores of the null."""
    measure: Any = settings.measure
    pairs = list(zip(found, settings.folds, strict=True))
    values = measure([held_out(outcome, y, fold) for (outcome, _), fold in pairs])
    if settings.null is None:
        return values, None, None
    ready = [(prepared, fold) for (_, prepared), fold in pairs]
    null = pooled_null(ready, y, settings.null.orders, measure, solver.model.columnwise)
    null = chance_if_undefined(null, settings.metric)
    warn_undefined_null(values, null)
    return values, *p_and_largest(values, null, ~is_constant(y))


def _sharing(null: LayerNull | None) -> dict[str, Any]:
    # A null collects from every fold in this process.
    return {"n_jobs": 1} if null is not None else {}


def _check_test_sets(settings: Settings) -> None:
    least = min(len(test) for _, test in settings.folds)
    if settings.metric in ACCURACIES and least < 2 and not settings.pooled:
        raise InputError(
            f"accuracy={settings.metric!r} is a number over the test stimuli of a fold, and needs "
            f"at least 2 of them; here a fold has {least}. Take fewer folds, or a function of "
            "(measured, predicted) that makes sense for one stimulus, such as squared error, or "
            "one score of all folds together: pooled=True."
        )


def _columns(
    results: list[LayerResult], values: np.ndarray, settings: Settings
) -> dict[str, np.ndarray]:
    columns = {}
    for name in results[0].chosen:
        column = np.array([result.chosen[name] for result in results], dtype=float)
        if not settings.pooled:
            columns[name] = column
        elif name == "alpha":
            columns[name] = np.exp(np.log(column).mean(1))
        elif name != "chosen":
            columns[name] = column.mean(1)
    if settings.null:
        p = np.array([result.p for result in results])
        maxima = np.max(np.array([result.maxima for result in results]), axis=0)
        observed = values if settings.pooled else values.mean(1)
        found = p_columns(observed, p, maxima)
        columns.update({n: c[:, 0] for n, c in found.items()} if settings.pooled else found)
    return columns


def _held_out(joined: Joined, folds: Sequence[Fold], predicted: list[np.ndarray] | None):
    """Predictions of every stimulus that was tested exactly once."""
    if predicted is None:
        return None
    rows = np.concatenate([test for _, test in folds])
    names = [joined.names[i] for i in rows]
    if len(set(names)) < len(names):
        return None
    order = np.argsort(rows)
    fold_of = {joined.names[i]: f for f, (_, test) in enumerate(folds) for i in test}
    trained = [frozenset(joined.names[i] for i in train) for train, _ in folds]
    values = np.concatenate(predicted)[order]
    return Predictions(values, [names[i] for i in order], joined.units, fold_of, trained)
