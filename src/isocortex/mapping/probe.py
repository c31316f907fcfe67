"""Probing: what can be read out of a layer or a region, classes or numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import is_classifier

from isocortex.choice import choose, listed
from isocortex.data.names import Names, positions
from isocortex.data.responses import Responses
from isocortex.data.scores import Scores
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.mapping.crossval import Settings, cross_validate
from isocortex.mapping.encode import notes_of
from isocortex.mapping.folds import Folds, as_folds, split
from isocortex.mapping.join import Joined, join_labels, one_or_more, source_labels
from isocortex.mapping.null import Null, null_of, p_columns
from isocortex.mapping.plan import Road, check_components, plan
from isocortex.mapping.weights import fit_whole
from isocortex.numerics.accuracy import ACCURACIES
from isocortex.numerics.classes import CLASS_ACCURACIES, confusion, of_predictions


def probe(  # noqa: PLR0913
    features: Any,
    labels: Any,
    model: Any,
    *,
    folds: Any = 10,
    accuracy: Any = None,
    keep_model: bool = False,
    n_permutations: int = 0,
    seed: int = 0,
) -> Scores:
    """Read labels out of features, on held-out stimuli: classes or numbers.

    Parameters
    ----------
    features : Responses, Gram, Store, Trials, or list of them, shape (n_stimuli, n_features)
        Of network layers, or of brain regions; one model for each. Of Trials each one is a
        row, named ``trial 0``, ``trial 1`` …; their runs are the groups of a splitter that
        needs some.
    labels : mapping from stimulus name to label, sequence, DataFrame or Responses
        A sequence or DataFrame (one label for each column) has a row for each row of
        ``features``; the others meet them by name.
    model : estimator
        A classifier for classes, a regressor for numbers; as in :func:`encode`. After
        ``make_pipeline(PCA(k), classifier)`` the components come from the Gram.
    folds : int, splitter, Folds or list of (train, test) rows, default=10
        An int: StratifiedKFold for classes, KFold for numbers; neither shuffled.
    accuracy : str or function, optional
        Of classes: ``"accuracy"`` (default), ``"balanced_accuracy"``, ``"roc_auc"``, or a
        function of true and predicted classes; of numbers as in :func:`encode`.
    keep_model, n_permutations, seed
        As in :func:`encode`; classes are permuted within the test sets of the folds, which
        keeps these as balanced as they were.

    Returns
    -------
    Scores, axes (layer, fold, unit)
        A unit for each kind of label. For classes ``scores.confusion`` has counts with the
        axes (layer, fold, label, predicted).

    Raises
    ------
    InputError
        If a class has fewer members than there are folds, labels are missing, or a classifier
        meets numbers that are no classes.
    """
    nouns, labels, folds = _rows_of(features, labels, as_folds(folds))
    names = nouns[0].stimuli
    table = _table(labels, names)
    joined = join_labels(nouns, table, "probe")
    groups = folds.group_of(names)
    null = null_of(n_permutations, len(names), seed, groups)
    notes = {"n_stimuli": len(names), **notes_of(model, null)}
    if not is_classifier(model):
        accuracy = accuracy or "pearson"
        measure = choose(accuracy, ACCURACIES, "accuracy")
        _check_numeric(table, model)
        parts = split(folds, names)
        settings = Settings(
            model, parts, measure, _name(accuracy), "layer", keep_model, null, notes
        )
        return cross_validate(joined, settings)
    accuracy = accuracy or "accuracy"
    known = choose(accuracy, CLASS_ACCURACIES, "accuracy")
    measure = of_predictions(accuracy) if callable(accuracy) else known
    each = []
    for column in table.columns:
        classes = _classes(table[column], column)
        parts = split(folds, names, classes)
        within = _within_folds(parts, groups, len(names))
        null = null_of(n_permutations, len(names), seed, within)
        settings = Settings(
            model, parts, measure, _name(accuracy), "layer", keep_model, null, notes
        )
        each.append(_classify(joined, classes, str(column), settings))
    return _beside(each)


def _within_folds(parts: Any, groups: np.ndarray | None, n_rows: int) -> np.ndarray | None:
    """Where labels may be exchanged: inside each test fold (and group).

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


def _classify(joined: Joined, classes: np.ndarray, label: str, settings: Settings) -> Scores:
    n_train = min(len(train) for train, _ in settings.folds)
    roads = [plan(settings.model, source, len(joined.names)) for source in joined.sources]
    for road in roads:
        check_components(road, n_train)
        if settings.keep_model:
            road.source.check_values("keep_model=True")
    known = np.unique(classes)
    values, tables, models, reached, maxima = [], [], [], [], []
    for road in roads:
        found = Parallel()(
            delayed(_fold)(road, classes, fold, settings, known) for fold in settings.folds
        )
        values.append([score for score, _, _ in found])
        tables.append([counts for _, counts, _ in found])
        if settings.null:
            null = np.mean([under for _, _, under in found], axis=0)
            reached.append((~(null < np.mean(values[-1]) - 1e-12)).sum())
            maxima.append(null)
        if settings.keep_model:
            rows = np.arange(len(classes))
            models.append(fit_whole(road, rows, classes, pd.DataFrame({"label": [label]})))
        road.source.forget()
    layers = source_labels(joined.sources, settings.axis)
    layers = layers.assign(road=[r.name for r in roads], why=[r.why for r in roads])
    rows = [(i, len(train), len(test)) for i, (train, test) in enumerate(settings.folds)]
    axes = {
        settings.axis: layers,
        "fold": pd.DataFrame(rows, columns=["fold", "n_train", "n_test"]),
    }
    numbers = np.array(values)[:, :, None]
    kept: dict[str, Any] = {"confusion": _confusion(tables, axes, known)}
    if settings.keep_model:
        kept["models"] = models
    columns = {}
    if settings.null:
        columns = p_columns(
            numbers.mean(1), np.array(reached)[:, None], np.max(np.array(maxima), axis=0)
        )
    axes = {**axes, "unit": pd.DataFrame({"target": [label]})}
    return Scores(numbers, axes, settings.metric, columns, settings.notes, kept)


