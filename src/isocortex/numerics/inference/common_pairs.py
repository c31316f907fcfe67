"""Comparisons of RDMs that lack pairs: each two over the pairs of stimuli that both have."""

from collections.abc import Iterator, Mapping

import numpy as np

from isocortex.arrays import n_of_pairs, pairs_of
from isocortex.errors import UndefinedError
from isocortex.numerics.arrays.ranks import midranks
from isocortex.numerics.inference.products import Stack, similarities
from isocortex.numerics.measures.comparison import (
    JOINT,
    POOLINGS,
    Comparison,
    pooling,
    whitened_correlation,
    whitened_cosine,
)

FEWEST_PAIRS = 3
"""So many pairs must two RDMs have in common: those of three stimuli."""

_WHITENED: Mapping[Comparison, str] = {
    whitened_cosine: "whitened_cosine",
    whitened_correlation: "whitened_correlation",
}


def on_common_pairs(function: Comparison, models: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Compare RDMs with gaps (NaN), each model and data RDM over the pairs that both have.

    Whitened comparisons take the covariance of the pairs that are there. Comparisons that take
    several models together go over the pairs of all models.

    Parameters
    ----------
    function : callable
        A comparison of complete rows.
    models, data : array, shape (n_models, n_pairs), (n_data, n_pairs)

    Returns
    -------
    array, shape (n_models, n_data)

    Raises
    ------
    UndefinedError
        If an RDM is constant over these pairs, with its row and side.
    """
    found = np.empty((len(models), len(data)))
    known_models = np.isfinite(models)
    # Models that are judged together need the same pairs.
    if function in JOINT:
        known_models = np.broadcast_to(known_models.all(0), known_models.shape)
    for first, of_models in patterns(known_models):
        for second, of_data in patterns(np.isfinite(data)):
            common = of_models & of_data
            try:
                some = _compared(function, models[first], data[second], common)
            except UndefinedError as error:
                # Rows of this part, told as rows of what was given.
                rows = {"models": first, "data": second}.get(error.side)
                places = list(error.rows) if rows is None else rows[list(error.rows)].tolist()
                said = f"{error} over the {common.sum()} pairs in common"
                raise UndefinedError(said, places, error.side) from None
            found[np.ix_(first, second)] = some
    return found


def common_counts(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    """How many pairs each model and data RDM have in common, shape (n_models, n_data)."""
    first, second = (np.isfinite(each).astype(np.float64) for each in (models, data))
    return (first @ second.T).round().astype(np.intp)


def scaled_with_gaps(function: Comparison, rows: np.ndarray) -> np.ndarray:
    """Rows on a common scale for their mean, as ``pooling`` does for complete ones.

    A row of fewer pairs counts for each of its pairs as much as a complete one: lengths are over
    the root of the number of pairs, ranks over the number of pairs.
    """
    scaled = np.full(rows.shape, np.nan)
    for members, known in patterns(np.isfinite(rows)):
        n = int(known.sum())
        if function in _WHITENED:
            part = _whitened_unit(function, rows[members], known)
        else:
            part = pooling(function)(rows[np.ix_(members, known)])
        if pooling(function) is midranks:
            # Ranks among fewer pairs are stretched to the range of all.
            part = (part - 0.5) * (rows.shape[1] / n)
        elif function in POOLINGS:
            # Unit length over n pairs becomes mean square 1, so that no RDM counts for more.
            part = part * np.sqrt(n)
        scaled[np.ix_(members, known)] = part
    return scaled


def mean_of_known(function: Comparison, scaled: np.ndarray) -> np.ndarray:
    """Mean over the scaled rows that have a pair, shape (1, n_pairs); NaN where none has."""
    known = np.isfinite(scaled)
    total = np.where(known, scaled, 0.0).sum(0, keepdims=True)
    return mean_of_sums(function, total, known.sum(0, keepdims=True))


def mean_of_sums(function: Comparison, totals: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The same from sums over the rows that have a pair, and how many these are."""
    mean = np.where(counts > 0, totals / np.maximum(counts, 1), np.nan)
    # Equal means of ranks are ties, which rounding must not break.
    return mean.round(9) if pooling(function) is midranks else mean


def patterns(known: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows that have the same pairs, and which pairs these are."""
    if known.all():
        yield np.arange(len(known)), np.ones(known.shape[1], dtype=bool)
        return
    kinds, which = np.unique(known, axis=0, return_inverse=True)
    for kind, pattern in enumerate(kinds):
        yield np.flatnonzero(which.reshape(-1) == kind), pattern


def of_all_pairs(known: np.ndarray) -> bool:
    """Whether pairs are all those of some of the stimuli."""
    n = n_of_pairs(len(known))
    i, j = pairs_of(n)
    n_seen = len(np.union1d(i[known], j[known]))
    return int(known.sum()) == n_seen * (n_seen - 1) // 2


def _compared(
    function: Comparison, models: np.ndarray, data: np.ndarray, common: np.ndarray
) -> np.ndarray:
    if function in _WHITENED and not of_all_pairs(common):
        return _whitened(function, models, data, common)
    return np.asarray(function(models[:, common], data[:, common]))


def _whitened(
    function: Comparison, models: np.ndarray, data: np.ndarray, common: np.ndarray
) -> np.ndarray:
    values = np.where(common, np.concatenate([models, data]), np.nan)
    n = n_of_pairs(values.shape[1])
    places = np.arange(len(values))
    first, second = places[: len(models)], places[len(models) :]
    found = similarities(values, np.ones((1, n)), _WHITENED[function], first, second)[0]
    for side, flat in (("models", np.isnan(found).all(1)), ("data", np.isnan(found).all(0))):
        if flat.any():
            raise UndefinedError(
                "the comparison is undefined for RDMs that are constant (or zero)",
                np.flatnonzero(flat).tolist(),
                side,
            )
    return found


def _whitened_unit(function: Comparison, rows: np.ndarray, known: np.ndarray) -> np.ndarray:
    stack = Stack(np.where(known, rows, np.nan), _WHITENED[function])
    places, once = np.arange(len(rows)), np.ones((1, stack.n_stimuli))
    own = stack.products(once, places, places, known).first[0]
    return stack.values[:, known] / np.sqrt(np.where(own > 0, own, np.nan))[:, None]
