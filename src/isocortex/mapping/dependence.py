"""What rows have to do with one another, as far as it spoils a permutation test."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from isocortex.data.gram import Gram
from isocortex.errors import warn
from isocortex.mapping.feature_source import Source
from isocortex.mapping.permutation import Null
from isocortex.numerics.chance.series import inflation, lag_one, lag_one_of_gram, runs_of

ROUNDING = 1e-6
"""Passes of one image in other batches differ by so much of the largest activation."""

INFLATED = 1.2
"""A correlation with so much more variance is beyond .05 in 7 of 100 unrelated series."""


def same_features(sources: Sequence[Source]) -> Callable[[np.ndarray], bool]:
    """Whether the features of some layer are the same throughout each of given groups."""

    def asked(groups: np.ndarray) -> bool:
        members = runs_of(len(groups), groups)
        if all(len(rows) == 1 for rows in members):
            return False
        return any(_same(source, members) for source in sources)

    return asked


def warn_of_series(
    null: Null | None, y: np.ndarray, sources: Sequence[Source], groups: np.ndarray | None
) -> None:
    """Warn where rows are exchanged that follow one another in time.

    Parameters
    ----------
    null : Null or None
    y : array, shape (n_rows, n_targets)
        Of classes: a column for each, of zeros and ones.
    sources : sequence of Source
    groups : integer array, shape (n_rows,), optional
        Runs; no pair of neighbours spans two.
    """
    if null is None or null.kind != "rows" or len(y) < 3:
        return
    n = len(y)
    of_y = float(np.mean(lag_one(y, groups)))
    # The features are read only where the targets do not decide it.
    if inflation(of_y, 1.0, n) < INFLATED:
        return
    of_x = max(_lag_of(source, y, groups) for source in sources)
    if inflation(of_x, of_y, n) < INFLATED:
        return
    warn(
        f"rows that follow one another are alike (autocorrelation at lag 1: {of_x:.2f} of what "
        f"predicts, {of_y:.2f} of what is predicted), but permutations exchange them freely: "
        "p-values come out too small. For time series give permutations="
        'ic.Permutation(1000, null="circular"); for stimuli sorted by category give these as '
        "groups, folds=ic.Folds(GroupKFold(5), categories)."
    )


def _lag_of(source: Source, y: np.ndarray, groups: np.ndarray | None) -> float:
    """Of the features, each by its variance; of labels, of what they leave of the features."""
    classes = None
    if set(np.unique(y)) <= {0.0, 1.0} and (y.sum(1) == 1).all():
        classes = runs_of(len(y), y.argmax(1))
    if isinstance(source.noun, Gram) or source.n_features >= len(y):
        gram = source.gram[np.ix_(source.rows, source.rows)]
        return lag_one_of_gram(_without_means(_without_means(gram, classes).T, classes), groups)
    gram = np.zeros((len(y), len(y)))
    for block in _blocks(source):
        rest = _without_means(block - block.mean(0), classes)
        gram += rest @ rest.T
    return lag_one_of_gram(gram, groups)


def _without_means(values: np.ndarray, classes: list[np.ndarray] | None) -> np.ndarray:
    if classes is None:
        return values
    rest = values.copy()
    for rows in classes:
        rest[rows] -= values[rows].mean(0)
    return rest


def _same(source: Source, members: list[np.ndarray]) -> bool:
    if isinstance(source.noun, Gram):
        gram = source.gram[np.ix_(source.rows, source.rows)]
        size = np.diag(gram)
        apart = size[:, None] + size - 2 * gram  # squared distances, (n_rows, n_rows)
        return all(
            (apart[rows[0], rows] <= ROUNDING**2 * size.max() + 1e-14 * size.max()).all()
            for rows in members
        )
    return all(
        (np.abs(block[rows] - block[rows[0]]) <= ROUNDING * np.abs(block).max()).all()
        for block in _blocks(source)
        for rows in members
    )


def _blocks(source: Source) -> Iterator[np.ndarray]:
    return (block for _, block in source.blocks(np.arange(len(source.rows))))