def _fold(road: Road, classes: np.ndarray, fold: Any, settings: Settings, known: np.ndarray):
    train, test = fold
    prepared: Any = road.prepare(train, test)
    fitted = prepared.fit(classes[train])
    score = settings.measure(classes[test], fitted, prepared.test)
    counts = confusion(classes[test], fitted.predict(prepared.test), known)
    return score, counts, _under_null(prepared, classes, fold, settings)


def _under_null(prepared: Any, classes: np.ndarray, fold: Any, settings: Settings):
    null: Null | None = settings.null
    if null is None:
        return None
    train, test = fold
    return np.array(
        [
            settings.measure(
                classes[order][test], prepared.fit(classes[order][train]), prepared.test
            )
            for order in null.orders
        ]
    )


def _confusion(tables: list[Any], axes: Mapping[str, pd.DataFrame], known: np.ndarray) -> Scores:
    return Scores(
        np.array(tables),
        {
            **axes,
            "label": pd.DataFrame({"label": known}),
            "predicted": pd.DataFrame({"predicted": known}),
        },
        "count",
    )


def _beside(each: Sequence[Scores]) -> Scores:
    if len(each) == 1:
        return each[0]
    return Scores.concat([one.replace(kept=None) for one in each], "unit")


def _rows_of(features: Any, labels: Any, folds: Folds) -> tuple[list[Any], Any, Folds]:
    """Trials as rows of their own, with their runs as groups."""
    if not isinstance(features, Trials):
        return one_or_more(features, "probe"), labels, folds
    if features.times is not None:
        raise InputError("probe: these trials have a time axis; choose one with trials.at(time).")
    names = [f"trial {i}" for i in range(features.n_trials)]
    responses = Responses(features.values, names, features.units, features.labels)
    if isinstance(labels, Mapping):
        known = {str(name): label for name, label in labels.items()}
        positions(list(known), list(dict.fromkeys(features.stimuli)), "probe: labels")
        labels = [known[name] for name in features.stimuli]
    if folds.groups is None and features.runs is not None:
        folds = Folds(folds.splitter, [str(run) for run in features.runs])
    return [responses], labels, folds


def _table(labels: Any, names: Names) -> pd.DataFrame:
    if isinstance(labels, Responses):
        rows = positions(labels.stimuli, names, "probe: labels")
        columns = (
            labels.units.astype(str).agg(" ".join, axis=1) if len(labels.units.columns) else None
        )
        return pd.DataFrame(labels.numpy()[rows], columns=columns)
    if isinstance(labels, Mapping):
        known = {str(name): label for name, label in labels.items()}
        positions(list(known), names, "probe: labels")
        return pd.DataFrame({"label": [known[name] for name in names]})
    table = labels if isinstance(labels, pd.DataFrame) else pd.DataFrame({"label": list(labels)})
    if len(table) != len(names):
        raise InputError(f"probe: there are {len(names)} stimuli but {len(table)} labels.")
    if table.isna().any(axis=None):
        raise InputError(
            f"probe: labels are missing for {int(table.isna().any(axis=1).sum())} stimuli: "
            f"{listed(np.asarray(names)[table.isna().any(axis=1).to_numpy()])}."
        )
    return table.reset_index(drop=True)


def _classes(column: pd.Series, name: Any) -> np.ndarray:
    found = column.to_numpy()
    if found.dtype.kind == "f" and not np.array_equal(found, np.round(found)):
        raise InputError(
            f"probe: {name!r} holds numbers that are no classes, but the model is a classifier. "
            "Take a regressor, or cut the numbers into classes first."
        )
    found = found.astype(str) if found.dtype.kind in "OUT" else found
    if len(np.unique(found)) < 2:
        raise InputError(f"probe: {name!r} has one class only, {found[0]!r}.")
    return found


def _check_numeric(table: pd.DataFrame, model: Any) -> None:
    words = [str(c) for c in table.columns if table[c].dtype.kind not in "fiub"]
    if words:
        raise InputError(
            f"probe: {listed(words)} hold classes, but {type(model).__name__} predicts numbers. "
            "Take a classifier, such as make_pipeline(PCA(50), LogisticRegression())."
        )


def _name(accuracy: Any) -> str:
    return accuracy if isinstance(accuracy, str) else getattr(accuracy, "__name__", "score")
