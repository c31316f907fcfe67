"""The distances of many neighbourhoods at once: what is gathered, and what is made of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.choice import choose
from isocortex.data.trials import condition_means
from isocortex.errors import InputError
from isocortex.numerics.local.distances import (
    LOCAL_DISTANCES,
    LocalDistance,
    across_partitions,
)
from isocortex.numerics.measures.dissimilarity import DISSIMILARITIES
from isocortex.numerics.pairs.crossnobis import cell_means, proportional, take_shared
from isocortex.rsa.condition_patterns import Patterns, patterns_of
from isocortex.rsa.crossvalidated import TRIAL_DISSIMILARITIES, WHITENED
from isocortex.searchlights.analysis import Data, Plain


@dataclass(frozen=True, eq=False)
class Distances:
    """One kind of distance between the conditions of one recording."""

    names: tuple[str, ...]
    """Of the conditions, in the order of the distances."""
    width: int
    """Numbers that are gathered for each row."""
    local: LocalDistance | None = None
    """From patterns, (n_patches, n_rows, n_conditions)."""
    weights: np.ndarray | None = None
    """Of partitions, where distances are over pairs of them."""
    function: Any = None
    """A distance of trials, which takes neighbourhoods in place of times."""
    shared: Patterns | None = None

    def of_patches(self, data: Data, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Distances (n_patches, n_pairs) and which are not resolved; None if only plainly."""
        if self.local is None and self.weights is None and self.function is None:
            return None
        patterns = np.take(data.gathered, rows, axis=0)
        if self.local is not None:
            return self.local(patterns)
        if self.weights is not None:
            # (n_patches, n_rows, n_partitions, n_conditions)
            cells = patterns.reshape(*patterns.shape[:2], len(self.weights), -1)
            d = across_partitions(cells, self.weights)
        else:
            assert self.shared is not None
            # Neighbourhoods take the place of times: (n_patches, n_trials, n_rows).
            values = np.ascontiguousarray(np.swapaxes(patterns, 1, 2))
            d = self.function(Patterns(values, *_parts(self.shared)))
        least, most = d.min(1), d.max(1)
        # Constant to rounding: no correlation with it is resolved.
        flat = ~(most - least > 1e-9 * np.maximum(np.abs(least), np.abs(most)))
        return d, flat


def distances_of(plain: Plain, dissimilarity: Any, noise: Any) -> tuple[Distances, np.ndarray]:
    """How distances of this kind are made, and the rows that they are gathered from.

    Raises
    ------
    InputError
        If the kind is not known, or noise is asked for where there is none.
    """
    if not plain.are_trials:
        return _of_responses(plain, dissimilarity, noise)
    function = choose(dissimilarity, TRIAL_DISSIMILARITIES, "dissimilarity")
    if noise is not None and function not in WHITENED:
        raise InputError(
            "searchlight: noise= is for 'crossnobis', 'mahalanobis' and "
            "'crossvalidated_correlation'."
        )
    if not (noise is None or isinstance(noise, str) or _knows_its_units(noise)):
        raise InputError(
            "searchlight: each neighbourhood takes the noise of its own units, by name, but noise= "
            "has no names of units. Give noise_covariance(trials), Noise(array, "
            "units=recording.units), or 'ledoit_wolf' or 'diagonal'."
        )
    trials: Any = plain.part(np.arange(plain.n_times))
    patterns = patterns_of(trials, None, False)
    n_trials = len(plain.stimuli)
    if noise is not None or function not in TRIAL_DISSIMILARITIES.values():
        return Distances(patterns.names, n_trials), plain.unit_major(plain.values[:0])
    local = _local(function, TRIAL_DISSIMILARITIES)
    if local is not None:
        means = condition_means(plain.values, plain.stimuli, patterns.names)[0]
        rows = _for(local, plain.unit_major(means))
        return Distances(patterns.names, len(means), local), rows
    counts = _counts(patterns)
    # In equal shares, distances over pairs of partitions need the means of cells alone.
    if function is TRIAL_DISSIMILARITIES["crossnobis"] and proportional(counts):
        rows = _cells(plain, patterns, counts)
        weights = counts.sum(1)
        return Distances(patterns.names, rows.shape[1], None, weights), rows
    rows = plain.unit_major(plain.values)
    return Distances(patterns.names, n_trials, None, None, function, patterns), rows


def _knows_its_units(noise: Any) -> bool:
    return hasattr(noise, "ch_names") or getattr(noise, "units", None) is not None


def _of_responses(plain: Plain, dissimilarity: Any, noise: Any) -> tuple[Distances, np.ndarray]:
    if noise is not None:
        raise InputError(
            "searchlight: RSA(noise=...) is for Trials (mahalanobis, crossnobis ...), but the "
            "recording is Responses."
        )
    function = choose(dissimilarity, DISSIMILARITIES, "dissimilarity")
    local = _local(function, DISSIMILARITIES)
    if local is None:
        return Distances(plain.stimuli, len(plain.stimuli)), plain.unit_major(plain.values[:0])
    rows = _for(local, plain.unit_major(plain.values))
    return Distances(plain.stimuli, len(plain.stimuli), local), rows


def _local(function: Any, known: Any) -> LocalDistance | None:
    return next((LOCAL_DISTANCES[n] for n in LOCAL_DISTANCES if known[n] is function), None)


def _for(local: LocalDistance, rows: np.ndarray) -> np.ndarray:
    """Less the mean over conditions where that changes no distance but saves digits; in place."""
    if local in (LOCAL_DISTANCES["squared_euclidean"], LOCAL_DISTANCES["euclidean"]):
        rows -= rows.mean(1, keepdims=True)
    return rows


def _counts(patterns: Patterns) -> np.ndarray:
    if patterns.partition is None:
        return np.zeros((1, len(patterns.names)))
    counts = np.zeros((int(patterns.partition.max()) + 1, len(patterns.names)))
    np.add.at(counts, (patterns.partition, patterns.condition), 1.0)
    return counts


def _cells(plain: Plain, patterns: Patterns, counts: np.ndarray) -> np.ndarray:
    """Mean of each condition in each partition, shape (n_units * n_times, partitions * C)."""
    assert patterns.partition is not None
    flat = np.asarray(plain.values, dtype=np.float64).reshape(1, len(plain.stimuli), -1)
    cells = take_shared(cell_means(flat, patterns.condition, patterns.partition)[0], counts)
    return plain.unit_major(cells.reshape(-1, *plain.values.shape[1:]))


def _parts(shared: Patterns) -> tuple[Any, ...]:
    return shared.condition, shared.partition, shared.names, shared.runs, None
