"""Probing: what can be read out of a layer or a region, classes or numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from isocortex.choice import choose, named
from isocortex.data.layers_of import Layers
from isocortex.data.needs import door
from isocortex.data.scores import Scores
from isocortex.data.trials import Trials
from isocortex.deprecated import old_arguments
from isocortex.errors import InputError
from isocortex.mapping.alignment import join_labels
from isocortex.mapping.classify import classify, know_labels, tested_in
from isocortex.mapping.crossval import CrossValidation, measure_of
from isocortex.mapping.dependence import same_features, warn_of_series
from isocortex.mapping.folds import FoldsLike, split
from isocortex.mapping.labels import (
    LabelledRows,
    check_numeric,
    classes_of,
    label_rows,
    label_table,
)
from isocortex.mapping.leaks import repeated
from isocortex.mapping.models.translate import tells_classes, translate
from isocortex.mapping.old_arguments import PERMUTATIONS, as_permutations
from isocortex.mapping.permutation import Null, Permutation, Rows, as_permutation, null_of
from isocortex.numerics.chance.exchange import codes_of
from isocortex.numerics.measures.class_accuracy import CLASS_ACCURACIES, of_predictions
from isocortex.progress import Job, Shown
from isocortex.types import Classifier, Values


@old_arguments(PERMUTATIONS, as_permutations)
@door
def probe(  # noqa: PLR0913
    features: Layers | Trials,
    labels: str | Values | Mapping[str, Any],
    model: Classifier,
    *,
    folds: FoldsLike = None,
    accuracy: str | Callable[..., Any] | None = None,
    pooled: bool = False,
    keep_model: bool = False,
    permutations: int | Permutation = 0,
    progress: Shown = None,
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
    folds : int, splitter, Folds, FixedSets or list of (train, test) rows, optional
        An int: StratifiedKFold for classes, KFold for numbers; neither shuffled; 10 by default.
        Trials with runs: by run (all by default, or so many folds of whole runs). Trials whose
        labels come by stimulus (a mapping or Responses), of classes of several stimuli or
        numbers: by stimulus, since a stimulus once learnt is known again; runs stay whole too
        where they have stimuli of their own, and are on both sides where all share all.
    accuracy : str or function, optional
        Of classes: ``"accuracy"`` (default), ``"balanced_accuracy"``, ``"roc_auc"``, or a
        function of true and predicted classes; of numbers as in :func:`encode`.
    pooled : bool, default=False
        Of numbers, as in :func:`encode`. Not of classes, whose share of right answers is
        the same in the mean over equal folds.
    keep_model : bool, default=False
        Also keep ``scores.models``, one for each layer; of numbers ``scores.predicted`` as well.
    permutations : int or Permutation, default=0
        As in :func:`encode`; classes are permuted within the test sets of the folds where they
        differ there, which keeps these as balanced as they were.
    progress : bool or function, optional
        True draws a bar; a function is told each fold and each permutation of each layer.

    Returns
    -------
    Scores, axes (layer, fold, unit)
        A unit for each kind of label. For classes ``scores.confusion`` has counts with the
        axes (layer, fold, label, predicted).

    Raises
    ------
    InputError
        If a class has fewer members than there are folds, or one stimulus whose trials cannot
        be parted; if labels are missing, or a classifier meets numbers that are no classes.

    Warns
    -----
    LeakWarning
        If test trials are of stimuli that are in training, near-copies of these, or their
        neighbours in a slow series; with the number found.

    See Also
    --------
    encode, decode : A recording instead of labels.
    Folds : Splits by run or session.
    plots.accuracy : Draws the scores.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> import isocortex as ic
    >>> voxels = np.random.default_rng(0).normal(size=(40, 10))
    >>> voxels[::2, 0] += 4.0  # one voxel that likes faces
    >>> ffa = ic.Responses(voxels, labels={"region": "FFA"})
    >>> scores = ic.probe(ffa, ["face", "house"] * 20, LogisticRegression(), folds=4)
    >>> scores.metric, bool(scores.values.mean() > 0.9)
    ('accuracy', True)
    >>> int(scores.confusion.values.sum())
    40
    """
    fitted, tells = translate(model), tells_classes(model)
    permutation = as_permutation(permutations)
    rows = label_rows(features, labels, folds, tells)
    table = label_table(rows.labels, rows.nouns[0].stimuli)
    joined = join_labels(rows.nouns, table, "probe")
    groups = rows.folds.group_of(joined.names)
    asked = CrossValidation(joined, model, fitted, (), None, "", "layer", groups, keep_model)
    asked = replace(asked, progress=progress)
    if not tells:
        accuracy = accuracy or "pearson"
        measure = measure_of(accuracy, pooled)
        check_numeric(table, model)
        asked = replace(asked, measure=measure, metric=named(accuracy, "score"), pooled=pooled)
        return _of_numbers(asked, rows, permutation).scores()
    if pooled:
        raise InputError(
            f"probe: pooled=True is for numbers, but {type(model).__name__} tells classes. The "
            "share of right answers of all folds together is the mean over folds of equal size."
        )
    accuracy = accuracy or "accuracy"
    measure = choose(accuracy, CLASS_ACCURACIES, "accuracy")
    measure = of_predictions(accuracy) if callable(accuracy) else measure
    asked = replace(asked, measure=measure, metric=named(accuracy, "score"))
    ready = []
    for column in table.columns:
        classes = classes_of(table[column], column)
        now = _of_classes(asked, rows, classes, permutation)
        ready.append((now, classes, str(column)))
    total = sum(now.n_steps * len(joined.sources) for now, _, _ in ready)
    with Job(progress, "probe", total):
        each = [classify(*one) for one in ready]
    return _beside(each)


def _of_numbers(
    asked: CrossValidation, rows: LabelledRows, permutation: Permutation
) -> CrossValidation:
    """With the folds of numbers, and what is exchanged among them."""
    y = asked.joined.y
    asked = replace(asked, folds=split(rows.folds, asked.joined.names))
    exchanged = Rows(codes_of(y), asked.groups, same_features=same_features(asked.joined.sources))
    leaks = repeated(asked.folds, rows.stimuli, y[:, 0], False)
    return replace(asked, null=_null(asked, exchanged, y, permutation), leaks=leaks)


def _of_classes(
    asked: CrossValidation, rows: LabelledRows, classes: np.ndarray, permutation: Permutation
) -> CrossValidation:
    """With the folds of one kind of class, which may be stratified, and what is exchanged."""
    names, sources = asked.joined.names, asked.joined.sources
    asked = replace(asked, folds=split(rows.folds, names, classes))
    codes = np.unique(classes, return_inverse=True)[1]
    tests, knows = tested_in(asked.folds, len(names)), know_labels(rows.folds.splitter)
    same = same_features(sources)
    exchanged = Rows(codes, asked.groups, tests, knows, same_features=same)
    one_hot = np.eye(codes.max() + 1)[codes]  # (n_rows, n_classes)
    leaks = repeated(asked.folds, rows.stimuli, codes, True)
    return replace(asked, null=_null(asked, exchanged, one_hot, permutation), leaks=leaks)


def _null(
    asked: CrossValidation, rows: Rows, y: np.ndarray, permutation: Permutation
) -> Null | None:
    null = null_of(permutation, rows)
    warn_of_series(null, y, asked.joined.sources, asked.groups)
    return null


def _beside(each: Sequence[Scores]) -> Scores:
    if len(each) == 1:
        return each[0]
    return Scores.concat([one.replace(kept=None) for one in each], "unit")
