"""Cross-validated classification: scores, confusions, and the null of exchanged labels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from isocortex.data.scores import Scores
from isocortex.mapping.crossval import Settings, axes_of, ready_roads
from isocortex.mapping.gate import Fold
from isocortex.mapping.join import Joined
from isocortex.mapping.null import p_columns
from isocortex.mapping.weights import fit_whole
from isocortex.numerics.classes import confusion


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
    roads = ready_roads(joined, settings)
    known = np.unique(classes)
    results: list[list[FoldResult]] = []
    models = []
    for road in roads:
        jobs = (delayed(_fold)(road, classes, fold, settings, known) for fold in settings.folds)
        results.append([result for result in Parallel()(jobs) if result is not None])
        if settings.keep_model:
            rows = np.arange(len(classes))
            models.append(fit_whole(road, rows, classes, pd.DataFrame({"label": [label]})))
        road.source.forget()
    axes = axes_of(roads, settings)
    counts = np.array([[result.counts for result in layer] for layer in results])
    kept: dict[str, Any] = {"confusion": _confusion(counts, axes, known)}
    if settings.keep_model:
        kept["models"] = models
    values = np.array([[[result.score] for result in layer] for layer in results])
    tables = {**axes, "unit": pd.DataFrame({"target": [label]})}
    columns = _columns(values, results) if settings.null else None
    return Scores(values, tables, settings.metric, columns, settings.notes, kept)


def exchangeable(parts: list[Fold], groups: np.ndarray | None, n_rows: int) -> np.ndarray | None:
    """Where labels may be exchanged: inside each test set (and group).

    Folds that were balanced for the true labels are not so for labels exchanged between them,
    and accuracies under the null would come out too low.
    """
    tested = np.concatenate([test for _, test in parts])
    if len(tested) != n_rows or len(np.unique(tested)) != n_rows:
        return groups
    fold = np.empty(n_rows, dtype=int)
    for i, (_, test) in enumerate(parts):
        fold[test] = i
    return fold if groups is None else fold * (int(groups.max()) + 1) + groups


def _fold(road: Any, classes: np.ndarray, fold: Fold, settings: Settings, known: np.ndarray):
    train, test = fold
    prepared = road.prepare(train, test)
    fitted = prepared.fit(classes[train])
    measure: Any = settings.measure
    counts = confusion(classes[test], fitted.predict(prepared.test), known)
    orders = settings.null.orders if settings.null else ()
    null = [
        measure(classes[order][test], prepared.fit(classes[order][train]), prepared.test)
        for order in orders
    ]
    return FoldResult(measure(classes[test], fitted, prepared.test), counts, np.array(null))


def _columns(values: np.ndarray, results: list[list[FoldResult]]) -> dict[str, np.ndarray]:
    observed = values.mean(1)
    null = np.array([np.mean([result.null for result in layer], axis=0) for layer in results])
    reached = (~(null < observed - 1e-12)).sum(1)
    return p_columns(observed, reached[:, None], null.max(0))


def _confusion(counts: np.ndarray, axes: dict[str, pd.DataFrame], known: np.ndarray) -> Scores:
    true, predicted = pd.DataFrame({"label": known}), pd.DataFrame({"predicted": known})
    return Scores(counts, {**axes, "label": true, "predicted": predicted}, "count")
