"""Encoding and decoding: from features to the recording, and from the recording to features."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from isocortex.choice import named
from isocortex.data.layers_of import Layers
from isocortex.data.needs import door
from isocortex.data.scores import Scores
from isocortex.data.trials import Trials
from isocortex.deprecated import old_arguments
from isocortex.errors import InputError
from isocortex.mapping.alignment import Joined, join
from isocortex.mapping.crossval import CrossValidation, measure_of
from isocortex.mapping.default_folds import folds_of_stimuli
from isocortex.mapping.dependence import same_features, warn_of_series
from isocortex.mapping.fixed_alignment import join_sets, mirrored
from isocortex.mapping.fixed_sets import FixedSets
from isocortex.mapping.folds import Folds, FoldsLike, as_folds, split
from isocortex.mapping.models.base import Model
from isocortex.mapping.models.translate import tells_classes, translate
from isocortex.mapping.old_arguments import PERMUTATIONS, SETS, as_fixed_sets
from isocortex.mapping.permutation import (
    Null,
    Permutation,
    Rows,
    as_permutation,
    for_series,
    null_of,
)
from isocortex.mapping.run_folds import series_rows, with_gap
from isocortex.numerics.chance.exchange import codes_of
from isocortex.numerics.measures.accuracy import Accuracy
from isocortex.progress import Shown
from isocortex.types import HasPrepare, Regressor

Recordings: TypeAlias = Layers | Trials | Iterable[Trials] | None
"""None where the two sets are recordings of their own: ``folds=FixedSets(...)``."""


@old_arguments({**PERMUTATIONS, **SETS}, as_fixed_sets)
@door
def encode(  # noqa: PLR0913
    features: Layers,
    recording: Recordings,
    model: Regressor | HasPrepare,
    *,
    folds: FoldsLike = None,
    accuracy: str | Accuracy = "pearson",
    pooled: bool = False,
    keep_model: bool = False,
    permutations: int | Permutation = 0,
    progress: Shown = None,
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
        repeats (with ``FixedSets``, training trials stay single).
    model : estimator
        ``OLS()``, ``PCR(100)``, ``Ridge(alphas)``, ``PLS(10)``, ``Univariate()``, or any
        scikit-learn regressor or pipeline; one of your own with ``prepare(view)`` is solved as
        ours are (see the page on encoding). It is cloned and left unfitted. What comes before
        the regression belongs in it, so that it sees the training stimuli alone:
        ``make_pipeline(StandardScaler(), PCA(100), RidgeCV(alphas))``. A PCA is exact here,
        whatever its solver, and the sign of its components is arbitrary.
    folds : int, scikit-learn splitter, Folds, FixedSets or list of (train, test) rows, optional
        An int (10 by default): neighbouring stimuli in the order of ``features``, not shuffled;
        where these are sorted by category give a splitter that shuffles. With Trials that have
        runs: by run (all by default, or so many folds of whole runs); runs that share a stimulus
        are one, and where all do, averages have no run and the default is 10 folds of stimuli.
        ``Folds(splitter, groups)``: one with groups, such as leave-one-run-out.
        ``FixedSets(train, test)``: these sets of stimuli, or of two recordings.
    accuracy : {"pearson", "spearman", "r2", "explained_variance"} or function, default="pearson"
        A function maps measured and predicted, both (n_test, n_units), to (n_units,).
    pooled : bool, default=False
        One score for each unit from all held-out predictions together, instead of one for each
        fold: better where test sets are small. Both sides are taken relative to the training
        mean of their fold, so that the mean of r and of r2 under the null is 0 (the formulas
        are on the page on encoding). For series, ``scores.notes["scores"]`` says which it is: the
        mean over folds and the score of the joined series may be far apart. A function gets all
        pairs as they are.
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
    progress : bool or function, optional
        True draws a bar; a function is told each fold and each permutation of each layer.

    Returns
    -------
    Scores, axes (layer, fold, unit), or (layer, unit) where ``pooled``
        Nothing is averaged yet. The table of layers has the labels, the ``solver`` and ``why``.
        Where a penalty is chosen, ``scores.columns["alpha"]`` has it for each fold and unit
        (pooled: the geometric mean over folds). Of a BandedRidge the spaces are one model:
        ``scores.columns`` have an axis of spaces (``scores.notes["spaces"]``) behind the others in
        ``share``, the part of R2 that each explains (they add up to R2, both sides centred within
        the test set, and may be negative), and ``mixture``, :math:`\\gamma` that was chosen.
        ``scores.models`` and ``scores.predicted`` are made when they are asked for.

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
        With the share of penalties chosen at an edge of the grid, from a quarter on, among
        targets that any penalty predicts.
    IsocortexWarning
        If p cannot reach .05, or p_fdr for want of permutations; if stimuli are permuted that
        look like a time series.

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
    joined, folds = _aligned(features, recording, folds, "encode")
    asked = _cross_validation(joined, folds, model, "encode", accuracy, pooled)
    null = _null(asked, permutations)
    return replace(asked, keep_model=keep_model, null=null, progress=progress).scores()


@old_arguments({**PERMUTATIONS, **SETS}, as_fixed_sets)
@door
def decode(  # noqa: PLR0913
    recording: Recordings,
    features: Layers,
    model: Regressor | HasPrepare,
    *,
    folds: FoldsLike = None,
    accuracy: str | Accuracy = "pearson",
    pooled: bool = False,
    keep_model: bool = False,
    permutations: int | Permutation = 0,
    progress: Shown = None,
) -> Scores:
    """Predict each network feature from a recording: the mirror of :func:`encode`.

    Parameters
    ----------
    recording : Responses or list of them, shape (n_stimuli, n_units)
        What the brain did; one model for each region. Trials as in :func:`encode`.
    features : Responses or list of them, shape (n_stimuli, n_features)
        What is predicted, for the same stimuli in any order; several layers stand side by
        side in the axis ``unit``, with their labels.
    model : estimator
        A regression from units to features, as in :func:`encode`.
    folds : int, scikit-learn splitter, Folds, FixedSets or list of (train, test) rows, optional
        Of the stimuli, as in :func:`encode`; an int cuts them in the order of ``recording``.
    accuracy : {"pearson", "spearman", "r2", "explained_variance"} or function, default="pearson"
        Of each feature on held-out stimuli, as in :func:`encode`.
    pooled : bool, default=False
        One score for each feature from all held-out predictions together.
    keep_model : bool, default=False
        Also keep ``scores.models`` and ``scores.predicted``, one for each region.
    permutations : int or Permutation, default=0
        How often, and how, to permute the features for the columns ``p``, ``p_fdr``, ``p_max``.
    progress : bool or function, optional
        True draws a bar; a function is told each fold and each permutation of each region.

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
    joined, folds = _aligned(recording, features, folds, "decode")
    asked = _cross_validation(joined, folds, model, "decode", accuracy, pooled)
    null = _null(asked, permutations)
    return replace(asked, keep_model=keep_model, null=null, progress=progress).scores()


