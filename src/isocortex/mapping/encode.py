"""Encoding and decoding: from features to the recording, and from the recording to features."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import choose, named
from isocortex.data.scores import Scores
from isocortex.errors import InputError
from isocortex.mapping.alignment import Joined, join
from isocortex.mapping.crossval import Settings, cross_validate, notes_of
from isocortex.mapping.default_folds import folds_of_stimuli
from isocortex.mapping.dependence import same_features, warn_of_series
from isocortex.mapping.fixed_alignment import join_sets, mirrored
from isocortex.mapping.folds import Folds, as_folds, split
from isocortex.mapping.models.translate import Translated, tells_classes, translate
from isocortex.mapping.permutation import Null, Permutation, Rows, as_permutation, null_of
from isocortex.mapping.pooled_scores import pooled_measure
from isocortex.numerics.chance.exchange import codes_of
from isocortex.numerics.measures.accuracy import ACCURACIES, Accuracy


def encode(  # noqa: PLR0913
    features: Any,
    recording: Any,
    model: Any,
    *,
    folds: Any = None,
    accuracy: str | Accuracy = "pearson",
    pooled: bool = False,
    keep_model: bool = False,
    permutations: int | Permutation = 0,
    n_permutations: int = 0,
    seed: int = 0,
    train: Any = None,
    test: Any = None,
) -> Scores:
    """Predict each unit of a recording from network features, on held-out stimuli.

    Rows meet by the names of stimuli; nothing need be sorted. A model that sees features only
    through inner products is fitted from the Gram matrix (solver ``"dual"``) or, where there are
    fewer features than stimuli, from the features (``"primal"``), with the same numbers; any
    other is fitted as it is (``"plain"``), in parallel under ``joblib.parallel_config``.

    Parameters
    ----------
    features : Responses, Gram, Store, or list of them, shape (n_stimuli, n_features)
        What the network did; one model for each layer. A Gram suffices for models that follow
        from inner products.
    recording : Responses or list of them, shape (n_stimuli, n_units)
        What the brain did, for the same stimuli in any order. Trials are averaged over
        repeats (with ``train`` or ``test``, training trials stay single).
    model : estimator
        ``OLS()``, ``PCR(100)``, ``Ridge(alphas)``, ``PLS(10)``, ``Univariate()``, or any
        scikit-learn regressor or pipeline; one of your own with ``prepare(view)`` is solved as
        ours are (see the page on encoding). It is cloned and left unfitted. What comes before
        the regression belongs in it, so that it sees the training stimuli alone:
        ``make_pipeline(StandardScaler(), PCA(100), RidgeCV(alphas))``. A PCA is exact here,
        whatever its solver, and the sign of its components is arbitrary.
    folds : int, scikit-learn splitter, Folds or list of (train, test) rows, optional
        An int (10 by default): neighbouring stimuli in the order of ``features``, not shuffled;
        where these are sorted by category give a splitter that shuffles. With Trials that have
        runs: by run (all by default, or so many folds of whole runs); runs that share a stimulus
        are one, and where all do, averages have no run and the default is 10 folds of stimuli.
        ``Folds(splitter, groups)``: one with groups, such as leave-one-run-out.
    accuracy : {"pearson", "spearman", "r2", "explained_variance"} or function, default="pearson"
        A function maps measured and predicted, both (n_test, n_units), to (n_units,).
    pooled : bool, default=False
        One score for each unit from all held-out predictions together, instead of one for each
        fold: better where test sets are small. Both sides are taken relative to the training
        mean of their fold, so that the mean of r and of r2 under the null is 0 (the formulas
        are on the page on encoding). A function gets all pairs as they are.
    keep_model : bool, default=False
        Also keep ``scores.models``, fitted to all stimuli (to the training set where that is
        fixed), and ``scores.predicted``, the held-out predictions; one for each layer.
    permutations : int or Permutation, default=0
        How often, and how, to permute the recording for the columns ``p``, ``p_fdr``
        (Benjamini-Hochberg) and ``p_max`` (largest score), the last two over all layers and
        units of the result, of the mean score over folds. A number: stimuli change places,
        within the groups of ``folds`` where there are any, or whole groups where nothing can be
        exchanged within them. Stimuli must not depend on one another:
        ``Permutation(1000, null="circular")`` is for time series. What was exchanged and how
        many different permutations there are is in ``scores.notes``.
    n_permutations, seed : int, default=0
        The same as ``permutations=Permutation(n_permutations, seed)``.
    train, test : names of stimuli, Responses or Trials, optional
        Fixed sets in place of ``folds``: names choose stimuli of ``recording``; a recording is
        used instead of it for that set. Repeats of test stimuli are averaged.

    Returns
    -------
    Scores, axes (layer, fold, unit), or (layer, unit) where ``pooled``
        Nothing is averaged yet. The table of layers has the labels, the ``solver`` and ``why``.
        Where a penalty is chosen, ``scores.columns["alpha"]`` has it for each fold and unit
        (pooled: the geometric mean over folds), of a BandedRidge also ``share_0``, ``share_1`` …

    Raises
    ------
    MisalignedError
        If the two do not have the same stimuli; those missing are listed.
    InputError
        If model, folds or accuracy cannot be used with these data; before any work.

    Warns
    -----
    IsocortexWarning
        Once, with their number, if units or their predictions are constant; their scores are
        NaN.
    SmallFoldsWarning
        If a test set has fewer than ten stimuli and ``pooled`` is not asked for.
    LeakWarning
        If test stimuli have near-copies among the training stimuli, by features or targets, or
        rows are a slow series and their neighbours are in training; with the number found.
    PenaltyWarning
        With the share of penalties chosen at an edge of the grid, from a quarter on.
    IsocortexWarning
        If p cannot reach .05, or stimuli are permuted that look like a time series.

    See Also
    --------
    decode : The mirror: features from a recording.
    probe : Labels instead of a recording.
    noise_ceiling, normalize : Scores as a share of what noise allows.
    plots.accuracy, plots.layers : Draw the scores.

    References
    ----------
    Naselaris, Kay, Nishimoto & Gallant (2011), Encoding and decoding in fMRI, NeuroImage
    56:400, https://doi.org/10.1016/j.neuroimage.2010.07.073

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(60)]
    >>> conv5 = ic.Responses(rng.normal(size=(60, 20)), names, labels={"layer": "conv5"})
    >>> voxels = conv5.numpy() @ rng.normal(size=(20, 3)) + rng.normal(size=(60, 3))
    >>> v4 = ic.Responses(voxels, names, labels={"region": "V4"})
    >>> scores = ic.encode(conv5, v4, ic.Ridge(np.logspace(-2, 3, 6)), folds=5)
    >>> scores.dims, scores.values.shape
    (('layer', 'fold', 'unit'), (1, 5, 3))
    >>> bool(scores.values.mean() > 0.8)
    True
    """
    if train is None and test is None:
        joined = join(features, recording, "encode")
        folds = _kept_together(folds, (features, recording), joined)
    else:
        joined, _ = join_sets(recording, features, train, test, who="encode")
    chance = as_permutation(permutations, n_permutations, seed)
    asked = Asked(model, folds, accuracy, pooled, keep_model, chance)
    return _scores(joined, asked, "layer")


def decode(  # noqa: PLR0913
    recording: Any,
    features: Any,
    model: Any,
    *,
    folds: Any = None,
    accuracy: str | Accuracy = "pearson",
    pooled: bool = False,
    keep_model: bool = False,
    permutations: int | Permutation = 0,
    n_permutations: int = 0,
    seed: int = 0,
    train: Any = None,
    test: Any = None,
) -> Scores:
    """Predict each network feature from a recording: the mirror of :func:`encode`.

    Parameters
    ----------
    recording : Responses or list of them, shape (n_stimuli, n_units)
        What the brain did; one model for each region. Trials as in :func:`encode`.
    features : Responses or list of them, shape (n_stimuli, n_features)
        What is predicted, for the same stimuli in any order; several layers stand side by
        side in the axis ``unit``, with their labels.
    model, folds, accuracy, pooled, keep_model, permutations, n_permutations, seed, train, test
        As in :func:`encode`.

    Returns
    -------
    Scores, axes (region, fold, unit), or (region, unit) where ``pooled``

    Raises
    ------
    MisalignedError
        If the two do not have the same stimuli; those missing are listed.
    InputError
        If model, folds or accuracy cannot be used with these data; before any work.

    See Also
    --------
    encode : The mirror: a recording from features.
    identification : Which stimulus was seen.
    hierarchy : Hierarchy scores from decoding accuracies.
    probe : Labels instead of features.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(60)]
    >>> voxels = rng.normal(size=(60, 30))
    >>> units = voxels @ rng.normal(size=(30, 4)) + rng.normal(size=(60, 4))
    >>> it = ic.Responses(voxels, names, labels={"region": "IT"})
    >>> fc6 = ic.Responses(units, names, labels={"layer": "fc6"})
    >>> scores = ic.decode(it, fc6, ic.Ridge(np.logspace(-2, 3, 6)), folds=5)
    >>> scores.dims, scores.values.shape
    (('region', 'fold', 'unit'), (1, 5, 4))
    """
    if train is None and test is None:
        joined = join(recording, features, "decode")
        folds = _kept_together(folds, (recording, features), joined)
    else:
        joined = mirrored(*join_sets(recording, features, train, test, who="decode"), "decode")
    chance = as_permutation(permutations, n_permutations, seed)
    asked = Asked(model, folds, accuracy, pooled, keep_model, chance)
    return _scores(joined, asked, "region")


def _kept_together(folds: Any, given: Sequence[Any], joined: Joined) -> Folds:
    nouns = [n for each in given for n in (each if isinstance(each, list | tuple) else [each])]
    return folds_of_stimuli(as_folds(folds), nouns, joined.names)


@dataclass(frozen=True, eq=False)
class Asked:
    """What encode or decode was asked for."""

    model: Any
    folds: Any
    accuracy: str | Accuracy
    pooled: bool
    keep_model: bool
    chance: Permutation


def _scores(joined: Joined, asked: Asked, axis: str) -> Scores:
    model = for_numbers(asked.model, {"layer": "encode", "region": "decode"}[axis])
    measure: Any = choose(asked.accuracy, ACCURACIES, "accuracy")
    if asked.pooled:
        measure = pooled_measure(asked.accuracy)
    n_rows = len(joined.names)
    if joined.fold is None:
        folds = as_folds(asked.folds)
        parts, groups = split(folds, joined.names), folds.group_of(joined.names)
        inner_groups = groups
    else:
        parts = [joined.fold]
        groups = np.zeros(n_rows, dtype=int)
        groups[joined.fold[1]] = 1
        inner_groups = None
    null = _null(joined, groups, asked.chance)
    settings = Settings(
        model,
        parts,
        measure,
        named(asked.accuracy, "score"),
        axis,
        asked.keep_model,
        null,
        {"n_stimuli": n_rows, **notes_of(asked.model, null)},
        inner_groups,
        asked.pooled,
    )
    return cross_validate(joined, settings)


def _null(joined: Joined, groups: np.ndarray | None, asked: Permutation) -> Null | None:
    if asked.n == 0:
        return None
    stimuli = pd.factorize(pd.Series(joined.names))[0]
    rows = Rows(
        codes_of(joined.y),
        groups,
        # Single trials of one stimulus share its features, and stay together.
        units=stimuli if stimuli.max() + 1 < len(stimuli) else None,
        apart=joined.fold is not None,
        same_features=same_features(joined.sources),
    )
    null = null_of(asked, rows)
    warn_of_series(null, joined.y, joined.sources, groups)
    return null


def for_numbers(given: Any, who: str) -> Translated:
    """The model as it is fitted, which must not be one for classes.

    Raises
    ------
    InputError
    """
    model = translate(given)
    if tells_classes(given):
        raise InputError(f"{who} predicts numbers, but {type(given).__name__} is a classifier.")
    return model
