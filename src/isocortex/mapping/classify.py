"""Cross-validated classification: scores, confusions, and the null of exchanged labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import delayed
from sklearn.dummy import DummyClassifier

from isocortex.data.label_rows import LabelRows
from isocortex.data.scores import Scores
from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.crossval import CrossValidation
from isocortex.mapping.leaks import leaks_of_features, warn_leaks
from isocortex.mapping.models.base import Model
from isocortex.mapping.models.translate import prepared
from isocortex.mapping.null_scores import p_and_largest, p_columns
from isocortex.mapping.permutation import Null
from isocortex.mapping.view import View
from isocortex.numerics.arrays.parallel import results_of
from isocortex.numerics.measures.class_accuracy import confusion
from isocortex.progress import advance, place, up_to


@dataclass(frozen=True, eq=False)
class FoldResult:
    """What one fold of one layer gives."""

    score: float
    counts: np.ndarray
    """Shape (n_classes, n_classes): true by predicted."""
    null: np.ndarray
    """Shape (n_permutations,): scores of exchanged labels."""


def classify(asked: CrossValidation, classes: np.ndarray, label: str) -> Scores:
    """Tell the classes of one kind of label from each layer.

    Parameters
    ----------
    asked : CrossValidation
        With a measure of (true classes, fitted classifier, test features).
    classes : array, shape (n_rows,)
    label : str
        What the classes are.
    """
    views = asked.views()
    known, codes = np.unique(classes, return_inverse=True)
    one_hot, leaks = np.eye(len(known))[codes], list(asked.leaks)  # (n_rows, n_classes)
    results: list[list[FoldResult]] = []
    models = []
    null = asked.null and (asked.null, 1 / len(asked.folds))
    steps = asked.n_steps / len(asked.folds)
    for view in views:
        leaks = leaks or leaks_of_features(view, asked.folds, asked.joined.names, one_hot, True)
        jobs = (
            delayed(_fold)(asked.model, view.on(*fold), classes, asked.measure, known, null)
            for fold in asked.folds
        )
        found, before = [], place()
        for result in results_of(jobs):
            found.append(result)
            up_to(before + len(found) * steps)
        results.append(found)
        if asked.keep_model:
            rows, targets = np.arange(len(classes)), pd.DataFrame({"label": [label]})
            models.append(asked.fitted(view, rows, classes, targets))
        view.source.forget()
    warn_leaks(leaks)
    axes = asked.axes(views)
    counts = np.array([[result.counts for result in layer] for layer in results])
    kept: dict[str, Any] = {"confusion": _confusion(counts, axes, known)}
    if asked.keep_model:
        kept["models"] = models
    values = np.array([[[result.score] for result in layer] for layer in results])
    tables = {**axes, "unit": {"target": [label]}}
    columns = _columns(values, results) if asked.null else None
    return Scores(values, tables, asked.metric, columns, asked.notes(), kept)


def tested_in(parts: Sequence[Fold], n_rows: int) -> np.ndarray | None:
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


def _fold(
    model: Model,
    view: View,
    classes: np.ndarray,
    measure: Any,
    known: np.ndarray,
    permuted: tuple[Null, float] | None,
) -> FoldResult:
    """Scores of a fold, whose permutations each count as so much of a step."""
    train, test = view.fold
    own = prepared(model, view)
    fitted = own.fit(classes[train])
    counts = confusion(classes[test], fitted.predict(own.test), known)
    found = []
    null, step = permuted or (None, 0.0)
    for order in null.orders if null else ():
        ready, labels = own, classes
        if null is not None and null.of_features:
            # Labels stay with the folds that were made for them; the features move.
            moved = np.argsort(order)
            ready = prepared(model, view.on(moved[train], moved[test]))
        else:
            labels = classes[order]
        found.append(measure(labels[test], _learnt(ready, labels[train]), ready.test))
        advance(step)
    return FoldResult(measure(classes[test], fitted, own.test), counts, np.array(found))


def _learnt(ready: Any, labels: np.ndarray) -> Any:
    """The classifier that has learnt the labels of the training stimuli."""
    if (labels == labels[0]).all():
        # Many classifiers refuse to learn one class; there is but one thing to predict.
        return DummyClassifier(strategy="most_frequent").fit(ready.train, labels)
    return ready.fit(labels)


def _columns(values: np.ndarray, results: list[list[FoldResult]]) -> dict[str, np.ndarray]:
    observed = values.mean(1)
    # (n_permutations, n_layers)
    null = np.array([np.mean([result.null for result in layer], axis=0) for layer in results]).T
    p, maxima = p_and_largest(observed[:, 0], null, np.ones(null.shape[1], dtype=bool))
    return p_columns(observed, p[:, None], maxima)


def _confusion(counts: np.ndarray, axes: Mapping[str, LabelRows], known: np.ndarray) -> Scores:
    classes = {name: {name: known} for name in ("label", "predicted")}
    return Scores(counts, {**axes, **classes}, "count")
