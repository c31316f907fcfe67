"""Probing: what can be read out of a layer or a region, classes or numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from isocortex.choice import choose, named
from isocortex.data.scores import Scores
from isocortex.errors import InputError
from isocortex.mapping.alignment import join_labels
from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.classify import classify, know_labels, tested_in
from isocortex.mapping.crossval import Settings, cross_validate, notes_of
from isocortex.mapping.dependence import same_features, warn_of_series
from isocortex.mapping.folds import split
from isocortex.mapping.labels import check_numeric, classes_of, label_rows, label_table
from isocortex.mapping.leaks import Leaks, repeated
from isocortex.mapping.models.translate import tells_classes, translate
from isocortex.mapping.permutation import Permutation, Rows, as_permutation, null_of
from isocortex.mapping.pooled_scores import pooled_measure
from isocortex.numerics.chance.exchange import codes_of
from isocortex.numerics.measures.accuracy import ACCURACIES
from isocortex.numerics.measures.class_accuracy import CLASS_ACCURACIES, of_predictions


def probe(  # noqa: PLR0913
    features: Any,
    labels: Any,
    model: Any,
    *,
    folds: Any = None,
    accuracy: Any = None,
    pooled: bool = False,
    keep_model: bool = False,
    permutations: int | Permutation = 0,
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
    folds : int, splitter, Folds or list of (train, test) rows, optional
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
    keep_model, permutations, n_permutations, seed
        As in :func:`encode`; classes are permuted within the test sets of the folds where they
        differ there, which keeps these as balanced as they were.

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
    translated, tells = translate(model), tells_classes(model)
    given = label_rows(features, labels, folds, tells)
    folds, names = given.folds, given.nouns[0].stimuli
    table = label_table(given.labels, names)
    joined = join_labels(given.nouns, table, "probe")
    groups = folds.group_of(names)
    asked = as_permutation(permutations, n_permutations, seed)
    same = same_features(joined.sources)

    def settings(measure: Any, name: str, parts: list[Fold], rows: Rows, y: Any) -> Settings:
        null = null_of(asked, rows)
        warn_of_series(null, y, joined.sources, groups)
        notes = {"n_stimuli": len(names), **notes_of(model, null)}
        leaks = Leaks(parts, names, y, tells)
        label = y.argmax(1) if leaks.classes else y[:, 0]
        leaks.found.extend(repeated(parts, given.stimuli, label, leaks.classes))
        first = (translated, parts, measure, name, "layer", keep_model, null, notes, groups)
        return Settings(*first, pooled, leaks)

    if not tells:
        accuracy = accuracy or "pearson"
        measure = choose(accuracy, ACCURACIES, "accuracy")
        measure = pooled_measure(accuracy) if pooled else measure
        check_numeric(table, model)
        rows = Rows(codes_of(joined.y), groups, same_features=same)
        parts = split(folds, names)
        return cross_validate(
            joined, settings(measure, named(accuracy, "score"), parts, rows, joined.y)
        )
    if pooled:
        raise InputError(
            f"probe: pooled=True is for numbers, but {type(model).__name__} tells classes. The "
            "share of right answers of all folds together is the mean over folds of equal size."
        )
    accuracy = accuracy or "accuracy"
    measure = choose(accuracy, CLASS_ACCURACIES, "accuracy")
    measure = of_predictions(accuracy) if callable(accuracy) else measure
    each = []
    for column in table.columns:
        classes = classes_of(table[column], column)
        parts = split(folds, names, classes)
        codes = np.unique(classes, return_inverse=True)[1]
        tests, knows = tested_in(parts, len(names)), know_labels(folds.splitter)
        rows = Rows(codes, groups, tests, knows, same_features=same)
        one_hot = np.eye(codes.max() + 1)[codes]
        how = settings(measure, named(accuracy, "score"), parts, rows, one_hot)
        each.append(classify(joined, classes, str(column), how))
    return _beside(each)


def _beside(each: Sequence[Scores]) -> Scores:
    if len(each) == 1:
        return each[0]
    return Scores.concat([one.replace(kept=None) for one in each], "unit")
