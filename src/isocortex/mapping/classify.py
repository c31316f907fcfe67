"""Cross-validated classification: scores, confusions, and the null of exchanged labels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.dummy import DummyClassifier

from isocortex.data.scores import Scores
from isocortex.mapping.alignment import Joined
from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.crossval import Settings, axes_of, ready_solvers
from isocortex.mapping.kept_models import fit_whole
from isocortex.mapping.null_scores import p_and_largest, p_columns
from isocortex.mapping.solver import Solver
from isocortex.numerics.measures.class_accuracy import confusion


@dataclass(frozen=True, eq=False)
class FoldResult:
    """What one fold of one layer gives."""

    score: float
    counts: np.ndarray
    """Shape (n_classes, n_classes): true by predicted."""
    null: np.ndarray
    """Shape (n_permutations,): scores of exchanged labels."""


def classify(joined: Joined, classes: np.ndarray, label: str, settings: Settings) -> Scores:
    """Tell the classes of one kind of label from each layer.

    Parameters
    ----------
    joined : Joined
    classes : array, shape (n_rows,)
    label : str
        What the classes are.
    settings : Settings
        With a measure of (true classes, fitted classifier, test features).
    """
    solvers = ready_solvers(joined, settings)
    known = np.unique(classes)
    results: list[list[FoldResult]] = []
    models = []
    for solver in solvers:
        if settings.leaks:
            settings.leaks.features(solver.source)
        jobs = (delayed(_fold)(solver, classes, fold, settings, known) for fold in settings.folds)
        results.append([result for result in Parallel()(jobs) if result is not None])
        if settings.keep_model:
            rows = np.arange(len(classes))
            models.append(fit_whole(solver, rows, classes, pd.DataFrame({"label": [label]})))
        solver.source.forget()
    if settings.leaks:
        settings.leaks.tell()
    axes = axes_of(solvers, settings)
    counts = np.array([[result.counts for result in layer] for layer in results])
    kept: dict[str, Any] = {"confusion": _confusion(counts, axes, known)}
    if settings.keep_model:
        kept["models"] = models
    values = np.array([[[result.score] for result in layer] for layer in results])
    tables = {**axes, "unit": pd.DataFrame({"target": [label]})}
    columns = _columns(values, results) if settings.null else None
    return Scores(values, tables, settings.metric, columns, settings.notes, kept)


def tested_in(parts: list[Fold], n_rows: int) -> np.ndarray | None:
    """The test set of each row, or None where a row is tested never or more than once."""
    tested = np.concatenate([test for _, test in parts])
    if len(tested) != n_rows or len(np.unique(tested)) != n_rows:
        return None
    fold = np.empty(n_rows, dtype=int)
    for i, (_, test) in enumerate(parts):
        fold[test] = i
    return fold


def know_labels(splitter: Any) -> bool:
    """Whether folds are made for the labels: a number, and what is not known not to be."""
    if isinstance(splitter, list | tuple):
        return False
    kind = type(splitter)
    return not kind.__module__.startswith("sklearn.") or "Stratified" in kind.__name__


def _fold(solver: Solver, classes: np.ndarray, fold: Fold, settings: Settings, known: np.ndarray):
    train, test = fold
    prepared = solver.prepare(train, test)
    fitted = prepared.fit(classes[train])
    measure: Any = settings.measure
    counts = confusion(classes[test], fitted.predict(prepared.test), known)
    null = [
        _score_of(solver, classes, fold, settings, (prepared, order))
        for order in (settings.null.orders if settings.null else ())
    ]
    return FoldResult(measure(classes[test], fitted, prepared.test), counts, np.array(null))


def _score_of(
    solver: Solver,
    classes: np.ndarray,
    fold: Fold,
    settings: Settings,
    permuted: tuple[Any, np.ndarray],
) -> float:
    """The score of one permutation: labels in another order, or features against labels."""
    train, test = fold
    prepared, order = permuted
    if settings.null is not None and settings.null.of_features:
        moved = np.argsort(order)
        prepared = solver.prepare(moved[train], moved[test])
    else:
        classes = classes[order]
    measure: Any = settings.measure
    if (classes[train] == classes[train[0]]).all():
        # Many classifiers refuse to learn one class; there is but one thing to predict.
        fitted = DummyClassifier(strategy="most_frequent").fit(prepared.train, classes[train])
    else:
        fitted = prepared.fit(classes[train])
    return measure(classes[test], fitted, prepared.test)


def _columns(values: np.ndarray, results: list[list[FoldResult]]) -> dict[str, np.ndarray]:
    observed = values.mean(1)
    # (n_permutations, n_layers)
    null = np.array([np.mean([result.null for result in layer], axis=0) for layer in results]).T
    p, maxima = p_and_largest(observed[:, 0], null, np.ones(null.shape[1], dtype=bool))
    return p_columns(observed, p[:, None], maxima)


def _confusion(counts: np.ndarray, axes: dict[str, pd.DataFrame], known: np.ndarray) -> Scores:
    true, predicted = pd.DataFrame({"label": known}), pd.DataFrame({"predicted": known})
    return Scores(counts, {**axes, "label": true, "predicted": predicted}, "count")