def _aligned(first: Any, second: Any, folds: Any, who: str) -> tuple[Joined, Folds]:
    """What predicts and what is predicted in the same rows, and how these are split."""
    if isinstance(folds, FixedSets):
        if who == "encode":
            return join_sets(second, first, folds, who)[0], Folds(None)
        return mirrored(*join_sets(first, second, folds, who), who), Folds(None)
    joined = join(first, second, who)
    nouns = [
        n for side in (first, second) for n in (side if isinstance(side, list | tuple) else [side])
    ]
    asked = with_gap(as_folds(folds), [source.noun for source in joined.sources])
    return joined, folds_of_stimuli(asked, nouns, joined.names)


def _cross_validation(
    joined: Joined, folds: Folds, model: Any, who: str, accuracy: str | Accuracy, pooled: bool
) -> CrossValidation:
    fitted = for_numbers(model, who)
    measure = measure_of(accuracy, pooled)
    fixed, groups, series = joined.fold, None, None
    if fixed is None:
        parts, groups = split(folds, joined.names), folds.group_of(joined.names)
        series = series_rows(folds, joined.names, [each.noun for each in joined.sources])
    else:
        parts = [fixed]
    return CrossValidation(
        joined,
        model,
        fitted,
        parts,
        measure,
        named(accuracy, "score"),
        "layer" if who == "encode" else "region",
        groups,
        series=series,
        pooled=pooled,
        who=who,
    )


def _null(asked: CrossValidation, permutations: int | Permutation) -> Null | None:
    permutation = as_permutation(permutations)
    if permutation.n == 0:
        return None
    joined, groups = asked.joined, asked.groups
    permutation = for_series(permutation, asked.series)
    if groups is None and asked.series is not None:
        groups = asked.series.codes
    if joined.fold is not None:
        groups = np.zeros(len(joined.names), dtype=int)
        groups[joined.fold[1]] = 1
    stimuli = pd.factorize(pd.Series(joined.names))[0]
    rows = Rows(
        codes_of(joined.y),
        groups,
        # Single trials of one stimulus share its features, and stay together.
        units=stimuli if stimuli.max() + 1 < len(stimuli) else None,
        apart=joined.fold is not None,
        same_features=same_features(joined.sources),
    )
    null = null_of(permutation, rows)
    warn_of_series(null, joined.y, joined.sources, groups)
    return null


def for_numbers(given: Any, who: str) -> Model:
    """The model as it is fitted, which must not be one for classes.

    Raises
    ------
    InputError
    """
    model = translate(given)
    if tells_classes(given):
        raise InputError(f"{who} predicts numbers, but {type(given).__name__} is a classifier.")
    return model
